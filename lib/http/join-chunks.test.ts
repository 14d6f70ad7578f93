import assert from 'node:assert/strict'
import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import { type TestContext, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { listening } from '../../test/listening.ts'
import { eventually, request, wire } from '../../test/raw.ts'
import { serveSerially } from '../front/connections.ts'
import { readWhole } from './join-chunks.ts'

/** A server that leaves its first request unread, and answers it at its end. */
async function serve(t: TestContext) {
  const { promise: begun, resolve } = Promise.withResolvers<IncomingMessage>()
  const server = http.createServer()
  serveSerially(
    server,
    ({ req, res }) => {
      resolve(req)
      req.once('end', () => res.end('all'))
    },
    () => {},
  )
  return { begun, client: await wire(t, await listening(t, server)) }
}

test('chunks of a byte that come while nobody reads are few pieces, and arrive whole', async t => {
  const { client, begun } = await serve(t)
  client.send(request('POST /', ['Transfer-Encoding: chunked']))
  const text = Array.from({ length: 20_000 }, (_, i) => String(i % 10)).join('')
  client.send(text.replace(/./g, '1\r\n$&\r\n'))
  const req = await begun
  await eventually(() => req.readableLength > 0)
  client.send('0\r\n\r\n')
  const pieces: string[] = []
  req.on('data', (piece: Buffer) => pieces.push(piece.toString()))
  await once(req, 'end')
  assert.equal(pieces.join(''), text)
  assert.ok(pieces.length < 100, `${pieces.length} pieces`)
  assert.equal((await client.answer()).body, 'all')
})

for (const [length, status] of [
  [1, 400],
  [8, 200],
] as const)
  test(`a body in 80,000 chunks of ${length} B gets ${status}`, async t => {
    const { client, begun } = await serve(t)
    client.send(request('POST /', ['Transfer-Encoding: chunked']))
    const req = await begun
    let ended = false
    req.resume().once('end', () => {
      ended = true
    })
    client.send(`${length}\r\n${'x'.repeat(length)}\r\n`.repeat(80_000))
    client.send('0\r\n\r\n')
    assert.equal((await client.answer()).status, status)
    assert.equal(ended, status === 200)
    if (status === 400) await client.closed()
  })

test('of many bodies in chunks of a byte, a turn of the event loop parses a few hundred chunks of each', async t => {
  const [CLIENTS, CHUNKS, MOST] = [5, 20_000, 800]
  let parsed = 0
  const server = http.createServer()
  serveSerially(
    server,
    ({ req }) => {
      const push = req.push.bind(req)
      req.push = chunk => {
        parsed++
        return push(chunk)
      }
      req.resume()
    },
    () => {},
  )
  const port = await listening(t, server)
  for (let i = 0; i < CLIENTS; i++) {
    const client = await wire(t, port)
    client.send(request('POST /', ['Transfer-Encoding: chunked']) + '1\r\nx\r\n'.repeat(CHUNKS))
  }
  for (let before = 0; parsed < CLIENTS * CHUNKS; before = parsed) {
    await turn()
    assert.ok(parsed - before <= CLIENTS * MOST, `${parsed - before} chunks in one turn`)
  }
})

test('a body in chunks that nobody reads holds its client up', async t => {
  const { client, begun } = await serve(t)
  client.send(request('POST /', ['Transfer-Encoding: chunked']))
  for (let i = 0; i < 100; i++) client.send(`8000\r\n${'x'.repeat(0x8000)}\r\n`)
  const req = await begun
  await eventually(() => req.socket.isPaused())
  assert.ok(req.readableLength < 4 * req.readableHighWaterMark, `${req.readableLength} bytes`)
  let size = 0
  req.on('data', (piece: Buffer) => {
    size += piece.length
  })
  client.send('0\r\n\r\n')
  await once(req, 'end')
  assert.equal(size, 100 * 0x8000)
})

test('a body that came in several pieces is read whole, and ends', async t => {
  const { client, begun } = await serve(t)
  client.send(request('POST /', ['Content-Length: 9']))
  client.send('one')
  const req = await begun
  for (const piece of ['two', 'six']) {
    await eventually(() => req.readableLength > 0 && req.readableLength % 3 === 0)
    client.send(piece)
  }
  await eventually(() => req.complete)
  const ended = once(req, 'end')
  assert.equal(String(readWhole(req)), 'onetwosix')
  await ended
})
