import assert from 'node:assert/strict'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { test } from 'node:test'
import { createHistory } from './history.ts'
import { judge, type RequestFacts } from './outcome.ts'

const req = new IncomingMessage(new Socket())
const login = (rest: Partial<RequestFacts> = {}) =>
  judge({ route: 'login', req, status: 200, ms: 5, bytes: 100, ...rest })

/** A history whose clock the test turns; it begins at a full hour. */
function withClock() {
  const clock = { seconds: 1_800_000_000 }
  return { clock, history: createHistory(() => clock.seconds * 1000) }
}

test('logins are sorted by what became of them', () => {
  const { history } = withClock()
  const outcomes: Partial<RequestFacts>[] = [
    { status: 200 },
    { status: 303 },
    { status: 401 },
    { status: 429 },
    { status: 502, code: 'BACKEND_UNREACHABLE' },
    { status: 500 },
    { status: undefined, code: 'BACKEND_BROKE_OFF' },
    { status: undefined },
    { status: undefined, code: 'BAD_REQUEST' },
  ]
  for (const each of outcomes) history.count(login(each))
  const [bucket] = history.buckets()
  const { ok, refused, limited, failed, gone } = bucket ?? {}
  assert.deepEqual(
    { ok, refused, limited, failed, gone },
    { ok: 2, refused: 1, limited: 1, failed: 3, gone: 2 },
  )
})

test('a login proper that gets 404, 405, 415 or 421 found no login at the backend; it is no refused one', () => {
  const { history } = withClock()
  const wrong = [404, 405, 415, 421]
  const named = new IncomingMessage(new Socket())
  named.headers['x-request-id'] = 'id-1'
  for (const status of [...wrong, 200, 401, 400, 429, 502])
    history.count(login({ req: named, status, isLogin: true }))
  for (const status of wrong) history.count(login({ status }))
  const { ok, refused, misrouted, failed, posted } = history.buckets()[0] ?? {}
  assert.deepEqual({ ok, refused, misrouted, failed }, { ok: 1, refused: 6, misrouted: 4, failed: 1 })
  // all but the one that a limit refused
  assert.equal(posted, 8)
  assert.equal(history.lastMisrouted, 421)
  assert.deepEqual(
    history.notable.since(0).map(({ why, status }) => [why, status]),
    [...wrong.map(each => ['misrouted', each]), ['failed', 502]],
  )
})

test('what is no login is not counted', () => {
  const { history } = withClock()
  for (const route of ['page', 'health', 'egress', 'refused'] as const) history.count(login({ route }))
  assert.equal(history.buckets()[0]?.ok, 0)
})

test('it knows what the newest failure was', () => {
  const { history } = withClock()
  assert.equal(history.lastFailure, undefined)
  history.count(login({ status: 504, code: 'BACKEND_TIMEOUT' }))
  history.count(login())
  assert.equal(history.lastFailure, 'BACKEND_TIMEOUT')
})

test('percentiles are within 5 % of the truth, from a fraction of a millisecond to a minute', () => {
  for (const scale of [0.01, 1, 100]) {
    const { history } = withClock()
    const all = Array.from({ length: 1000 }, (_, i) => (i + 1) * scale * 0.6)
    // in no order
    for (let i = 0; i < 1000; i++) history.count(login({ ms: all[(i * 7) % 1000] ?? 0 }))
    const { p50, p99 } = history.buckets()[0] ?? {}
    assert.ok(Math.abs((p50 ?? 0) / (500 * scale * 0.6) - 1) < 0.05, `p50 ${p50} at scale ${scale}`)
    assert.ok(Math.abs((p99 ?? 0) / (990 * scale * 0.6) - 1) < 0.05, `p99 ${p99} at scale ${scale}`)
  }
})

test('no duration is too short or too long for it', () => {
  const { history } = withClock()
  history.count(login({ ms: 0 }))
  assert.ok((history.buckets()[0]?.p50 ?? 0) > 0)
  history.count(login({ ms: 1e9 }))
  assert.ok((history.buckets()[0]?.p99 ?? 0) > 100_000)
})

test('a client that left has no duration', () => {
  const { history } = withClock()
  history.count(login({ status: undefined }))
  assert.equal(history.buckets()[0]?.p50, null)
})

test('after 5 s the next bucket begins, and the one before keeps its figures', () => {
  const { history, clock } = withClock()
  history.count(login({ ms: 100 }))
  clock.seconds += 5
  history.count(login({ ms: 1 }))
  const [before, now] = history.buckets()
  assert.deepEqual([before?.at, before?.ok, now?.at, now?.ok], [1_800_000_000, 1, 1_800_000_005, 1])
  assert.ok((before?.p99 ?? 0) > 90 && (now?.p99 ?? 0) < 2)
})

test('a pause is empty buckets', () => {
  const { history, clock } = withClock()
  history.count(login())
  clock.seconds += 15
  assert.deepEqual(
    history.buckets().map(({ ok, p50 }) => [ok, p50 === null]),
    [
      [1, false],
      [0, true],
      [0, true],
      [0, true],
    ],
  )
})

test('it holds an hour, however long the front runs', () => {
  const { history, clock } = withClock()
  for (let i = 0; i < 2000; i++) {
    history.count(login())
    clock.seconds += 5
  }
  const all = history.buckets()
  assert.equal(all.length, 720)
  assert.equal(all.at(-1)?.at, clock.seconds)
  assert.equal(all[0]?.at, clock.seconds - 719 * 5)
  assert.deepEqual([all[0]?.ok, all.at(-2)?.ok, all.at(-1)?.ok], [1, 1, 0])
})

test('after a night without a login nothing of the evening is left', () => {
  const { history, clock } = withClock()
  history.count(login())
  clock.seconds += 8 * 3600
  assert.ok(history.buckets().every(({ ok, p50 }) => ok === 0 && p50 === null))
})

test('it goes on in new buckets while the wall clock is an hour behind, and the half minute ends', t => {
  let passed = 0
  const { now } = performance
  t.mock.method(performance, 'now', () => now.call(performance) + passed)
  const history = createHistory()
  history.count(login())
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() - 3_600_000 })
  passed += 40_000
  history.count(login())
  history.count(login())
  const buckets = history.buckets()
  assert.ok(buckets.length >= 9, `${buckets.length} buckets in 40 s`)
  assert.deepEqual([buckets[0]?.ok, buckets.at(-1)?.ok], [1, 2])
  history.recent.opened()
  passed += 40_000
  assert.equal(history.recent.of('upgrade').all, 0)
})
