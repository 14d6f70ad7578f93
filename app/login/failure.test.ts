import assert from 'node:assert/strict'
import { test } from 'node:test'
import { messages } from '../_messages/messages.ts'
import { describeFailure, failureOfQuery, failureOfResponse } from './failure.ts'

const now = Date.parse('2026-01-01T00:00:00Z')

function front(status: number, retry: boolean): Response {
  return Response.json({ error: { code: 'X', message: 'x', retry }, requestId: 'r-1' }, { status })
}

function limited(retryAfter?: string): Response {
  return new Response(null, {
    status: 429,
    headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
  })
}

for (const [status, kind] of [
  [401, 'credentials'],
  [403, 'forbidden'],
  [400, 'form'],
  [413, 'form'],
  [415, 'form'],
] as const) {
  test(`status ${status} is the failure '${kind}'`, async () => {
    assert.deepEqual(await failureOfResponse(new Response(null, { status }), now), { kind })
  })
}

test('a 403 of the front is no matter of the account: the login came from another site', async () => {
  const error = { code: 'CROSS_SITE', message: 'x', retry: false }
  assert.deepEqual(
    await failureOfResponse(Response.json({ error, requestId: 'r-1' }, { status: 403 }), now),
    {
      kind: 'crossSite',
    },
  )
  for (const { failure } of [messages.ja, messages.en])
    assert.deepEqual(describeFailure({ kind: 'crossSite' }, failure), [failure.crossSite])
})

for (const [status, kind] of [
  [500, 'unexpected'],
  [502, 'badGateway'],
  [503, 'unavailable'],
  [504, 'timeout'],
] as const) {
  test(`status ${status} is the failure '${kind}', as safe to try again as the front says`, async () => {
    for (const safe of [true, false]) {
      assert.deepEqual(await failureOfResponse(front(status, safe), now), { kind, safe, requestId: 'r-1' })
    }
  })
}

test('a 502 that the front did not write is not known to be safe to try again', async () => {
  const response = new Response('<h1>Bad Gateway</h1>', { status: 502, headers: { 'x-request-id': 'r-2' } })
  assert.deepEqual(await failureOfResponse(response, now), {
    kind: 'badGateway',
    safe: false,
    requestId: 'r-2',
  })
})

test('a 503 that the front did not write is safe to try again', async () => {
  const failure = await failureOfResponse(new Response('', { status: 503 }), now)
  assert.deepEqual(failure, { kind: 'unavailable', safe: true, requestId: null })
})

test('Retry-After is read as seconds and as a date', async () => {
  const seconds = async (value?: string) => failureOfResponse(limited(value), now)
  assert.deepEqual(await seconds('90'), { kind: 'locked', seconds: 90 })
  assert.deepEqual(await seconds('Thu, 01 Jan 2026 00:02:00 GMT'), { kind: 'locked', seconds: 120 })
})

test('a Retry-After that is missing, past or unreadable gives no time', async () => {
  for (const value of [undefined, '0', 'Wed, 31 Dec 2025 23:59:00 GMT', 'soon']) {
    assert.deepEqual(await failureOfResponse(limited(value), now), { kind: 'locked', seconds: null })
  }
})

test('the query names only the failures that the API reports by it', () => {
  assert.deepEqual(failureOfQuery('locked'), { kind: 'locked', seconds: null })
  assert.deepEqual(failureOfQuery('credentials'), { kind: 'credentials' })
  for (const value of [undefined, '', 'network', '<b>', ['credentials', 'form']]) {
    assert.equal(failureOfQuery(value), null)
  }
})

test('the messages of a failure say whether it is safe to try again', () => {
  for (const { failure } of [messages.ja, messages.en]) {
    const timeout = { kind: 'timeout', requestId: null } as const
    assert.deepEqual(describeFailure({ ...timeout, safe: true }, failure), [failure.timeout, failure.safe])
    assert.deepEqual(describeFailure({ ...timeout, safe: false }, failure), [failure.timeout, failure.unsure])
  }
})

test('the messages of a lock round the time up to whole minutes', () => {
  const english = (seconds: number | null) =>
    String(describeFailure({ kind: 'locked', seconds }, messages.en.failure))
  assert.match(english(1), /in 1 second\./)
  assert.match(english(59), /in 59 seconds\./)
  assert.match(english(60), /in 1 minute\./)
  assert.match(english(61), /in 2 minutes\./)
  assert.match(english(null), /after a while\./)
})
