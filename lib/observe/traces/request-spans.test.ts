import assert from 'node:assert/strict'
import http from 'node:http'
import { test } from 'node:test'
import { listening } from '../../../test/listening.ts'
import { ask, eventually, recorder, request, wire } from '../../../test/raw.ts'
import { untilProven } from '../../../test/stage.ts'
import { FAILED, KIND, type ReceivedSpan, treeOf } from '../../../test/traces/collector.ts'
import { only, over, traced } from '../../../test/traces/traced.ts'

const LOGIN = request('POST /user/login', [], 'name=taro')

test('a login is a span by its route, with its attempt and the connection below', async t => {
  const { front, spans } = await traced(t, { count: 1 })
  const id = 'Root=1-67891233-abcdef012345678912345678'
  const headers = [
    'X-Request-Id: r-1',
    `X-Amzn-Trace-Id: ${id}`,
    'X-Forwarded-For: 192.0.2.7',
    'Host: www.dev.jp',
  ]
  await ask(front.port, request('POST /user/login/otp?code=1', headers, 'a'))
  await over(front)
  const all = await spans()
  assert.equal(treeOf(all), 'POST /user/login\n  POST\n    connect')
  assert.deepEqual(only(all, 'POST /user/login'), {
    'http.request.method': 'POST',
    'url.path': '/user/login/otp',
    'url.scheme': 'http',
    'server.address': 'www.dev.jp',
    'server.port': 80,
    'client.address': '192.0.2.7',
    'http.route': '/user/login',
    'http.response.status_code': 200,
    'http.request.header.x-amzn-trace-id': id,
    'gatehouse.request_id': 'r-1',
    'gatehouse.route': 'login',
  })
  const [address = ''] = front.alb.listed
  const peer = {
    'network.peer.address': address,
    'network.peer.port': Number(new URL(front.alb.origin).port),
  }
  assert.deepEqual(only(all, 'POST'), {
    'http.request.method': 'POST',
    ...peer,
    'server.address': new URL(front.alb.origin).hostname,
    'server.port': peer['network.peer.port'],
    'gatehouse.connection.reused': false,
    'http.response.status_code': 200,
  })
  assert.deepEqual(only(all, 'connect'), peer)
  assert.deepEqual(
    all.map(({ kind, service, scope }) => [kind, service, scope]).sort(),
    [KIND.internal, KIND.server, KIND.client].map(kind => [kind, 'gatehouse', 'gatehouse']),
  )
  assert.equal(all.find(({ name }) => name === 'connect')?.events.length, 1)
})

test('a WebSocket is a span by its route', async t => {
  const { front, spans } = await traced(t, { env: { BACKEND_PATHS: '/user/login,/ws' } })
  const version = ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==']
  const handshake = ['Connection: Upgrade', 'Upgrade: websocket', ...version]
  await ask(front.port, request('GET /ws/chat', handshake), true)
  await over(front)
  assert.equal(only(await spans(), 'GET /ws')['http.route'], '/ws')
})

test('a login that is dialled a second time shows the address that refused, and why', async t => {
  const { front, spans } = await traced(t)
  const [bad = '', good = ''] = front.alb.listed
  await front.alb.fault(bad, 'refuse')
  // whom it tries first is chance
  for (let i = 0; i < 20 && !front.log.some(({ msg }) => msg === 'connection attempt failed'); i++) {
    front.backend.agent.closeIdle(front.alb.listed)
    assert.equal((await ask(front.port, LOGIN)).body, good)
  }
  await eventually(() => front.log.at(-1)?.msg === 'request')
  const all = await spans()
  const failed = all.find(({ status }) => status?.code === FAILED)
  assert.equal(failed?.attributes['error.type'], 'ECONNREFUSED')
  assert.match(failed?.status?.message ?? '', /^ECONNREFUSED: /)
  const trace = all.filter(({ traceId }) => traceId === failed?.traceId)
  const line = ({ name, attributes }: ReceivedSpan) =>
    name === 'connect' ? `connect ${attributes['network.peer.address']}` : name
  assert.equal(treeOf(trace, line), `POST /user/login\n  POST\n    connect ${bad}\n    connect ${good}`)
})

