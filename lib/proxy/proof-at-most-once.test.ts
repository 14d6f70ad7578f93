import assert from 'node:assert/strict'
import http from 'node:http'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { listening } from '../../test/listening.ts'
import { ask, request } from '../../test/raw.ts'
import { stage, untilProven } from '../../test/stage.ts'

const CONNECT_TIMEOUT_MS = 100
const IDS = /"code":"(\w+)".*"retry":(\w+)/

type Api = (req: http.IncomingMessage, res: http.ServerResponse, isReused: boolean) => unknown

/**
 * A front before an API on plain HTTP that says 100 only where `api` does, as Go and uvicorn do. Its connection has
 * carried a request before the test's own. `seen` is what came after that.
 * @param proves whether it has proven before that it says 100 before it routes
 */
async function setUp(t: TestContext, api: Api, env: Record<string, string> = {}, proves = false) {
  const seen: { line: string; expect: string | undefined; isReused: boolean }[] = []
  const used = new Set<unknown>()
  let isWarm = false
  const take = (req: http.IncomingMessage, res: http.ServerResponse) => {
    const isReused = used.has(req.socket)
    used.add(req.socket)
    if (req.url?.includes('-gatehouse-probe-')) {
      if (proves) res.writeContinue()
      else res.writeHead(404, { Connection: 'close' }).end()
      return
    }
    if (!isWarm) {
      if (proves && req.headers.expect !== undefined) res.writeContinue()
      return void req.resume().on('end', () => res.end())
    }
    seen.push({ line: `${req.method} ${req.url}`, expect: req.headers.expect, isReused })
    api(req, res, isReused)
  }
  const server = http.createServer(take).on('checkContinue', take)
  const port = await listening(t, server)
  const settings = {
    BACKEND_ORIGIN: `http://127.0.0.1:${port}`,
    BACKEND_PATHS: '/user/login, /auth',
    LOGIN_PATHS: '/user/login, /auth',
    CONNECT_TIMEOUT: `${CONNECT_TIMEOUT_MS}ms`,
    ...env,
  }
  const front = await stage(t, { count: 1, env: settings })
  assert.equal((await fetch(`${front.url}/user/login`)).status, 200)
  if (proves) await untilProven(front)
  isWarm = true
  return { ...front, seen, stopApi: () => void server.close() }
}

const answer: Api = (req, res) => req.resume().on('end', () => res.end('done'))
const slow: Api = (_req, res) => sleep(2.5 * CONNECT_TIMEOUT_MS).then(() => res.end('done'))

/** Not idempotent, and not a login itself: who, how, and with what. */
const UNPROVEN: [base: 'url' | 'egressUrl', line: string, body: string][] = [
  ['url', 'POST /user/login/logout', '{}'],
  ['url', 'POST /user/login/logout?next=/', '{}'],
  ['url', 'PATCH /user/login/profile', '{}'],
  ['url', 'POST /auth/refresh', '{}'],
  ['url', 'POST /user/login/logout', ''],
  ['url', 'POST /user/login', ''],
  ['url', 'POST /user/login', 'x'.repeat(70_000)],
  ['egressUrl', 'POST /user/login/logout', '{}'],
  ['egressUrl', 'POST /orders', '{}'],
  ['egressUrl', 'POST /', '{}'],
]
for (const [base, line, body] of UNPROVEN) {
  const words = `${line} with ${body.length || 'no'} bytes${base === 'url' ? '' : ' by egress'}`
  const [method, path] = line.split(' ')
  const init = { ...(method && { method }), ...(body && { body }) }

  test(`${words} runs once where its handler reads nothing and takes longer than CONNECT_TIMEOUT`, async t => {
    const { seen, ...front } = await setUp(t, slow)
    const response = await fetch(front[base] + path, init)
    assert.deepEqual([response.status, await response.text(), seen.length], [200, 'done', 1])
  })

  test(`${words} runs once where its handler drops the connection, and is not said to be undone`, async t => {
    const { seen, log, ...front } = await setUp(t, req => req.socket.destroy())
    const response = await fetch(front[base] + path, init)
    const [, code, retry] = IDS.exec(await response.text()) ?? []
    assert.deepEqual([response.status, code, retry], [502, 'BACKEND_BROKE_OFF', 'false'])
    assert.equal(seen.length, 1)
    assert.ok(log.every(each => each.msg !== 'attempt failed, retried'))
  })

  test(`${words} does not meet the close of a connection that was idle`, async t => {
    const { seen, ...front } = await setUp(t, (req, res, isReused) =>
      isReused ? req.socket.destroy() : answer(req, res, isReused),
    )
    for (let i = 0; i < 3; i++) assert.equal((await fetch(front[base] + path, init)).status, 200)
    assert.equal(seen.length, 3)
  })
}

