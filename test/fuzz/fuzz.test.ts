import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuzzAnswers } from './fuzz-answers.ts'
import { fuzzRequests } from './fuzz-requests.ts'
import { keysOf } from './random.ts'
import { faultsInFull, type Result } from './result.ts'

// The short form of `npm run fuzz`, always with the same cases: what is new is looked for there.
const SEED = 1
const answered = ({ cases }: Result) => cases.filter(each => each.outcome === '200').length

test('odd requests end no process, hang no client and poison no request', async () => {
  const result = await fuzzRequests(keysOf(SEED, 600))
  assert.equal(faultsInFull(result, 'requests'), '')
  assert.ok(answered(result) > 100, 'and most plain requests among them are answered')
})

test('odd answers end no process, hang no client and poison no request', async () => {
  const result = await fuzzAnswers(keysOf(SEED, 200))
  assert.equal(faultsInFull(result, 'answers'), '')
  assert.ok(answered(result) > 30, 'and the plain answers among them are passed on')
})
