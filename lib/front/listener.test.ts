import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { pino } from 'pino'
import { listening } from '../../test/listening.ts'
import { ask, eventually, header, recorder, request, wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import { createTable } from '../routes/table.ts'
import { createListener } from './listener.ts'

for (const [phase, ready] of [
  ['starting', 503],
  ['ready', 200],
  ['stopping', 503],
] as const) {
  test(`while it is ${phase}, /healthz is 200 and /readyz ${ready}`, async t => {
    const { port, lifecycle } = await stage(t)
    lifecycle.phase = phase
    const healthz = await ask(port, request('GET /healthz'))
    const readyz = await ask(port, request('GET /readyz'))
    assert.deepEqual([healthz.status, healthz.body], [200, 'ok\n'])
    assert.deepEqual([readyz.status, readyz.body], [ready, `${phase}\n`])
    assert.equal(header(readyz, 'cache-control'), 'no-store')
  })

  test(`while it is ${phase}, logins and pages are served`, async t => {
    const { port, lifecycle } = await stage(t, { handler: recorder().handler })
    lifecycle.phase = phase
    assert.equal((await ask(port, request('GET /user/login'))).body, 'answered')
    assert.equal((await ask(port, request('GET /'))).body, 'page')
  })
}

test('HEAD of a health check has no body', async t => {
  const { port } = await stage(t)
  const client = await wire(t, port)
  client.send(request('HEAD /readyz', ['Connection: close']))
  const { status, headers } = await client.answer(true)
  assert.deepEqual([status, header({ headers }, 'content-length')], [200, '6'])
  assert.equal(await client.closed(), '')
})

test('a health check does not need the backend', async t => {
  const env = { BACKEND_ORIGIN: 'http://unknown.dev.jp', CONNECT_TIMEOUT: '20ms' }
  const { port } = await stage(t, { env, resolved: false })
  assert.equal((await ask(port, request('GET /readyz'))).status, 200)
})

for (const path of ['/healthz/', '/healthz/x', '/readyzX', '/x/healthz']) {
  test(`${path} is a page`, async t => {
    const { port } = await stage(t)
    assert.equal((await ask(port, request(`GET ${path}`))).body, 'page')
  })
}

for (const path of ['/', '/user/login', '/healthz', '/user/login/..']) {
  test(`while it stops, the answer to ${path} ends its connection`, async t => {
    const { port, lifecycle } = await stage(t)
    lifecycle.phase = 'stopping'
    const client = await wire(t, port)
    client.send(request(`GET ${path}`))
    assert.equal(header(await client.answer(), 'connection'), 'close')
    assert.equal(await client.closed(), '')
  })
}

test('while it stops, no second request is taken from a connection', async t => {
  const pages = recorder()
  const { port, lifecycle } = await stage(t, { pages: pages.handler })
  lifecycle.phase = 'stopping'
  const client = await wire(t, port)
  client.send(request('GET /1') + request('GET /2'))
  assert.equal((await client.answer()).body, 'answered')
  assert.equal(await client.closed(), '')
  assert.equal(pages.seen.length, 1)
})

test('pages get every path that is not the backend’s, with method, query and body as they came', async t => {
  const pages = recorder()
  const { port } = await stage(t, { pages: pages.handler })
  await ask(port, request(`PUT /account?name='taro'&x=%2F`, [], 'abc'))
  assert.deepEqual(
    [pages.seen[0]?.line, pages.seen[0]?.body],
    [`PUT /account?name='taro'&x=%2F HTTP/1.1`, 'abc'],
  )
})

test('a page’s own headers and cookies reach the client', async t => {
  const { port } = await stage(t, {
    pages: (_req, res) => res.writeHead(201, { 'Set-Cookie': ['a=1', 'b=2'], 'X-A': 'b' }).end('made'),
  })
  const answer = await ask(port, request('GET /account'))
  assert.deepEqual([answer.status, answer.body], [201, 'made'])
  assert.equal(header(answer, 'set-cookie'), 'a=1 | b=2')
  assert.equal(header(answer, 'x-a'), 'b')
})

test('what is refused never reaches a page', async t => {
  const pages = recorder()
  const { port } = await stage(t, { pages: pages.handler })
  for (const target of ['/a#b', 'evil.example']) await ask(port, request(`GET ${target}`))
  await ask(port, request('TRACE /'))
  await ask(port, request('GET /', ['Transfer-Encoding: gzip, chunked']))
  assert.deepEqual(pages.seen, [])
})

for (const path of ['/_next/hmr', '/shop/_next/hmr', '/user/login', '/', '/?/_next/']) {
  const granted = path.endsWith('/_next/hmr')
  test(`an upgrade at ${path} is ${granted ? '' : 'not '}handed to the hot reloader`, async t => {
    const { config, lifecycle, bounds } = await stage(t)
    const upgraded: (string | undefined)[] = []
    const front = createListener({
      config,
      log: pino({ level: 'silent' }),
      lifecycle,
      open: bounds.connections,
      find: createTable(config.routes),
      api: async (_req, res) => void res.end('api'),
      upgrade: async () => {},
      pages: {
        handle: (_req, res) => res.end('page'),
        hotReloader: (req, socket) => {
          upgraded.push(req.url)
          socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
        },
        close: async () => {},
      },
      onOutcome: () => {},
    })
    const port = await listening(t, front.server)
    const headers = ['Connection: Upgrade', 'Upgrade: websocket']
    const { status } = await ask(port, request(`GET ${path}`, headers))
    assert.equal(status, granted ? 101 : 200)
    assert.deepEqual(upgraded, granted ? [path] : [])
  })
}

test('an upgrade is a plain request where pages take none', async t => {
  const { port } = await stage(t)
  const headers = ['Connection: Upgrade', 'Upgrade: websocket']
  assert.equal((await ask(port, request('GET /_next/hmr', headers))).body, 'page')
})

test('a request that was in flight when the front stopped listening is answered', async t => {
  const { promise: go, resolve } = Promise.withResolvers<void>()
  const { port, server, tally } = await stage(t, {
    handler: (_req, res) => void go.then(() => res.end('late')),
  })
  const client = await wire(t, port)
  client.send(request('GET /user/login'))
  await once(server, 'request')
  server.close()
  resolve()
  assert.equal((await client.answer()).body, 'late')
  await eventually(() => tally.answered[200] === 1)
})