test('a PATCH that drops the connection runs once where a POST is proven to be answered with 100 before it is routed', async t => {
  const { seen, url } = await setUp(t, req => req.socket.destroy(), {}, true)
  const { status } = await fetch(`${url}/user/login/profile`, { method: 'PATCH', body: '{}' })
  assert.equal(status, 502)
  assert.deepEqual(seen, [{ line: 'PATCH /user/login/profile', expect: undefined, isReused: false }])
})

test('a login with header bytes above 0x7f, which cannot wait for 100, meets no close either', async t => {
  const { seen, port } = await setUp(t, (req, res, isReused) =>
    isReused ? req.socket.destroy() : answer(req, res, isReused),
  )
  assert.equal((await ask(port, request('POST /user/login', ['X-Name: \u00e5'], '{}'))).status, 200)
  assert.equal(seen.length, 1)
})

// RFC 9110 §10.1.1: no request without content may have it
test('a login whose body is empty does not wait for 100, however it says so', async t => {
  const { seen, port } = await setUp(t, answer)
  const empty = `${request('POST /user/login', ['Transfer-Encoding: chunked'])}0\r\n\r\n`
  assert.equal((await ask(port, empty)).status, 200)
  assert.deepEqual(seen, [{ line: 'POST /user/login', expect: undefined, isReused: false }])
})

for (const method of ['PUT', 'DELETE']) {
  test(`${method} with a body runs once where its handler reads nothing and is slow`, async t => {
    const { seen, url } = await setUp(t, slow)
    assert.equal((await fetch(`${url}/user/login/session`, { method, body: '{}' })).status, 200)
    assert.equal(seen.length, 1)
  })

  test(`${method} with a body is retried once when its connection closes, and no more`, async t => {
    const { seen, url } = await setUp(t, req => req.socket.destroy())
    const response = await fetch(`${url}/user/login/session`, { method, body: '{}' })
    assert.match(await response.text(), /"code":"BACKEND_BROKE_OFF".*"retry":false/)
    assert.deepEqual(
      seen.map(each => each.isReused),
      [true, false],
    )
  })
}

// RFC 9110 §15.5.9
test('408 that closes a connection, just as an idempotent request comes over it, has that retried over a new one', async t => {
  const tooLate: Api = (_req, res) => res.writeHead(408, { Connection: 'close' }).end()
  const { seen, url } = await setUp(t, (req, res, isReused) =>
    (isReused ? tooLate : answer)(req, res, isReused),
  )
  for (const init of [{}, { method: 'PUT', body: '{}' }])
    assert.equal((await fetch(`${url}/user/login/session`, init)).status, 200)
  assert.deepEqual(
    seen.map(each => each.isReused),
    [true, false, true, false],
  )
  const always = await setUp(t, tooLate)
  assert.equal((await fetch(`${always.url}/user/login/session`)).status, 408)
  assert.equal((await fetch(`${always.url}/user/login/session`, { method: 'POST' })).status, 408)
  assert.equal(always.seen.length, 3)
  const off = await setUp(t, tooLate, { REPLAY: 'off' })
  assert.equal((await fetch(`${off.url}/user/login/session`)).status, 408)
  assert.equal(off.seen.length, 1)
})

test('408 is not said to have done nothing where its retry reaches nobody: the API may have answered so itself', async t => {
  const { url, stopApi } = await setUp(t, (_req, res) => {
    stopApi()
    res.writeHead(408, { Connection: 'close' }).end()
  })
  const response = await fetch(`${url}/user/login/session`, { method: 'PUT', body: '{}' })
  assert.match(await response.text(), /"code":"BACKEND_BROKE_OFF".*"retry":false/)
})