test('a login that waits for DNS to name an address that can be reached is one trace, to its end', async t => {
  const { front, spans } = await traced(t, { count: 1 })
  const [bad = ''] = front.alb.listed
  await front.alb.fault(bad, 'refuse')
  const answer = ask(front.port, LOGIN)
  await eventually(() => front.log.some(({ msg }) => msg === 'connection attempt failed'))
  await front.alb.add()
  assert.equal((await answer).status, 200)
  await over(front)
  const trace = await spans()
  const dials = trace.filter(({ name }) => name === 'connect')
  assert.ok(
    dials.some(({ status }) => status?.code !== FAILED),
    treeOf(trace),
  )
  assert.equal(new Set(trace.map(({ traceId }) => traceId)).size, 1)
})

test('a login whose connection was closed meanwhile is as many attempts as it takes, the last over a new one', async t => {
  let isProven = false
  const api = http.createServer((req, res) => req.resume().on('end', () => res.end('welcome')))
  api.on('checkContinue', (req, res) => {
    if (isProven) return void req.socket.destroy()
    res.writeContinue()
    if (!req.url?.includes('-gatehouse-probe-')) api.emit('request', req, res)
  })
  const env = { BACKEND_ORIGIN: `http://127.0.0.1:${await listening(t, api)}` }
  const { front, spans } = await traced(t, { env })
  await untilProven(front)
  isProven = true
  const before = front.log.filter(({ msg }) => msg === 'request').length
  assert.equal((await ask(front.port, LOGIN)).status, 200)
  await over(front, before + 1)
  const all = await spans()
  const failed = all.find(({ status }) => status?.code === FAILED)
  const trace = all.filter(({ traceId }) => traceId === failed?.traceId)
  const line = ({ name, attributes: a }: ReceivedSpan) =>
    `${name} ${a['gatehouse.connection.reused'] ?? ''} ${a['http.request.resend_count'] ?? ''} ${a['error.type'] ?? ''}`.trim()
  // over plain HTTP the pool has one connection by now: each new one has replaced that before it
  const tree = ['POST /user/login', '  POST true  ECONNRESET', '  POST false 1', '    connect']
  assert.equal(treeOf(trace, line), tree.join('\n'))
})

test('a login that no address takes has failed, and so have its attempt and its connections', async t => {
  const { front, spans } = await traced(t, { env: { CONNECT_TIMEOUT: '100ms' } })
  for (const address of front.alb.listed) await front.alb.fault(address, 'refuse')
  assert.equal((await ask(front.port, LOGIN)).status, 502)
  await over(front)
  const all = await spans()
  assert.ok(all.length > 3)
  assert.ok(all.every(({ status }) => status?.code === FAILED))
  assert.equal(only(all, 'POST /user/login')['error.type'], 'BACKEND_UNREACHABLE')
  assert.equal(only(all, 'POST')['error.type'], 'BACKEND_UNREACHABLE')
})

test('a wrong password is no error of the span; what the front refuses has its code', async t => {
  const { front, spans } = await traced(t, {
    handler: (req, res) => req.resume().on('end', () => res.writeHead(401).end()),
  })
  await ask(front.port, LOGIN)
  await ask(
    front.port,
    request('POST /user/login', ['Sec-Fetch-Site: cross-site', 'Origin: http://a.example'], 'a'),
  )
  await over(front, 2)
  const all = await spans()
  assert.ok(all.every(({ status }) => status?.code !== FAILED))
  assert.equal(only(all, 'POST /user/login')['http.response.status_code'], 401)
  assert.equal(only(all, 'POST refused')['error.type'], 'CROSS_SITE')
})

test('a client that leaves is told apart', async t => {
  const silent = recorder(() => {})
  const { front, spans } = await traced(t, { handler: silent.handler })
  const client = await wire(t, front.port)
  client.send(request('GET /user/login'))
  await eventually(() => silent.seen.length === 1)
  client.abort()
  await eventually(() => front.log.some(({ msg }) => msg === 'client left'))
  const all = await spans()
  for (const name of ['GET /user/login', 'GET']) assert.equal(only(all, name)['error.type'], 'client_left')
})

test('an answer that breaks off half-way is an attempt that failed, whatever its status', async t => {
  const { front, spans } = await traced(t, {
    handler: (_req, res) => {
      res.writeHead(200, { 'Content-Length': 10 })
      res.write('half', () => res.destroy())
    },
  })
  const client = await wire(t, front.port)
  client.send(request('GET /user/login'))
  await eventually(() => front.log.some(({ msg }) => msg === 'cut off'))
  const all = await spans()
  const [attempt] = all.filter(({ name }) => name === 'GET')
  assert.equal(attempt?.status?.code, FAILED)
  assert.equal(only(all, 'GET')['http.response.status_code'], 200)
  assert.equal(only(all, 'GET /user/login')['error.type'], 'BACKEND_BROKE_OFF')
})
