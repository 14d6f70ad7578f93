import assert from 'node:assert/strict'
import { once } from 'node:events'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { limitedFront, logIn, logInTimes, statusApi } from '../../../test/guesses.ts'
import { eventually, request, wire } from '../../../test/raw.ts'
import { stage } from '../../../test/stage.ts'
import { GatewayError } from '../../http/errors.ts'
import { createLoginLimit } from './limit.ts'

const GUESS = request(
  'POST /user/login',
  ['Content-Type: application/json'],
  '{"name":"taro","password":"401"}',
)

/** A front before an API whose answers are held back until they are let go. */
async function setUpHeld(t: TestContext, env: Record<string, string>) {
  const { promise, resolve: letGo } = Promise.withResolvers<void>()
  const api = statusApi(() => promise)
  return { api, letGo, front: await stage(t, { handler: api.handler, env }) }
}

test('without the settings nothing is limited', async t => {
  const { handler } = statusApi()
  const front = await stage(t, { handler })
  assert.deepEqual(await logInTimes(30, front, 'taro', 401), Array(30).fill(401))
  assert.equal(front.limit, undefined)
})

test('after as many failed logins as an address may have, the next one gets 429 and is not sent', async t => {
  const api = statusApi()
  const front = await stage(t, { handler: api.handler, env: { LOGIN_LIMIT: '3/1m' } })
  assert.deepEqual(await logInTimes(3, front, 'taro', 401), [401, 401, 401])
  const { status, headers, body } = await logIn(front, 'jiro', 200)
  assert.equal(status, 429)
  assert.equal(api.seen, 3)
  const seconds = Number(headers.get('retry-after'))
  assert.ok(seconds > 50 && seconds <= 60, `Retry-After: ${seconds}`)
  assert.equal(JSON.parse(body).error.code, 'TOO_MANY')
  assert.equal(JSON.parse(body).error.retry, true)
  assert.deepEqual(front.limit?.refused, { address: 1, account: 0 })
  assert.deepEqual(front.tally.failed, { TOO_MANY: 1 })
})

test('a person is told in their language', async t => {
  const front = await limitedFront(t, { LOGIN_LIMIT: '1/1m' })
  await logIn(front, 'taro', 401)
  const { status, body } = await logIn(front, 'taro', 401, { accept: 'text/html', 'accept-language': 'ja' })
  assert.equal(status, 429)
  assert.match(body, /しばらくしてからもう一度/)
})

test('after Retry-After the address may try again', async t => {
  const front = await limitedFront(t, { LOGIN_LIMIT: '1/2s' })
  await logIn(front, 'taro', 401)
  const { status, headers } = await logIn(front, 'taro', 200)
  assert.equal(status, 429)
  const seconds = Number(headers.get('retry-after'))
  assert.ok(seconds === 1 || seconds === 2, `Retry-After: ${seconds}`)
  await sleep(seconds * 1000)
  assert.equal((await logIn(front, 'taro', 200)).status, 200)
})

for (const status of [200, 204, 303, 400, 404, 409, 429, 500, 503]) {
  test(`a login that gets ${status} from the API does not count`, async t => {
    const limits = { LOGIN_LIMIT: '2/1m', LOGIN_LIMIT_ACCOUNT: '2/1m' }
    const front = await limitedFront(t, limits)
    assert.deepEqual(await logInTimes(5, front, 'taro', status), Array(5).fill(status))
    assert.deepEqual(await logInTimes(3, front, 'taro', 401), [401, 401, 429])
  })
}

test('403 counts as 401 does', async t => {
  const front = await limitedFront(t, { LOGIN_LIMIT: '2/1m' })
  const statuses = [
    await logIn(front, 'taro', 403),
    await logIn(front, 'taro', 401),
    await logIn(front, 'taro', 200),
  ]
  assert.deepEqual(
    statuses.map(each => each.status),
    [403, 401, 429],
  )
})

test('an error of the front does not count', async t => {
  const handler = (req: { socket: { destroy(): void } }) => req.socket.destroy()
  const front = await stage(t, { handler, env: { LOGIN_LIMIT: '2/1m' } })
  assert.deepEqual(await logInTimes(4, front, 'taro', 401), [502, 502, 502, 502])
})

test('a refused login does not lengthen the time', async t => {
  const front = await limitedFront(t, { LOGIN_LIMIT: '1/2s' })
  await logIn(front, 'taro', 401)
  await sleep(1000)
  assert.deepEqual(await logInTimes(10, front, 'taro', 401), Array(10).fill(429))
  await sleep(1050)
  assert.equal((await logIn(front, 'taro', 200)).status, 200)
})

