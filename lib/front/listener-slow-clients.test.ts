import assert from 'node:assert/strict'
import { once } from 'node:events'
import type http from 'node:http'
import net from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ask, eventually, header, recorder, request, wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import { RESERVE } from './descriptors.ts'

const PATIENCE_MS = 300

/** A front whose patience is short: node:http takes a new limit up at once. */
async function setUp(t: TestContext, limits: { headersTimeout?: number; requestTimeout?: number } = {}) {
  const backend = recorder()
  const front = await stage(t, { handler: backend.handler })
  const { headersTimeout, requestTimeout } = front.server
  Object.assign(front.server, limits)
  return { ...front, seen: backend.seen, initial: { headersTimeout, requestTimeout } }
}

/** Sends a piece again and again, until the answer is there. */
async function trickle(client: Awaited<ReturnType<typeof wire>>, piece: string) {
  const answer = client.answer()
  const state = { done: false }
  void answer.catch(() => {}).finally(() => Object.assign(state, { done: true }))
  for (; !state.done; await sleep(PATIENCE_MS / 10)) client.send(piece)
  return answer
}

test('a client has 15 s for its head, and no limit for the whole of a request', async t => {
  const { initial } = await setUp(t)
  assert.deepEqual(initial, { headersTimeout: 15_000, requestTimeout: 0 })
})

const heads: [words: string, start: string, piece: string][] = [
  ['nothing but a request line', 'POST /user/login HTTP/1.1\r\n', ''],
  ['a header every now and then', 'POST /user/login HTTP/1.1\r\n', 'X-A: b\r\n'],
  ['a header byte by byte', 'POST /user/login HTTP/1.1\r\nX-A: ', 'b'],
  ['a request line byte by byte', 'GET /user/login/', 'b'],
]
for (const [words, start, piece] of heads) {
  test(`a client that sends ${words} gets 408, and the backend sees nothing`, async t => {
    const { port, seen } = await setUp(t, { headersTimeout: PATIENCE_MS })
    const client = await wire(t, port)
    client.send(start)
    const answer = await trickle(client, piece)
    assert.deepEqual([answer.status, header(answer, 'connection')], [408, 'close'])
    await client.closed()
    assert.deepEqual(seen, [])
  })
}

test('slow clients keep nobody else from logging in', async t => {
  const { port } = await setUp(t)
  const slow = await Promise.all(Array.from({ length: 200 }, () => wire(t, port)))
  for (const each of slow) each.send('POST /user/login HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\na')
  assert.equal((await ask(port, request('POST /user/login', [], 'abc'))).status, 200)
})

test('connections beyond the bound are closed at once, and one that ends makes room', async t => {
  const { port, server, bounds } = await setUp(t)
  assert.equal(server.maxConnections, bounds.connections.most + RESERVE)
  server.maxConnections = 2
  const [first] = [await wire(t, port), await wire(t, port)]
  const dropped = once(server, 'drop')
  const third = await wire(t, port)
  await dropped
  assert.equal(await third.closed(), '')
  first.abort()
  let open = 2
  await eventually(() => {
    server.getConnections((_error, count) => {
      open = count
    })
    return open === 1
  })
  assert.equal((await ask(port, request('GET /healthz'))).status, 200)
})

test('a front that is full says 503 to all but health checks, and serves again as soon as there is room', async t => {
  const { port, server, bounds } = await stage(t)
  bounds.connections.most = 1
  const left = new Promise(resolve => server.once('connection', socket => socket.once('close', resolve)))
  const first = await wire(t, port)
  first.send(request('POST /user/login', [], 'abc'))
  assert.equal((await first.answer()).status, 200)
  for (const line of ['POST /user/login', 'GET /']) {
    const refused = await ask(port, request(line, [], 'abc'))
    assert.deepEqual(
      [refused.status, header(refused, 'retry-after'), header(refused, 'connection')],
      [503, '1', 'close'],
    )
  }
  assert.equal(bounds.connections.exceeded, 2)
  for (const path of ['/healthz', '/readyz'])
    assert.equal((await ask(port, request(`GET ${path}`))).status, 200)
  first.send(request('POST /user/login', [], 'abc'))
  assert.equal((await first.answer()).status, 200)
  first.abort()
  await left
  assert.equal((await ask(port, request('POST /user/login', [], 'abc'))).status, 200)
})

test('a client that reads nothing is hung up on', async t => {
  const pages: http.RequestListener = (_req, res) => {
    const more = () => {
      while (res.write('x'.repeat(100_000)));
    }
    res.on('drain', more)
    more()
  }
  const { server, port } = await stage(t, { pages })
  assert.equal(server.timeout, 90_000)
  server.timeout = PATIENCE_MS
  const closed = once(server, 'connection').then(([socket]) => once(socket, 'close'))
  const socket = net
    .connect(port, '127.0.0.1')
    .on('error', () => {})
    .pause()
  t.after(() => void socket.destroy())
  socket.write(request('GET /'))
  await closed
})

test('an idle connection costs a slow client nothing: its time starts with its request', async t => {
  const { port } = await setUp(t, { headersTimeout: PATIENCE_MS })
  const client = await wire(t, port)
  client.send(request('GET /user/login'))
  assert.equal((await client.answer()).status, 200)
  // longer than the limit, and than the interval at which node:http looks
  await sleep(2500)
  client.send(request('GET /user/login'))
  assert.equal((await client.answer()).status, 200)
})
