import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shareOf } from './cores.ts'

for (const [workers, cores, nice] of [
  [1, 1, 10],
  [2, 1, 10],
  [1, 2, 10],
  [2, 2, 19],
  [3, 4, 10],
  [4, 4, 19],
] as const) {
  test(`of ${workers} page workers on ${cores} cores each runs at nice ${nice}`, () => {
    assert.equal(shareOf(workers, cores).nice, nice)
  })
}

test('only workers that are on every core do with one helper thread of V8', () => {
  assert.deepEqual(shareOf(2, 2).flags, ['--v8-pool-size=1'])
  assert.deepEqual(shareOf(1, 2).flags, [])
})
