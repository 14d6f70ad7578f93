import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { queryObjects } from 'node:v8'
import { eventually, request, wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import { answerSockets, SOCKETS, shakeHands } from '../../testing/sockets.ts'
import { listen } from '../front/listen.ts'

async function setUp(t: TestContext, onUpgrade: (socket: Duplex) => void = () => {}) {
  const api = http.createServer().on('upgrade', (req, socket) => {
    answerSockets(req, socket)
    onUpgrade(socket)
  })
  const port = await listen(api, 0, '127.0.0.1')
  t.after(() => void api.close())
  return stage(t, { config: () => ({ routes: [{ path: SOCKETS, to: `http://127.0.0.1:${port}` }] }) })
}

async function open(t: TestContext, port: number) {
  const client = await wire(t, port)
  const headers = [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'User-Agent: app/1.0',
    'X-Forwarded-For: 203.0.113.7',
    'Cookie: session=1',
  ]
  client.send(request(`GET ${SOCKETS}`, headers))
  assert.equal((await client.answer(true)).status, 101)
  return client
}

/** A client's end of a tunnel, of which nothing is read yet. */
async function shake(t: TestContext, port: number) {
  const { request: asked } = shakeHands(port)
  const client = await new Promise<Socket>(resolve =>
    asked.once('upgrade', (_answer, socket) => resolve(socket)),
  )
  client.on('error', () => {})
  t.after(() => void client.destroy())
  return client
}

test('a tunnel keeps no request to the API in memory', async t => {
  const front = await setUp(t)
  await open(t, front.port)
  const count = () => queryObjects(http.ClientRequest, { format: 'count' })
  const before = count()
  for (let i = 0; i < 5; i++) await open(t, front.port)
  await eventually(() => count() === before)
})

test('the line of a tunnel that is over says who it was', async t => {
  const front = await setUp(t)
  const client = await open(t, front.port)
  client.abort()
  await eventually(() => front.log.some(each => each.route === 'upgrade'))
  const line = front.log.find(each => each.route === 'upgrade')
  assert.deepEqual(
    [line?.status, line?.host, line?.agent, line?.matched, typeof line?.id, typeof line?.client],
    [101, 'front.example', 'app/1.0', SOCKETS, 'string', 'string'],
  )
})

test('a tunnel whose API has stopped reading ends when its client has left', async t => {
  const { setTimeout } = globalThis
  // in place of 90 s
  t.mock.method(globalThis, 'setTimeout', (go: () => void, ms: number, ...more: unknown[]) =>
    setTimeout(go, ms === 90_000 ? 3000 : ms, ...more),
  )
  const front = await setUp(t, socket => socket.pause())
  await open(t, front.port)
  const client = await shake(t, front.port)
  // far more than the kernel's buffers hold
  for (let i = 0; i < 1024; i++) client.write(Buffer.alloc(64 * 1024))
  // until nothing more is read: nothing tells
  await sleep(400)
  client.resetAndDestroy()
  await eventually(() => front.log.some(each => each.route === 'upgrade'))
  assert.equal(front.log.filter(each => each.route === 'upgrade').length, 1)
})

test('a client that reads slowly gets all that its API has sent before it closed', async t => {
  const api: Duplex[] = []
  const front = await setUp(t, socket => api.push(socket))
  const ofClient: Socket[] = []
  front.server.on('connection', socket => ofClient.push(socket))
  const client = await shake(t, front.port)
  const [from, to] = [api[0], ofClient[0]]
  assert.ok(from && to)
  let sent = 0
  // until the kernel takes no more for the client, and the front holds the rest
  while (to.writableLength === 0) {
    from.write(Buffer.alloc(16 * 1024))
    sent += 16 * 1024
    await sleep(1)
  }
  from.end()
  // longer than a side gets to which nothing is to be sent
  await sleep(4000)
  let received = 0
  client.on('data', (chunk: Buffer) => {
    received += chunk.length
  })
  await once(client, 'close')
  assert.equal(received, sent)
})
