import assert from 'node:assert/strict'
import http from 'node:http'
import net from 'node:net'
import type { Duplex } from 'node:stream'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { echo, type OnUpgrade, SWITCHED, setUp, shake } from '../../test/handshakes.ts'
import { listening } from '../../test/listening.ts'
import { answerInBytes, countPieces, TEXT } from '../../test/pieces.ts'
import { ask, eventually, header, request, wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import { switched } from '../../testing/sockets.ts'

test('a refusal of the API is passed on, and what comes behind it reaches nobody', async t => {
  const front = await setUp(t, (_req, socket) => {
    socket.end('HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\nContent-Length: 2\r\n\r\nno')
  })
  const client = await wire(t, front.port)
  client.send(`${shake('/ws/chat')}GET /v1/admin HTTP/1.1\r\nHost: api\r\n\r\n`)
  const answer = await client.answer()
  assert.deepEqual([answer.status, answer.body, header(answer, 'sec-websocket-version')], [426, 'no', '13'])
  client.send('GET /v1/admin HTTP/1.1\r\nHost: api\r\n\r\n')
  assert.equal(await client.closed(), '')
  assert.equal(front.seen.length, 1)
})

const isBusy = ({ backends }: Awaited<ReturnType<typeof setUp>>) =>
  backends.some(each => Object.values(each.agent.state()).some(({ busy }) => busy > 0))

/** An API that takes a handshake for a plain request, and begins an answer. */
const begins: OnUpgrade = (_req, socket) =>
  void socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbegun\r\n')

for (const [words, path, onUpgrade, code] of [
  ['stalls', '/slow', begins, 'BACKEND_TIMEOUT'],
  [
    'breaks off',
    '/ws/chat',
    (req: http.IncomingMessage, socket: Duplex, head: Buffer) => {
      begins(req, socket, head)
      socket.end()
    },
    'BACKEND_BROKE_OFF',
  ],
] as const) {
  test(`a refusal that ${words} is cut off as ${code}`, async t => {
    const front = await setUp(t, onUpgrade)
    const client = await wire(t, front.port)
    client.send(shake(path))
    await client.until('begun')
    await client.closed()
    await eventually(() => front.log.some(each => each.route === 'upgrade' && each.code === code))
  })
}

for (const [words, reply] of [
  ['a wrong Sec-WebSocket-Accept', switched('AAAAAAAAAAAAAAAAAAAAAAAAAAA=')],
  [
    'no Sec-WebSocket-Accept',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  ],
  ['another protocol', SWITCHED.replace('websocket', 'h2c')],
  ['no Upgrade', SWITCHED.replace('Upgrade: websocket\r\n', '')],
  ['no Connection', SWITCHED.replace('Connection: Upgrade\r\n', '')],
  ['more headers than Node keeps', SWITCHED.replace(/\r\n$/, `${'X-A: b\r\n'.repeat(1000)}\r\n`)],
  ['another transfer coding', SWITCHED.replace(/\r\n$/, 'Transfer-Encoding: gzip\r\n\r\n')],
] as const) {
  test(`101 with ${words} opens no tunnel`, async t => {
    const front = await setUp(
      t,
      (_req, socket) =>
        void socket
          .resume()
          .once('end', () => socket.destroy())
          .write(reply),
    )
    const client = await wire(t, front.port)
    client.send(`${shake('/ws/chat')}GET /v1/admin HTTP/1.1\r\nHost: api\r\n\r\n`)
    const { status, body } = await client.answer()
    assert.equal(status, 502)
    assert.match(body, /BACKEND_BAD_ANSWER/)
    await eventually(() => !isBusy(front))
    assert.equal(front.seen.length, 1)
  })
}

test('a connection whose handshake is refused closes with its client, whatever that has sent behind it', async t => {
  const front = await setUp(t, (_req, socket) => socket.end('HTTP/1.1 403 no\r\nContent-Length: 2\r\n\r\nno'))
  for (const path of ['/ws/chat', '/gone', '/page']) {
    const client = await wire(t, front.port)
    client.send(shake(path) + request('GET /').repeat(20))
    client.halfClose()
    await client.closed()
  }
  await eventually(() => front.bounds.connections.now === 0)
})

test('a client that ends its side before its handshake is answered has left: the API is not waited for', async t => {
  const front = await setUp(t, () => {})
  const client = await wire(t, front.port)
  client.send(shake('/ws/chat'))
  await eventually(() => front.seen.length === 1)
  client.halfClose()
  assert.equal(await client.closed(), '')
  await eventually(() => !isBusy(front))
})

test('a refusal that is larger than what a connection buffers comes whole', async t => {
  const body = 'no'.repeat(1_000_000)
  const api = await listening(
    t,
    http.createServer((_req, res) => res.writeHead(403, { 'Content-Length': body.length }).end(body)),
  )
  const { port } = await stage(t, {
    config: () => ({ routes: [{ path: '/ws', to: `http://127.0.0.1:${api}` }] }),
  })
  assert.equal((await ask(port, shake('/ws'))).body, body)
})

test('a client that leaves within a refusal ends it at the API, too', async t => {
  const front = await setUp(t, (_req, socket) => {
    socket.write('HTTP/1.1 403 no\r\nContent-Length: 9\r\n\r\nno')
  })
  const client = await wire(t, front.port)
  client.send(`${shake('/ws/chat')}what is behind`)
  await client.until('\r\n\r\nno')
  client.halfClose()
  await client.closed()
  await eventually(() => !isBusy(front))
})

test('a client that does not read the refusal of its handshake is not waited for', async t => {
  const front = await setUp(t, (_req, socket) => {
    socket.write('HTTP/1.1 403 no\r\nConnection: close\r\n\r\n')
    socket.write(Buffer.alloc(64 * 1024 * 1024))
  })
  front.server.timeout = 200
  const client = net
    .connect(front.port, '127.0.0.1')
    .on('error', () => {})
    .pause()
  t.after(() => void client.destroy())
  client.write(shake('/ws/chat'))
  await eventually(() => front.bounds.connections.now === 1)
  await eventually(() => front.bounds.connections.now === 0)
})

test('an API that says nothing to the handshake is a timeout', async t => {
  const front = await setUp(t, () => {})
  const { status, body } = await ask(front.port, shake('/slow'))
  assert.equal(status, 504)
  assert.match(body, /BACKEND_TIMEOUT/)
})

test('an API that cannot be reached is 502, and nothing was done', async t => {
  const front = await setUp(t)
  const { status, body } = await ask(front.port, shake('/gone'))
  assert.equal(status, 502)
  assert.match(body, /BACKEND_UNREACHABLE.*"retry":true/)
})

test('while no address can be reached, a handshake waits for one as a login does: its timeout counts from the connection', async t => {
  const { port, alb } = await setUp(t, echo, { BACKEND_TIMEOUT: '300ms', CONNECT_TIMEOUT: '3s' })
  for (const address of alb.listed) await alb.fault(address, 'refuse')
  const answered = ask(port, shake('/other'), true)
  await sleep(600)
  await alb.add()
  // its nodes know no WebSocket
  assert.equal((await answered).status, 200)
})

test('a refusal in chunks of a byte is held in few pieces, and comes whole', async t => {
  const api = await listening(t, http.createServer(answerInBytes))
  const config = () => ({ routes: [{ path: '/ws', to: `http://127.0.0.1:${api}` }] })
  const { port } = await stage(t, { config })
  const pieces = countPieces(t)
  assert.equal((await ask(port, shake('/ws'))).body, TEXT)
  assert.ok(pieces.count < 200, `${pieces.count} pieces`)
})
