import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { type TestContext, test } from 'node:test'
import { listening } from '../../test/listening.ts'
import { stage } from '../../test/stage.ts'

type Seen = { method: string; expect: string | undefined; executed: boolean }
type Api = (request: http.IncomingMessage, response: http.ServerResponse, nth: number) => unknown

const execute = (req: http.IncomingMessage, then: () => void) => req.resume().on('end', then)
const answer: Api = (req, res) => execute(req, () => res.end('welcome'))

/**
 * A front before a plain HTTP backend that is asked `Expect: 100-continue` as the test says; `later` takes everything
 * from the second request on. The first login makes the connection that the next ones reuse.
 */
async function setUp(t: TestContext, later: Api, env: Record<string, string> = {}) {
  const seen: Seen[] = []
  const take = (req: http.IncomingMessage, res: http.ServerResponse) => {
    const entry: Seen = { method: req.method ?? '', expect: req.headers.expect, executed: false }
    seen.push(entry)
    req.once('end', () => {
      entry.executed = true
    })
    if (seen.length === 1) answer(req, res, 1)
    else later(req, res, seen.length)
  }
  const api = http.createServer(take).on('checkContinue', take)
  const port = await listening(t, api)
  const settings = { BACKEND_ORIGIN: `http://127.0.0.1:${port}`, CONNECT_TIMEOUT: '200ms', ...env }
  const front = await stage(t, { count: 1, env: settings })
  const send = (method = 'POST') =>
    fetch(`${front.url}/user/login`, { method, ...(method === 'POST' && { body: 'name=taro' }) })
  assert.equal((await send()).status, 200)
  return { seen, send, front, api }
}

const accept: Api = (req, res, nth) => {
  res.writeContinue()
  answer(req, res, nth)
}

test('a login over a reused connection asks first; over a fresh one it does not', async t => {
  const { seen, send } = await setUp(t, accept)
  assert.equal((await send()).status, 200)
  assert.deepEqual(
    seen.map(each => each.expect),
    [undefined, '100-continue'],
  )
})

test('header bytes above 0x7f arrive as they were, also over a reused connection', async t => {
  const values: unknown[] = []
  const { front } = await setUp(t, (req, res, nth) => {
    values.push(req.headers['x-name'], req.headers.expect)
    answer(req, res, nth)
  })
  const headers = { 'X-Name': '\u00e5\u00a4\u00aa', 'Content-Length': 1 }
  const request = http
    .request(`${front.url}/user/login`, { method: 'POST', headers, agent: false })
    .end(Buffer.from('a'))
  const [response]: http.IncomingMessage[] = await once(request, 'response')
  assert.equal(response?.resume().statusCode, 200)
  assert.deepEqual(values, ['\u00e5\u00a4\u00aa', undefined])
})

test('a login whose connection closes before the backend says 100 is sent again, and runs once', async t => {
  const { seen, send, front } = await setUp(t, (req, res, nth) =>
    nth === 2 ? req.socket.destroy() : answer(req, res, nth),
  )
  assert.equal((await send()).status, 200)
  assert.deepEqual(
    seen.map(each => each.executed),
    [true, false, true],
  )
  assert.equal(front.tally.replayed, 1)
})

test('a login that meets two dead connections in a row goes over a fresh one', async t => {
  const { seen, send } = await setUp(t, (req, res, nth) => {
    // the first five make the pool, and are answered when all of them are there
    if (nth <= 5) setTimeout(() => (req.headers.expect ? accept : answer)(req, res, nth), 100)
    else if (req.headers.expect !== undefined) req.socket.destroy()
    else answer(req, res, nth)
  })
  await Promise.all(Array.from({ length: 4 }, () => send()))
  const before = seen.length
  assert.equal((await send()).status, 200)
  assert.deepEqual(
    seen.slice(before).map(each => each.expect),
    ['100-continue', '100-continue', undefined],
  )
})

