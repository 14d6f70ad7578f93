import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { test } from 'node:test'
import tls from 'node:tls'
import { authority } from '../../test/backend.ts'
import { listening } from '../../test/listening.ts'
import { ask, eventually, type RawAnswer, recorder, request, wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import type { Alb } from '../../testing/alb.ts'
import type { Connection } from '../backend/connect.ts'

/** Of an answer that is an error of the table: its status, code, and whether the client may send it again. */
function failureOf({ status, body }: RawAnswer) {
  const { code, retry } = JSON.parse(body).error
  return { status, code, retry }
}

/** Until every connection to the backend has ended: one that failed is not used again. */
const noneLeft = (alb: Alb) =>
  eventually(() => [...alb.nodes.values()].every(({ connections }) => connections === 0))

const UNREACHABLE = { status: 502, code: 'BACKEND_UNREACHABLE', retry: true }
const BROKE_OFF = { status: 502, code: 'BACKEND_BROKE_OFF', retry: false }
const TIMEOUT = { status: 504, code: 'BACKEND_TIMEOUT', retry: false }

for (const fault of ['refuse', 'reset', 'wrong-certificate', 'hang'] as const) {
  test(`a backend of which every address is at "${fault}" is unreachable`, async t => {
    const { alb, port, tally } = await stage(t, { env: { CONNECT_TIMEOUT: '150ms' } })
    for (const address of alb.listed) await alb.fault(address, fault)
    assert.deepEqual(failureOf(await ask(port, request('POST /user/login', [], 'abc'))), UNREACHABLE)
    assert.deepEqual(tally.failed, { BACKEND_UNREACHABLE: 1 })
    await noneLeft(alb)
  })
}

test('a backend that was unreachable is reached again, on the same connection of the client', async t => {
  const { alb, port } = await stage(t, { count: 1, env: { CONNECT_TIMEOUT: '400ms' } })
  const [address = ''] = alb.listed
  const client = await wire(t, port)
  await alb.fault(address, 'refuse')
  client.send(request('POST /user/login', [], 'abc'))
  assert.equal((await client.answer()).status, 502)
  await alb.heal(address)
  client.send(request('POST /user/login', [], 'abc'))
  assert.equal((await client.answer()).body, address)
})

test('a name that DNS does not know gets 503 with Retry-After, and works by itself once DNS knows it', async t => {
  const server = http.createServer((req, res) => req.resume().on('end', () => res.end('found')))
  const env = {
    BACKEND_ORIGIN: `http://later.dev.jp:${await listening(t, server)}`,
    CONNECT_TIMEOUT: '300ms',
  }
  const { dns, backend, port } = await stage(t, { env, resolved: false })

  const answer = await ask(port, request('POST /user/login', [], 'abc'))
  assert.deepEqual(failureOf(answer), { status: 503, code: 'BACKEND_UNKNOWN', retry: true })
  assert.ok(answer.headers.some(([name]) => name === 'Retry-After'))
  dns.list('later.dev.jp', ['127.0.0.1'])
  await once(backend.cache.changes, 'fresh')
  assert.equal((await ask(port, request('POST /user/login', [], 'abc'))).body, 'found')
})

test('a backend that leads back to the front is one loop of 32, and 421', async t => {
  let to = 0
  let rounds = 0
  const back = net.createServer(socket => {
    rounds++
    // reset, where the front stops before it has read all
    const again = net.connect(to, '127.0.0.1').on('error', () => {})
    socket.pipe(again).pipe(socket)
  })
  const env = { BACKEND_ORIGIN: `http://127.0.0.1:${await listening(t, back)}`, REPLAY: 'off' }
  const { port, log } = await stage(t, { env })
  to = port
  const answer = await ask(port, request('POST /user/login', [], 'abc'))
  assert.deepEqual(failureOf(answer), { status: 421, code: 'MISDIRECTED', retry: false })
  assert.equal(rounds, 32)
  assert.deepEqual(
    log.flatMap(({ cause }) => cause ?? []),
    ['a loop: forwarded 32 times'],
  )
})

test('a backend that wants a certificate of its client, as TLS 1.3 says behind the handshake, has ended the connection', async t => {
  const { key, cert } = await authority.issue(['strict.dev.jp'])
  const server = tls.createServer({ key, cert, ca: authority.ca, requestCert: true })
  server.on('tlsClientError', () => {})
  const env = { BACKEND_ORIGIN: `https://strict.dev.jp:${await listening(t, server)}` }
  const { dns, backend, port, tally, log } = await stage(t, { env, resolved: false })
  dns.list('strict.dev.jp', ['127.0.0.1'])
  await once(backend.cache.changes, 'fresh')

  assert.deepEqual(failureOf(await ask(port, request('POST /user/login', [], 'abc'))), BROKE_OFF)
  assert.deepEqual(failureOf(await ask(port, request('GET /user/login'))), BROKE_OFF)
  assert.deepEqual(tally.failed, { BACKEND_BROKE_OFF: 2 })
  const told = log.filter(({ code }) => code === 'BACKEND_BROKE_OFF')
  assert.deepEqual(
    told.map(({ method, attempts, cause }) => [method, attempts, /CERTIFICATE_REQUIRED/.test(String(cause))]),
    [
      ['POST', 1, true],
      ['GET', 2, true],
    ],
  )
})

test('a machine that is gone while it owes answers: a GET is answered by another one, a POST fails', async t => {
  let gone = ''
  const handler: http.RequestListener = ({ socket: { localAddress = '' } }, res) => {
    gone ||= localAddress
    if (localAddress !== gone) res.end(localAddress)
  }
  const { port, backend, alb } = await stage(t, { handler })
  const opened: Connection[] = []
  backend.events.on('connected', connection => opened.push(connection))
  for (const method of ['GET', 'POST']) {
    gone = ''
    const asked = ask(port, request(`${method} /user/login`))
    await eventually(() => gone !== '')
    // what the kernel says when 10 probes of TCP's keep-alive, one a second, have got no answer
    const error = Object.assign(new Error('read ETIMEDOUT'), { code: 'ETIMEDOUT' })
    for (const { address, socket } of opened) if (address === gone) socket.destroy(error)
    const answer = await asked
    if (method === 'GET')
      assert.equal(
        answer.body,
        alb.listed.find(each => each !== gone),
      )
    else assert.deepEqual(failureOf(answer), BROKE_OFF)
  }
})

test('a backend that does not answer in time gets 504', async t => {
  const silent = recorder(() => {})
  const { port, tally, alb } = await stage(t, { handler: silent.handler, env: { BACKEND_TIMEOUT: '200ms' } })
  assert.deepEqual(failureOf(await ask(port, request('POST /user/login', [], 'abc'))), TIMEOUT)
  assert.equal(silent.seen.length, 1)
  assert.deepEqual(tally.failed, { BACKEND_TIMEOUT: 1 })
  await noneLeft(alb)
})

test('after a request that ran out of time its client is served over another connection', async t => {
  const handler: http.RequestListener = (req, res) => {
    if (req.url !== '/user/login/silent') res.end('answered')
  }
  const { port, alb } = await stage(t, { handler, count: 1, env: { BACKEND_TIMEOUT: '500ms' } })
  const client = await wire(t, port)
  client.send(request('GET /user/login/silent'))
  assert.equal((await client.answer()).status, 504)
  client.send(request('GET /user/login'))
  assert.equal((await client.answer()).body, 'answered')
  await eventually(() => alb.nodes.get(alb.listed[0] ?? '')?.connections === 1)
  assert.equal(alb.nodes.get(alb.listed[0] ?? '')?.accepted, 2)
})

test('a backend that falls silent in the middle of its answer has it cut off', async t => {
  const handler: http.RequestListener = (_req, res) => {
    res.writeHead(200, { 'Content-Length': 10 }).write('half')
  }
  const { port, tally, alb } = await stage(t, { handler, env: { BACKEND_TIMEOUT: '200ms' } })
  const client = await wire(t, port)
  client.send(request('POST /user/login', [], 'abc'))
  assert.match(await client.closed(), /^HTTP\/1\.1 200 OK\r\n.*\r\n\r\nhalf$/s)
  await eventually(() => tally.failed.BACKEND_TIMEOUT === 1)
  await noneLeft(alb)
})

test('a backend that is slow but never silent for long is waited for', async t => {
  const handler: http.RequestListener = (_req, res) => {
    let left = 8
    const timer = setInterval(() => {
      if (left-- > 0) return void res.write('.')
      clearInterval(timer)
      res.end()
    }, 100)
  }
  const { port } = await stage(t, { handler, env: { BACKEND_TIMEOUT: '600ms' } })
  assert.equal((await ask(port, request('GET /user/login'))).body, '........')
})

const breaks: [words: string, how: (req: http.IncomingMessage) => void][] = [
  ['resets the connection', req => req.socket.resetAndDestroy()],
  ['closes the connection', req => req.socket.end()],
  ['closes it in the middle of the head', req => req.socket.end('HTTP/1.1 200 OK\r\nContent-')],
]
for (const [words, how] of breaks) {
  test(`a login after which the backend ${words} is not retried`, async t => {
    const breaking = recorder(req => req.on('end', () => how(req)))
    // a reset needs TCP itself
    const { port, tally, alb } = await stage(t, { handler: breaking.handler, secure: false })
    assert.deepEqual(failureOf(await ask(port, request('POST /user/login', [], 'abc'))), BROKE_OFF)
    assert.equal(breaking.seen.length, 1)
    assert.deepEqual(tally.failed, { BACKEND_BROKE_OFF: 1 })
    await noneLeft(alb)
  })
}

const cuts: [words: string, bytes: string][] = [
  ['a length', 'Content-Length: 10\r\n\r\nhalf'],
  ['chunks', 'Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
]
for (const [words, bytes] of cuts) {
  test(`an answer with ${words} that the backend breaks off is broken off for the client`, async t => {
    const handler: http.RequestListener = req => void req.socket.end(`HTTP/1.1 200 OK\r\n${bytes}`)
    const { port, tally, alb } = await stage(t, { handler })
    const client = await wire(t, port)
    client.send(request('POST /user/login', [], 'abc'))
    assert.doesNotMatch(await client.closed(), /0\r\n\r\n$/)
    await eventually(() => tally.failed.BACKEND_BROKE_OFF === 1)
    await noneLeft(alb)
  })
}
