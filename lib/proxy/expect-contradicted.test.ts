import assert from 'node:assert/strict'
import http from 'node:http'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { listening } from '../../test/listening.ts'
import { eventually } from '../../test/raw.ts'
import { stage, untilProven } from '../../test/stage.ts'

type Handler = (req: http.IncomingMessage, res: http.ServerResponse) => unknown

/**
 * A front whose one address has proven that it says 100 before it routes, with six idle connections. From then on `act` has
 * each login, with its head alone, as a handler that acts before it reads; `runs` counts these by their `X-Id`.
 */
async function setUp(t: TestContext, act: Handler) {
  const runs: Record<string, number> = {}
  let isProven = false
  const take: Handler = (req, res) => {
    if (req.url?.includes('-gatehouse-probe-')) return res.writeContinue()
    if (!isProven) {
      if (req.headers.expect !== undefined) res.writeContinue()
      return req.resume().on('end', () => res.end('ok'))
    }
    const id = String(req.headers['x-id'])
    runs[id] = (runs[id] ?? 0) + 1
    act(req, res)
  }
  const api = http.createServer(take).on('checkContinue', take)
  const port = await listening(t, api)
  const front = await stage(t, { count: 1, env: { BACKEND_ORIGIN: `http://127.0.0.1:${port}` } })
  const send = (id = 'first') =>
    fetch(`${front.url}/user/login`, { method: 'POST', body: '{}', headers: { 'X-Id': id } })
  await untilProven(front)
  await Promise.all(Array.from({ length: 6 }, async () => (await send()).text()))
  isProven = true
  return { front, api, runs, send }
}

const isAsked = (req: http.IncomingMessage) => req.headers.expect !== undefined
const execute: Handler = (req, res) => req.resume().on('end', () => res.end('done'))

test('an answer that comes after a login was given up takes the proof: the next login runs once', async t => {
  const { front, runs, send } = await setUp(t, async (_req, res) => {
    await sleep(400)
    res.end('done')
  })
  assert.equal((await send('a')).status, 200)
  await eventually(() => front.backend.agent.expectations.isUnproven('127.0.0.1'))
  assert.equal((await send('b')).status, 200)
  assert.equal(runs.b, 1)
})

test('a login that was given up, and answered all the same, is not said to be undone', async t => {
  const { api, runs, send } = await setUp(t, async (_req, res) => {
    api.close()
    await sleep(400)
    res.end('done')
  })
  const answer = await send('a')
  assert.deepEqual([runs.a, answer.status], [1, 502])
  assert.match(await answer.text(), /"code":"BACKEND_BROKE_OFF".*"retry":false/)
})

const drop: Handler = req => req.socket.destroy()
const answerLate: Handler = async (_req, res) => {
  await sleep(600)
  res.end('late')
}
for (const [words, end] of [
  ['drops its connection', drop],
  ['is silent', answerLate],
] as const) {
  test(`once a login was answered in place of 100, another one under way whose API ${words} is not retried`, async t => {
    const bCame = Promise.withResolvers<void>()
    const aIsOver = Promise.withResolvers<void>()
    const { runs, send } = await setUp(t, async (req, res) => {
      if (!isAsked(req)) return execute(req, res)
      if (req.headers['x-id'] === 'a') return res.end('done')
      bCame.resolve()
      await aIsOver.promise
      return end(req, res)
    })
    const b = send('b')
    await bCame.promise
    await (await send('a')).text()
    aIsOver.resolve()
    await (await b).text()
    assert.equal(runs.b, 1)
  })
}

test('an answer in place of 100 counts also after a silence there: what is under way is not retried', async t => {
  const came = { b: Promise.withResolvers<void>(), c: Promise.withResolvers<void>() }
  const bMayAnswer = Promise.withResolvers<void>()
  const cMayDrop = Promise.withResolvers<void>()
  const { front, runs } = await setUp(t, async (req, res) => {
    const id = req.headers['x-id']
    if (id === 'b') came.b.resolve()
    if (id === 'c') came.c.resolve()
    if (!isAsked(req)) return execute(req, res)
    // its body is sent for its silence
    if (id === 'a') return req.resume().on('end', () => res.end('done'))
    await (id === 'b' ? bMayAnswer : cMayDrop).promise
    return id === 'b' ? res.end('done') : req.socket.destroy()
  })
  const send = async (id: string) => {
    const init = { method: 'POST', body: '{}', headers: { 'X-Id': id } }
    return (await fetch(`${front.egressUrl}/orders`, init)).text()
  }
  const a = send('a')
  await sleep(300)
  const [b, c] = [send('b'), send('c')]
  await Promise.all([came.b.promise, came.c.promise])
  await eventually(() => front.backend.agent.expectations.isUnproven('127.0.0.1'))
  bMayAnswer.resolve()
  await b
  cMayDrop.resolve()
  await Promise.all([a, c])
  assert.equal(runs.c, 1)
})