test('a login over a connection that nobody is behind any more is sent again over another', async t => {
  const { seen, send, front } = await setUp(t, (req, res, nth) => {
    if (nth > 2) answer(req, res, nth)
  })
  assert.equal((await send()).status, 200)
  assert.deepEqual(
    seen.map(each => each.executed),
    [true, false, true],
  )
  assert.equal(front.tally.replayed, 1)
})

test('a login whose machine went silent and is gone fails once it cannot be dialled', async t => {
  let stop = () => {}
  const { seen, send, front, api } = await setUp(t, () => stop())
  // its one connection stays, and says nothing
  stop = () => void api.close()
  const response = await send()
  assert.equal(response.status, 502)
  assert.match(await response.text(), /"code":"BACKEND_UNREACHABLE".*"retry":true/)
  assert.equal(seen.length, 2)
  assert.equal(front.tally.replayed, 1)
})

test('what may have been executed is not said to be undone where it cannot be sent again', async t => {
  let stop = () => {}
  const { seen, send, api } = await setUp(t, req =>
    execute(req, () => {
      stop()
      req.socket.destroy()
    }),
  )
  stop = () => void api.close()
  const response = await send('DELETE')
  assert.equal(response.status, 502)
  assert.match(await response.text(), /"code":"BACKEND_BROKE_OFF".*"retry":false/)
  assert.equal(seen.length, 2)
})

test('a backend that never says 100 is asked once and no more', async t => {
  const { seen, send, front } = await setUp(t, (req, res, nth) => {
    if (req.headers.expect === undefined) answer(req, res, nth)
  })
  for (let i = 0; i < 3; i++) assert.equal((await send()).status, 200)
  assert.equal(seen.filter(each => each.expect !== undefined).length, 1)
  assert.equal(front.log.filter(line => String(line.msg).includes('100-continue')).length, 1)
})

test('a backend that has said 100 before is asked again after a time of silence', async t => {
  const { seen, send } = await setUp(t, (req, res, nth) => {
    if (nth !== 3) (req.headers.expect === undefined ? answer : accept)(req, res, nth)
  })
  for (let i = 0; i < 3; i++) assert.equal((await send()).status, 200)
  assert.deepEqual(
    seen.map(each => each.expect),
    [undefined, '100-continue', '100-continue', undefined, '100-continue'],
  )
})

test('an answer that comes instead of 100 is passed on', async t => {
  const { seen, send } = await setUp(t, (_req, res) =>
    res.writeHead(429, { 'Retry-After': '60' }).end('slow down'),
  )
  const response = await send()
  assert.equal(response.status, 429)
  assert.equal(await response.text(), 'slow down')
  assert.equal(seen.length, 2)
})

test('a login that left whole and then loses its connection is not sent again', async t => {
  const { seen, send } = await setUp(t, (req, res) => {
    res.writeContinue()
    execute(req, () => req.socket.destroy())
  })
  const response = await send()
  assert.equal(response.status, 502)
  assert.match(await response.text(), /"code":"BACKEND_BROKE_OFF".*"retry":false/)
  assert.equal(seen.length, 2)
})

test('a GET whose connection the backend drops without an answer is sent again once', async t => {
  const { seen, send } = await setUp(t, (req, res, nth) =>
    nth === 2 ? execute(req, () => req.socket.destroy()) : answer(req, res, nth),
  )
  assert.equal((await send('GET')).status, 200)
  assert.deepEqual(
    seen.map(each => each.method),
    ['POST', 'GET', 'GET'],
  )
})

test('with REPLAY=off nothing is asked, and nothing that was sent is sent again', async t => {
  const { seen, send } = await setUp(t, req => execute(req, () => req.socket.destroy()), { REPLAY: 'off' })
  assert.equal((await send('GET')).status, 502)
  assert.equal(seen.length, 2)
  assert.equal(seen[1]?.expect, undefined)
})
