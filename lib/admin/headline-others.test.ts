import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertJapanese } from '../../test/words.ts'
import type { Outcome, RouteLabel } from '../observe/outcome.ts'
import { judge } from '../observe/outcome.ts'
import { createRecent } from '../observe/recent.ts'
import { failingOthers } from './headline-others.ts'

const outcome = (route: RouteLabel, status?: number): Outcome => judge({ route, status, ms: 5, bytes: 1 })

/** What is said after these requests, each so many times. */
function after(...requests: [times: number, route: RouteLabel, status: number | undefined][]) {
  const recent = createRecent(() => 1_800_000_000_000)
  for (const [times, route, status] of requests)
    for (let i = 0; i < times; i++) recent.count(outcome(route, status))
  const said = failingOthers(recent)
  if (!said) return undefined
  for (const words of [said.text, said.detail]) assertJapanese(words)
  return { ...said, text: said.text.en, detail: said.detail.en }
}

test('nothing, or all well, is fine; so is what the client got wrong or gave up', () => {
  assert.equal(after(), undefined)
  assert.equal(after([9, 'page', 200], [9, 'egress', 200], [9, 'api', 404]), undefined)
  assert.equal(after([20, 'page', undefined], [1, 'page', 200]), undefined)
})

test('the API is dead for the calls of pages, and nobody logs in: that is bad', () => {
  assert.deepEqual(after([10, 'egress', 502], [10, 'page', 500]), {
    level: 'bad',
    text: 'Every call of a page to the API fails.',
    detail: '10 of 10 in the last 30 s.',
    runbook: 'logins-fail',
  })
})

for (const [ok, failed, text] of [
  [1, 9, 'Most pages fail.'],
  [7, 7, '1 in 2 pages fails.'],
  [70, 10, '1 in 8 pages fails.'],
] as const) {
  test(`${failed} of ${ok + failed} pages fail: ${text}`, () => {
    const said = after([ok, 'page', 200], [failed, 'page', 503])
    assert.deepEqual([said?.text, said?.level], [text, 'bad'])
    assert.equal(said?.runbook, 'pages-are-503-and-logins-are-fine')
  })
}

test('a few failures of few are to be watched, a few of many are an app’s own errors', () => {
  assert.equal(after([10, 'api', 200], [2, 'api', 500])?.level, 'watch')
  assert.equal(after([100, 'page', 200], [4, 'page', 500]), undefined)
})

test('it is forgotten after half a minute', () => {
  let now = 1_800_000_000_000
  const recent = createRecent(() => now)
  for (let i = 0; i < 10; i++) recent.count(outcome('page', 500))
  now += 25_000
  recent.count(outcome('page', 200))
  assert.deepEqual(recent.of('page'), { all: 11, failed: 10 })
  now += 10_000
  assert.deepEqual(recent.of('page'), { all: 1, failed: 0 })
  now += 3_600_000
  assert.deepEqual(recent.of('page'), { all: 0, failed: 0 })
})