test('of guesses sent side by side, no more reach the API than may fail', async t => {
  const api = statusApi(() => sleep(20))
  const front = await stage(t, { handler: api.handler, env: { LOGIN_LIMIT: '5/1m' } })
  const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => logIn(front, `name${i}`, 401)))
  assert.equal(api.seen, 5)
  assert.equal(answers.filter(({ status }) => status === 401).length, 5)
  const refused = answers.filter(({ status }) => status === 429)
  assert.equal(refused.length, 35)
  for (const { headers } of refused) assert.ok(Number(headers.get('retry-after')) > 50)
})

test('logins sent side by side all pass where none fails, the first ones without waiting for another', async t => {
  const limits = { LOGIN_LIMIT: '5/1m', LOGIN_LIMIT_ACCOUNT: '5/1m' }
  const { api, letGo, front } = await setUpHeld(t, limits)
  const answers = Array.from({ length: 40 }, () => logIn(front, 'taro', 200))
  await eventually(() => api.seen === 5)
  letGo()
  assert.deepEqual(new Set((await Promise.all(answers)).map(each => each.status)), new Set([200]))
  assert.equal(api.seen, 40)
})

test('a login that waits for one under way is refused when that fails', async t => {
  const { api, letGo, front } = await setUpHeld(t, { LOGIN_LIMIT: '1/1m' })
  const first = logIn(front, 'taro', 401)
  await eventually(() => api.seen === 1)
  const others = [logIn(front, 'taro', 200), logIn(front, 'jiro', 200)]
  letGo()
  assert.equal((await first).status, 401)
  assert.deepEqual(
    (await Promise.all(others)).map(each => each.status),
    [429, 429],
  )
  assert.equal(api.seen, 1)
})

test('a login whose client leaves while it waits is not sent, and the next one is', async t => {
  const { api, letGo, front } = await setUpHeld(t, { LOGIN_LIMIT: '1/1m' })
  const first = logIn(front, 'taro', 200)
  await eventually(() => api.seen === 1)
  const waiting = await wire(t, front.port)
  const arrived = once(front.server, 'request')
  waiting.send(GUESS)
  await arrived
  const last = logIn(front, 'taro', 200)
  waiting.abort()
  await eventually(() => front.tally.gone === 1)
  letGo()
  assert.equal((await first).status, 200)
  assert.equal((await last).status, 200)
  assert.equal(api.seen, 2)
})

test('a login that is never sent does not count, for its client left while it waited', async t => {
  const limits = { LOGIN_LIMIT: '2/1m', LOGIN_LIMIT_ACCOUNT: '1/1m' }
  const { api, letGo, front } = await setUpHeld(t, limits)
  const first = logIn(front, 'taro', 200)
  await eventually(() => api.seen === 1)
  const waiting = await wire(t, front.port)
  const arrived = once(front.server, 'request')
  waiting.send(GUESS)
  await arrived
  waiting.abort()
  await eventually(() => front.tally.gone === 1)
  letGo()
  assert.equal((await first).status, 200)
  assert.deepEqual(await logInTimes(2, front, 'jiro', 404), [404, 404])
  const others = [logIn(front, 'hanako', 401), logIn(front, 'saburo', 401)]
  assert.deepEqual(
    (await Promise.all(others)).map(each => each.status),
    [401, 401],
  )
})

test('a client that left before it was checked holds no place', async () => {
  const log = pino({ level: 'silent' })
  const LOGIN_LIMIT = { failures: 1, ms: 60_000 }
  const limit = await createLoginLimit({ LOGIN_LIMIT, LOGIN_LIMIT_ACCOUNT: null, LIMIT_STORE: null }, log)
  const req = new IncomingMessage(new Socket())
  const enter = async (signal: AbortSignal) =>
    limit?.enter(req, undefined, { address: '203.0.113.7', is: 'client' }, signal)
  const left = AbortSignal.abort(new GatewayError('BAD_REQUEST'))
  const stays = new AbortController().signal
  await assert.rejects(enter(left), /malformed/)
  const pass = await enter(stays)
  // once more is once too often, but does no harm
  pass?.leave(200)
  pass?.leave(200)
  await enter(stays)
})

test('a client that hangs up before the answer counts as failed', async t => {
  const api = statusApi(() => new Promise(() => {}))
  const front = await stage(t, { handler: api.handler, env: { LOGIN_LIMIT: '2/1m' } })
  for (const seen of [1, 2]) {
    const client = await wire(t, front.port)
    client.send(GUESS)
    await eventually(() => api.seen === seen)
    client.abort()
    await eventually(() => front.tally.gone === seen)
  }
  assert.equal((await logIn(front, 'taro', 401)).status, 429)
})
