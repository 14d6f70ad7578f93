import assert from 'node:assert/strict'
import type http from 'node:http'
import { createServer } from 'node:http'
import { type TestContext, test } from 'node:test'
import { listening } from '../../test/listening.ts'
import { eventually } from '../../test/raw.ts'
import { stage, untilProven } from '../../test/stage.ts'

type Seen = { expect: string | undefined; body: string; executed: boolean }
const expectOf = (seen: readonly Seen[]) => seen.map(each => each.expect)
type Api = (req: http.IncomingMessage, res: http.ServerResponse, entry: Seen) => unknown

const execute = (req: http.IncomingMessage, entry: Seen, then: () => void) =>
  req
    .on('data', bytes => {
      entry.body += bytes
    })
    .on('end', () => {
      entry.executed = true
      then()
    })

/** A front before an API that answers `Expect: 100-continue` as the test says, and `count` connections between them. */
async function setUp(t: TestContext, api: Api, count = 1) {
  const seen: Seen[] = []
  const warm: http.ServerResponse[] = []
  let isProven = false
  const take = (req: http.IncomingMessage, res: http.ServerResponse) => {
    if (req.url?.includes('-gatehouse-probe-')) return res.writeContinue()
    if (!isProven) {
      if (req.headers.expect !== undefined) res.writeContinue()
      req.resume().on('end', () => res.end())
      return
    }
    // they are answered together, so each has a connection of its own
    if (req.method === 'GET') {
      if (warm.push(res) === count) for (const each of warm) each.end()
      return
    }
    const entry = { expect: req.headers.expect, body: '', executed: false }
    seen.push(entry)
    api(req, res, entry)
  }
  const port = await listening(t, createServer(take).on('checkContinue', take))
  const front = await stage(t, { count: 1, env: { BACKEND_ORIGIN: `http://127.0.0.1:${port}` } })
  await untilProven(front)
  isProven = true
  await Promise.all(Array.from({ length: count }, () => fetch(`${front.url}/user/login`)))
  // a login that finds none idle is sent without Expect
  await eventually(() => (front.backend.agent.state()['127.0.0.1']?.busy ?? 0) === 0)
  const logIn = () => fetch(`${front.url}/user/login`, { method: 'POST', body: 'name=taro' })
  return { ...front, seen, logIn }
}

/** Knows nothing of `Expect`, as some proxies do. */
const refuse: Api = (req, res, entry) => {
  if (req.headers.expect === undefined) execute(req, entry, () => res.end('welcome'))
  else res.writeHead(417, { 'X-From': 'proxy', 'Content-Length': 2 }).end('no')
}

test('a login that is answered with 417 before 100 is repeated without Expect, and runs once', async t => {
  const { seen, logIn, log, tally } = await setUp(t, refuse)
  const response = await logIn()
  assert.deepEqual([response.status, await response.text()], [200, 'welcome'])
  assert.equal(response.headers.get('x-from'), null)
  assert.deepEqual(seen, [
    { expect: '100-continue', body: '', executed: false },
    { expect: undefined, body: 'name=taro', executed: true },
  ])
  assert.equal(tally.replayed, 1)
  assert.ok(log.some(each => each.msg === 'attempt failed, retried' && /417/.test(String(each.cause))))
})

test('a 417 that goes on for ever is not waited for', async t => {
  const { logIn } = await setUp(t, (req, res, entry) => {
    if (req.headers.expect === undefined) execute(req, entry, () => res.end('welcome'))
    else res.writeHead(417, { 'Content-Length': 1000 }).write('no')
  })
  assert.equal((await logIn()).status, 200)
})

test('a backend that refuses with 417 fails none of 30 logins under way, and gets no further Expect', async t => {
  const { seen, logIn } = await setUp(t, refuse, 30)
  const statuses = await Promise.all(Array.from({ length: 30 }, async () => (await logIn()).status))
  assert.deepEqual(new Set(statuses), new Set([200]))
  assert.equal(seen.filter(each => each.executed).length, 30)
  const before = seen.length
  assert.equal((await logIn()).status, 200)
  assert.deepEqual(expectOf(seen.slice(before)), [undefined])
})

test("the API's own 417 after 100 is passed on as it came, runs once, and the next login is sent with Expect", async t => {
  const { seen, logIn } = await setUp(t, (req, res, entry) => {
    if (req.headers.expect !== undefined) res.writeContinue()
    execute(req, entry, () => res.writeHead(417, { 'X-From': 'api' }).end('not like this'))
  })
  for (const nth of [1, 2]) {
    const response = await logIn()
    assert.deepEqual([response.status, await response.text()], [417, 'not like this'])
    assert.equal(response.headers.get('x-from'), 'api')
    assert.equal(seen.length, nth)
  }
  assert.deepEqual(expectOf(seen), ['100-continue', '100-continue'])
})

test('a 417 behind 103 is no answer to the expectation: it is passed on, and the login runs once', async t => {
  const { seen, logIn } = await setUp(t, (_req, res) => {
    res.writeEarlyHints({ link: '</x>; rel=preload' })
    res.writeHead(417).end('not like this')
  })
  const response = await logIn()
  assert.deepEqual([response.status, await response.text()], [417, 'not like this'])
  assert.equal(seen.length, 1)
})

test('a 417 that comes without Expect, too, is passed on, and Expect is not sent again', async t => {
  const { seen, logIn } = await setUp(t, (_req, res) => res.writeHead(417).end('whatever you ask'), 2)
  for (let i = 0; i < 2; i++) {
    const response = await logIn()
    assert.deepEqual([response.status, await response.text()], [417, 'whatever you ask'])
  }
  assert.deepEqual(expectOf(seen), ['100-continue', undefined, undefined])
})

test('a login that is refused with 417 and whose repetition breaks off may have been carried out', async t => {
  const { seen, logIn } = await setUp(t, (req, res, entry) => {
    if (req.headers.expect === undefined) execute(req, entry, () => req.socket.destroy())
    else res.writeHead(417).end()
  })
  const response = await logIn()
  assert.equal(response.status, 502)
  assert.match(await response.text(), /"code":"BACKEND_BROKE_OFF".*"retry":false/)
  assert.equal(seen.length, 2)
})
