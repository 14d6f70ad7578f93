import assert from 'node:assert/strict'
import type http from 'node:http'
import { type TestContext, test } from 'node:test'
import { stage } from '../../test/stage.ts'
import { GatewayError } from '../errors.ts'
import { type Attempt, mayBeSentAgain } from './replay.ts'

const reset = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
const attempt: Attempt = { reused: true, sentAt: 1000, roundTripMs: 2, answered: false }
const SOONER = 1001.9
const LATER = 1002

test('a login on a reused connection that closes sooner than a round trip after the write is sent again', () => {
  assert.equal(mayBeSentAgain(reset, attempt, 'POST', 1, SOONER), true)
  assert.equal(mayBeSentAgain(reset, attempt, 'POST', 2, SOONER), true)
})

test('a login whose close came a round trip after the write, or later, is not sent again', () => {
  assert.equal(mayBeSentAgain(reset, attempt, 'POST', 1, LATER), false)
})

test('a login on a fresh connection is not sent again', () => {
  assert.equal(mayBeSentAgain(reset, { ...attempt, reused: false }, 'POST', 1, SOONER), false)
})

test('nothing of which a response byte has come is sent again', () => {
  assert.equal(mayBeSentAgain(reset, { ...attempt, answered: true }, 'POST', 1, SOONER), false)
  assert.equal(mayBeSentAgain(reset, { ...attempt, answered: true }, 'GET', 1, SOONER), false)
})

test('an idempotent request is sent again once, whenever the connection closes', () => {
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']) {
    assert.equal(mayBeSentAgain(reset, { ...attempt, reused: false }, method, 1, LATER), true)
    assert.equal(mayBeSentAgain(reset, attempt, method, 2, LATER), false)
  }
  assert.equal(mayBeSentAgain(reset, attempt, 'PATCH', 1, LATER), false)
})

test('a request is sent three times at most', () => {
  assert.equal(mayBeSentAgain(reset, attempt, 'POST', 3, SOONER), false)
})

test('what the table names and what is no close or reset is final', () => {
  const unreadable = Object.assign(new Error('Parse Error'), { code: 'HPE_INVALID_CONSTANT' })
  assert.equal(mayBeSentAgain(new GatewayError('BACKEND_TIMEOUT'), attempt, 'GET', 1, SOONER), false)
  assert.equal(mayBeSentAgain(unreadable, attempt, 'GET', 1, SOONER), false)
})

/** An API that answers the first request, then drops the connection `times` times when a request has come whole. */
async function droppingApi(t: TestContext, times: number, env: Record<string, string> = {}) {
  const seen: string[] = []
  const handler: http.RequestListener = (req, res) => {
    req.resume().on('end', () => {
      seen.push(req.method ?? '')
      if (seen.length > 1 && seen.length <= 1 + times) req.socket.destroy()
      else res.end('done')
    })
  }
  const front = await stage(t, { handler, count: 1, env })
  const send = (method: string) =>
    fetch(`${front.url}/user/login`, { method, ...(method === 'POST' && { body: 'a=b' }) })
  assert.equal((await send('POST')).status, 200)
  return { seen, send, front }
}

test('a GET whose connection the backend drops without an answer is sent again', async t => {
  const { seen, send, front } = await droppingApi(t, 1)
  assert.equal((await send('GET')).status, 200)
  assert.deepEqual(seen, ['POST', 'GET', 'GET'])
  assert.equal(front.tally.replayed, 1)
})

test('a GET that is dropped twice gets a 502', async t => {
  const { seen, send } = await droppingApi(t, 2)
  assert.equal((await send('GET')).status, 502)
  assert.deepEqual(seen, ['POST', 'GET', 'GET'])
})

test('a login that has reached a backend which then drops the connection is not sent again', async t => {
  const { seen, send } = await droppingApi(t, 1)
  const response = await send('POST')
  assert.equal(response.status, 502)
  assert.match(await response.text(), /"code":"BACKEND_BROKE_OFF".*"retry":false/)
  assert.deepEqual(seen, ['POST', 'POST'])
})

test('with REPLAY=off nothing that was sent is sent again', async t => {
  const { seen, send } = await droppingApi(t, 1, { REPLAY: 'off' })
  assert.equal((await send('GET')).status, 502)
  assert.deepEqual(seen, ['POST', 'GET'])
})
