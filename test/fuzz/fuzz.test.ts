import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuzzAnswers } from './fuzz-answers.ts'
import { fuzzRequests } from './fuzz-requests.ts'
import { keysOf } from './random.ts'
import { faultsInFull, type Result } from './result.ts'

/** Always the same cases, and some that nobody has seen before. */
const FIXED = 1
const RANDOM = Math.floor(Math.random() * 2 ** 31)
const keys = (count: number, from = 0) => [...keysOf(FIXED, count, from), ...keysOf(RANDOM, count, from)]

const answered = ({ cases }: Result) => cases.filter(each => each.outcome === '200').length

test(`odd requests end no process, hang no client and poison no request (seeds ${FIXED} and ${RANDOM})`, async () => {
  const result = await fuzzRequests(keys(300))
  assert.equal(faultsInFull(result, 'requests'), '')
  assert.ok(answered(result) > 100, 'and most plain requests among them are answered')
})

test(`odd answers end no process, hang no client and poison no request (seeds ${FIXED} and ${RANDOM})`, async () => {
  const result = await fuzzAnswers(keys(100, 450))
  assert.equal(faultsInFull(result, 'answers'), '')
  assert.ok(answered(result) > 30, 'and the plain answers among them are passed on')
})