test('408 that comes late is the answer, for the request may have run', async t => {
  const works: Api = (_req, res) =>
    void setTimeout(() => res.writeHead(408, { Connection: 'close' }).end(), 200)
  const { seen, url } = await setUp(t, works, { CONNECT_TIMEOUT: '100ms' })
  assert.equal((await fetch(`${url}/user/login/session`, { method: 'PUT', body: '{}' })).status, 408)
  assert.deepEqual(
    seen.map(each => each.isReused),
    [true],
  )
})

const LOGINS: [base: 'url' | 'egressUrl', path: string][] = [
  ['url', '/user/login'],
  ['url', '/user/login?next=/mypage/'],
  ['url', '/user/login/'],
  ['url', '/auth'],
  ['egressUrl', '/user/login'],
]
for (const [base, path] of LOGINS) {
  test(`POST ${path} ${base === 'url' ? '' : 'by egress '}with a body waits for 100, and is retried when its connection closes before 100`, async t => {
    const { seen, ...front } = await setUp(
      t,
      (req, res, isReused) => (isReused ? req.socket.destroy() : answer(req, res, isReused)),
      {},
      true,
    )
    assert.equal((await fetch(front[base] + path, { method: 'POST', body: '{}' })).status, 200)
    assert.deepEqual([seen[0]?.expect, seen.at(-1)?.expect], ['100-continue', undefined])
    assert.ok(seen.length <= 3, `it was sent ${seen.length} times`)
  })
}

test('a login before a handler that reads nothing and always drops is sent three times at most', async t => {
  const { seen, url } = await setUp(t, req => req.socket.destroy())
  assert.equal((await fetch(`${url}/user/login`, { method: 'POST', body: '{}' })).status, 502)
  assert.ok(seen.length <= 3, `sent ${seen.length} times`)
})

test('with REPLAY=off a POST goes over a pooled connection', async t => {
  const { seen, url } = await setUp(t, answer, { REPLAY: 'off' })
  assert.equal((await fetch(`${url}/user/login/logout`, { method: 'POST', body: '{}' })).status, 200)
  assert.deepEqual(seen, [{ line: 'POST /user/login/logout', expect: undefined, isReused: true }])
})

test('a login before a backend that has not proven that it says 100 meets no close', async t => {
  const { seen, url } = await setUp(t, (req, res, isReused) => {
    if (req.headers.expect === undefined) isReused ? req.socket.destroy() : answer(req, res, isReused)
  })
  const logIn = async () => (await fetch(`${url}/user/login`, { method: 'POST', body: '{}' })).status
  assert.deepEqual([await logIn(), await logIn(), await logIn()], [200, 200, 200])
  assert.deepEqual(
    seen.map(each => each.isReused),
    [false, false, false],
  )
})

for (const [words, api] of [
  ['reads nothing and is slow', slow],
  ['drops the connection', (req: http.IncomingMessage) => void req.socket.destroy()],
] as const) {
  test(`logins run once each where the API says 100 to what it does not know, and the login's handler ${words}`, async t => {
    const ids = new Map<unknown, number>()
    const handler: http.RequestListener = (req, res) => {
      if (req.url?.includes('-gatehouse-probe-')) return res.writeContinue()
      if (req.method === 'GET') return void res.end()
      const id = req.headers['x-id']
      ids.set(id, (ids.get(id) ?? 0) + 1)
      api(req, res, true)
    }
    const port = await listening(t, http.createServer(handler).on('checkContinue', handler))
    const env = { BACKEND_ORIGIN: `http://127.0.0.1:${port}`, CONNECT_TIMEOUT: `${CONNECT_TIMEOUT_MS}ms` }
    const { url } = await stage(t, { count: 1, env })
    for (let i = 0; i < 5; i++) {
      await (await fetch(`${url}/user/login`)).arrayBuffer()
      const headers = { 'X-Id': `${i}` }
      await (await fetch(`${url}/user/login`, { method: 'POST', body: '{}', headers })).arrayBuffer()
    }
    assert.deepEqual([...ids.values()], [1, 1, 1, 1, 1])
  })
}
