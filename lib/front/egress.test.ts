import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { listening } from '../../test/listening.ts'
import { ask, eventually, file, header, recorder, request, wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import { createTable } from '../routes/table.ts'
import { createEgress } from './egress.ts'

const backend = recorder()
const { alb, config, egressUrl, log } = await stage(file, {
  handler: backend.handler,
  env: { TRUSTED_PROXIES: '10.0.0.0/8', MAX_BODY: '1kb' },
})
const port = Number(new URL(egressUrl).port)
const last = () => backend.seen.at(-1)

/** A page's own request, as `fetch` sends it. */
const fromPage = (line: string, headers: string[] = [], body = '') =>
  ask(port, request(line, [`Host: 127.0.0.1:${port}`, ...headers], body))

for (const path of ['/', '/user', '/user/me?a=1&a=2', '/user/login', '/healthz', '/x/../y']) {
  test(`${path} goes to the backend`, async () => {
    const { status } = await fromPage(`GET ${path}`)
    assert.equal(status, 200)
    assert.equal(last()?.line, `GET ${path} HTTP/1.1`)
  })
}

test("Host is the backend's", async () => {
  await fromPage('GET /user/me')
  assert.equal(header(last(), 'host'), `api.dev.jp:${alb.port}`)
})

test('a page calls by fetch, and gets the answer', async () => {
  const response = await fetch(`${egressUrl}/user/me`, { method: 'POST', body: 'abc' })
  assert.equal(await response.text(), 'answered')
  assert.equal(last()?.body, 'abc')
})

for (const host of ['localhost', 'LOCALHOST:4002', '127.0.0.1']) {
  test(`a Host of ${host} is taken`, async () => {
    assert.equal((await ask(port, request('GET /user/me', [`Host: ${host}`]))).status, 200)
  })
}

test('what a page says of its visitor is kept', async () => {
  const headers = ['X-Forwarded-For: 203.0.113.7', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: www.dev.jp']
  await fromPage('GET /user/me', headers)
  assert.equal(header(last(), 'x-forwarded-for'), '203.0.113.7, 127.0.0.1')
  assert.equal(header(last(), 'x-real-ip'), '203.0.113.7')
  assert.equal(header(last(), 'x-forwarded-proto'), 'https')
  assert.equal(header(last(), 'x-forwarded-host'), 'www.dev.jp')
})

test('what the visitor said of himself is not believed', async () => {
  // the front's own view of it, passed on by the page: the first address came with the request, the second is the front's peer's
  await fromPage('GET /user/me', ['X-Forwarded-For: 192.0.2.1, 203.0.113.7, 10.0.0.5'])
  assert.equal(header(last(), 'x-forwarded-for'), '192.0.2.1, 203.0.113.7, 10.0.0.5, 127.0.0.1')
  assert.equal(header(last(), 'x-real-ip'), '203.0.113.7')
})

test('trace headers pass untouched, beside cookies and a token', async () => {
  const sent: [string, string][] = [
    ['Traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
    ['Tracestate', 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE'],
    ['X-Amzn-Trace-Id', 'Root=1-67891233-abcdef012345678912345678;Sampled=1'],
    ['Baggage', 'userId=alice;p=1,serverNode=DF%2028'],
    ['Cookie', 'session=s%3Ax/+==; a="b"'],
    ['Authorization', 'Bearer a.b-c'],
  ]
  await fromPage(
    'GET /user/me',
    sent.map(each => each.join(': ')),
  )
  for (const [name, value] of sent) assert.equal(header(last(), name), value)
})

test('a request id of a page is kept', async () => {
  const answer = await fromPage('GET /user/me', ['X-Request-Id: of-the-page'])
  assert.equal(header(last(), 'x-request-id'), 'of-the-page')
  assert.equal(header(answer, 'x-request-id'), 'of-the-page')
})

test('a malformed request is refused', async () => {
  const before = backend.seen.length
  const { status } = await fromPage('GET //user/me')
  assert.equal(status, 400)
  assert.equal(backend.seen.length, before)
})

test('an answer comes piece by piece', async t => {
  const { promise: read, resolve: goOn } = Promise.withResolvers<void>()
  const { egressUrl } = await stage(t, {
    handler: async (_req, res) => {
      res.write('the first piece')
      await read
      res.end('the last')
    },
  })
  const pieces: string[] = []
  for await (const piece of (await fetch(`${egressUrl}/user/me`)).body ?? []) {
    pieces.push(Buffer.from(piece).toString())
    goOn()
  }
  assert.deepEqual(pieces, ['the first piece', 'the last'])
})

test('a request comes piece by piece', async t => {
  const { promise: come, resolve: arrive } = Promise.withResolvers<void>()
  const { egressUrl } = await stage(t, {
    handler: (req, res) => void req.on('data', arrive).on('end', () => res.end('read')),
  })
  const call = http.request(`${egressUrl}/user/me`, { method: 'POST' })
  call.write(Buffer.alloc(100_000))
  await come
  call.end('the last')
  const [answer] = await once(call, 'response')
  assert.deepEqual([answer.statusCode, String(await answer.toArray())], [200, 'read'])
})

test('a page that gives up ends its call at the backend', async t => {
  const { promise: gone, resolve: leave } = Promise.withResolvers<void>()
  const { promise: come, resolve: arrive } = Promise.withResolvers<void>()
  const { egressUrl } = await stage(t, {
    handler: (_req, res) => {
      res.once('close', leave)
      arrive()
    },
  })
  const giveUp = new AbortController()
  const call = fetch(`${egressUrl}/user/me`, { signal: giveUp.signal })
  await come
  giveUp.abort()
  await assert.rejects(call, { name: 'AbortError' })
  await gone
})

test('a call that was on a connection as it died is made again', async t => {
  const ports = new Set<number | undefined>()
  const { egressUrl } = await stage(t, {
    count: 1,
    handler: (req, res) => {
      const isFirst = ports.size === 0
      ports.add(req.socket.remotePort)
      if (isFirst) req.socket.destroy()
      else res.end('answered')
    },
  })
  assert.equal(await (await fetch(`${egressUrl}/user/me`)).text(), 'answered')
  assert.equal(ports.size, 2)
})

// a machine that dies takes all its connections with it, and the resets of the idle ones come a moment later
test('a call that is made again goes over a connection of its own', async t => {
  const { promise: both, resolve: release } = Promise.withResolvers<void>()
  const sockets = new Set<unknown>()
  const { egressUrl } = await stage(t, {
    handler: async (req, res) => {
      if (sockets.has(req.socket)) return void req.socket.destroy()
      sockets.add(req.socket)
      if (sockets.size === 2) release()
      await both
      res.end('answered')
    },
  })
  const call = async () => (await fetch(`${egressUrl}/user/me`)).text()
  assert.deepEqual(await Promise.all([call(), call()]), ['answered', 'answered'])
  assert.equal(await call(), 'answered')
  assert.equal(sockets.size, 3)
})

test('MAX_BODY counts here as well', async () => {
  assert.equal((await fromPage('POST /user/me', [], 'x'.repeat(1025))).status, 413)
})

test('it listens on loopback alone', () => {
  assert.equal(new URL(egressUrl).hostname, '127.0.0.1')
})

test('what fails here is logged as what fails at the front', async t => {
  const env = { BACKEND_ORIGIN: 'http://127.0.0.1:9', CONNECT_TIMEOUT: '20ms' }
  const front = await stage(t, { env })
  const response = await fetch(`${front.egressUrl}/user/me?secret`)
  assert.equal(response.status, 502)
  assert.ok(front.log.some(each => each.code === 'BACKEND_UNREACHABLE'))
  assert.doesNotMatch(JSON.stringify([...front.log, ...log]), /secret/)
})

test('idle connections that pages leave behind are closed before there are too many, and calls go on', async t => {
  const most = 8
  const warnings: unknown[] = []
  const table = createTable(config.routes)
  const find = (target: string) => table(target) ?? assert.fail(target)
  const hanging: http.ServerResponse[] = []
  const server = createEgress({
    config,
    most,
    log: pino({ base: null }, { write: (line: string) => void warnings.push(JSON.parse(line)) }),
    find,
    send: async (req, res) => void (req.method === 'GET' ? res.end('answered') : hanging.push(res)),
    onOutcome() {},
  })
  const own = await listening(t, server)
  const open = () => new Promise(resolve => server.getConnections((_error, count) => resolve(count)))
  const call = async (line: string) => {
    const client = await wire(t, own)
    client.send(request(line, ['Host: localhost']))
    return client
  }
  const answered = async (count: number) => {
    for (let i = 0; i < count; i++) assert.equal((await (await call('GET /user/login')).answer()).status, 200)
  }
  await answered(6)
  await sleep(1100)
  await answered(1)
  await eventually(async () => (await open()) === 1)
  // over those that were answered just now a page may be sending its next call
  await answered(most - 1)
  assert.equal(await open(), most)
  assert.deepEqual(warnings, [])
  await eventually(async () => (await open()) === 0)
  // those with a call under way stay, and what comes beyond the bound is closed
  for (let i = 0; i < most; i++) await call('POST /user/login')
  await eventually(() => hanging.length === most)
  assert.equal(await open(), most)
  await (await call('GET /user/login')).closed()
  assert.equal(warnings.length, 1)
  for (const res of hanging) res.end()
})
