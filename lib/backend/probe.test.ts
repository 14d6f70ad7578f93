import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeReaction } from './probe.ts'

test('what an address does is said in both languages', () => {
  for (const reaction of [
    { does: 'continues', ms: 1 },
    { does: 'answers', status: 417 },
    { does: 'answers', status: 404 },
    { does: 'nothing', cause: 'silence' },
    { does: 'unreachable', cause: 'ECONNREFUSED' },
  ] as const) {
    const { en, ja } = describeReaction(reaction)
    // what it is about has no other name
    assert.match(ja, /100-continue：.*[\p{sc=Hira}\p{sc=Han}]/u, en)
  }
})
