import assert from 'node:assert/strict'
import { once } from 'node:events'
import type http from 'node:http'
import { connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually, request, wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

const PATIENCE_MS = 400
/** Far less: a busy machine makes it longer. */
const PART_MS = PATIENCE_MS / 8
const OK = 'HTTP/1.1 200 OK\r\n'

/** A front before a backend that answers with bytes of its own. */
async function setUp(
  t: TestContext,
  answer: (socket: Socket, req: http.IncomingMessage) => unknown,
  patienceMs = PATIENCE_MS,
) {
  const handler: http.RequestListener = (req, res) => {
    res.socket?.on('error', () => {})
    answer(req.socket, req)
  }
  const front = await stage(t, { handler, count: 1, env: { BACKEND_TIMEOUT: `${patienceMs}ms` } })
  const isHungUpOn = () =>
    eventually(() => [...front.alb.nodes.values()].every(node => node.connections === 0))
  return { ...front, client: await wire(t, front.port), isHungUpOn }
}

/** Writes something again and again, until the connection is gone. */
async function repeat(socket: Socket, piece: string, first = '') {
  socket.write(first)
  for (; socket.writable; await sleep(10)) socket.write(piece)
}

const endless: [words: string, first: string, piece: string][] = [
  ['interim answers', '', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ['empty lines', '', '\r\n'],
  ['headers', OK, 'X-A: b\r\n'],
  ['a header byte by byte', `${OK}X-A: `, 'b'],
]
for (const [words, first, piece] of endless) {
  test(`a backend that sends ${words} for ever gets the client a 504`, async t => {
    const { client, isHungUpOn } = await setUp(t, socket => repeat(socket, piece, first))
    client.send(request('GET /user/login'))
    assert.equal((await client.answer()).status, 504)
    await isHungUpOn()
  })
}

for (const piece of ['x', 'X-A: b\r\n']) {
  const [words, chunk] = piece === 'x' ? ['an extension of a chunk', '1;'] : ['trailers', '0\r\n']
  test(`a backend that sends ${words} for ever is cut off`, async t => {
    const { client, isHungUpOn } = await setUp(t, socket =>
      repeat(socket, piece, `${OK}Transfer-Encoding: chunked\r\n\r\n${chunk}`),
    )
    client.send(request('GET /user/login'))
    assert.match(await client.closed(), /^HTTP\/1\.1 200 OK\r\n/)
    await isHungUpOn()
  })
}

test('an answer that ends with its connection is cut off where its backend falls silent: it does not look whole', async t => {
  const { client, tally, isHungUpOn } = await setUp(t, socket =>
    socket.write(`${OK}Connection: close\r\n\r\na part`),
  )
  client.send(request('GET /user/login'))
  assert.ok(!(await client.closed()).includes('\r\n0\r\n'))
  await isHungUpOn()
  await eventually(() => tally.failed.BACKEND_TIMEOUT === 1)
})

test('an answer that comes in parts is waited for', async t => {
  const { client } = await setUp(t, async socket => {
    socket.write(`${OK}Content-Length: 12\r\n\r\n`)
    for (const part of 'abcdefghijkl') {
      await sleep(PART_MS)
      socket.write(part)
    }
  })
  client.send(request('GET /user/login'))
  assert.equal((await client.answer()).body, 'abcdefghijkl')
})

test('a body that comes in parts does not count as the silence of the backend', async t => {
  const { client } = await setUp(t, async (socket, req) => {
    await once(req.resume(), 'end')
    socket.write(`${OK}Content-Length: 2\r\n\r\nok`)
  })
  const part = `c350\r\n${'x'.repeat(50_000)}\r\n`
  client.send(request('POST /user/login', ['Transfer-Encoding: chunked']))
  for (let i = 0; i < 10; i++) {
    client.send(part)
    await sleep(PART_MS)
  }
  client.send('0\r\n\r\n')
  assert.equal((await client.answer()).body, 'ok')
})

test('a client that reads nothing for longer than BACKEND_TIMEOUT gets the whole answer: that is no silence of the backend', async t => {
  const size = 16 * 1024 * 1024
  const file: http.RequestListener = (_req, res) => {
    res.writeHead(200, { 'Content-Length': size }).flushHeaders()
    for (let i = 0; i < 16; i++) res.write(Buffer.alloc(size / 16))
    res.end()
  }
  const timeoutMs = 1500
  const env = { BACKEND_TIMEOUT: `${timeoutMs}ms` }
  const { port, tally, backend } = await stage(t, { handler: file, count: 1, secure: false, env })
  const reader = connect(port, '127.0.0.1')
  t.after(() => void reader.destroy())
  reader.write(request('GET /user/login/file'))
  await eventually(() => Object.values(backend.agent.state()).some(each => each.busy === 1))
  // nothing is read of it until somebody listens
  await sleep(2 * timeoutMs)
  let bytes = 0
  reader.on('data', (chunk: Buffer) => {
    bytes += chunk.length
  })
  await eventually(() => bytes > size)
  assert.deepEqual(tally.failed, {})
})

/** Five idle connections to the one address; `/silent` gets no answer there, `/stream` the beginning of one. */
async function withPool(t: TestContext, patienceMs: number) {
  const held: Socket[] = []
  const answer = (socket: Socket, req: http.IncomingMessage) => {
    if (req.url === '/silent') return
    if (req.url === '/stream') return void socket.write(`${OK}Content-Length: 9\r\n\r\ndata: 1`)
    if (req.url === '/other') return void socket.write(`${OK}Content-Length: 0\r\n\r\n`)
    held.push(socket)
    if (held.length < 5) return
    for (const each of held.splice(0)) each.write(`${OK}Content-Length: 0\r\n\r\n`)
  }
  // the first waits until there are five connections by TLS
  const { egressUrl, backend, alb } = await setUp(t, answer, patienceMs)
  await Promise.all(Array.from({ length: 5 }, () => fetch(`${egressUrl}/`)))
  const [address = ''] = alb.listed
  const pool = () => backend.agent.state()[address]
  await eventually(() => pool()?.idle === 5)
  return { get: (path: string) => fetch(egressUrl + path), pool }
}

test('an address that does not answer within BACKEND_TIMEOUT loses its idle connections', async t => {
  const { get, pool } = await withPool(t, 2000)
  assert.equal((await get('/silent')).status, 504)
  await eventually(() => pool() === undefined)
})

test('one that answers other requests meanwhile keeps them: a page that hangs is no dead API', async t => {
  const { get, pool } = await withPool(t, 2000)
  const silent = get('/silent')
  await eventually(() => pool()?.busy === 1)
  assert.equal((await get('/other')).status, 200)
  assert.equal((await silent).status, 504)
  await eventually(() => pool()?.busy === 0)
  assert.equal(pool()?.idle, 4)
})

test('so does one whose answer has begun, and breaks off for silence: an event stream without a heartbeat', async t => {
  const { get, pool } = await withPool(t, 2000)
  await assert.rejects((await get('/stream')).text())
  await eventually(() => pool()?.busy === 0)
  assert.equal(pool()?.idle, 4)
})
