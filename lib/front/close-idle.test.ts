import assert from 'node:assert/strict'
import http from 'node:http'
import net from 'node:net'
import { pipeline, Writable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { listening } from '../../test/listening.ts'
import { eventually, request, wire } from '../../test/raw.ts'
import { drainBody } from '../pages/unread-body.ts'
import { serveSerially } from './connections.ts'
import { closed } from './stopping.ts'

const LARGE = 20_000_000

const LIMITED = 300_000

/** Answers at once, without a wait for the rest of a body; `/large` with more than a client's buffers take, `/limited` as a page over a limit. */
async function setUp(t: TestContext) {
  const sockets: net.Socket[] = []
  const begun: { readonly req: http.IncomingMessage; readonly readFrom: number | undefined }[] = []
  const server = http.createServer({ keepAliveTimeout: 60_000 })
  server.on('connection', socket => sockets.push(socket))
  const connections = serveSerially(
    server,
    ({ req, res, record }) => {
      begun.push({ req, readFrom: record.readFrom })
      const { socket } = req
      const limit = new Writable({ write: (_chunk, _encoding, done) => done(new Error('over a limit')) })
      if (req.url !== '/limited')
        return void res.end(req.url === '/large' ? Buffer.alloc(LARGE, 97) : 'answered')
      res.once('close', () => drainBody(req, socket))
      pipeline(req, limit, () => res.end())
    },
    () => {},
  )
  return { port: await listening(t, server), server, sockets, connections, begun }
}

test('an answer of which the tail is still to be sent is sent whole while the front stops', async t => {
  const { port, server, sockets, connections } = await setUp(t)
  const client = net.connect({ port, host: '127.0.0.1' })
  client.pause().write(request('GET /large'))
  await eventually(() => (sockets[0]?.writableLength ?? 0) > 0)
  const ended = closed({ server, connections })
  let size = 0
  client.on('data', bytes => {
    size += bytes.length
  })
  client.resume()
  await ended
  await eventually(() => client.destroyed)
  assert.ok(size > LARGE, `${size} bytes`)
})

test('an idle connection keeps nothing of the request that it has carried', async t => {
  const { port, begun } = await setUp(t)
  const client = await wire(t, port)
  client.send(request('POST /', [`X-Large: ${'a'.repeat(10_000)}`], 'body'))
  await client.answer()
  const kept = new WeakRef(begun[0]?.req ?? {})
  begun.length = 0
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  await eventually(() => {
    collect()
    return kept.deref() === undefined
  })
})

test('what has been answered is closed, and what has begun is not', async t => {
  const { port, sockets, connections } = await setUp(t)
  const [idle, begun, fresh, unread] = [
    await wire(t, port),
    await wire(t, port),
    await wire(t, port),
    await wire(t, port),
  ]
  for (const client of [idle, begun]) {
    client.send(request('GET /'))
    await client.answer()
  }
  begun.send('GET / HTTP/1.1\r\n')
  unread.send(`${request('POST /', ['Content-Length: 9'])}ab`)
  await unread.answer()
  await eventually(() => sockets[1]?.bytesRead !== sockets[0]?.bytesRead)
  connections.closeIdle()
  assert.equal(await idle.closed(), '')
  begun.send('Host: front.example\r\n\r\n')
  fresh.send(request('GET /'))
  unread.send(`cdefghi${request('GET /')}`)
  for (const client of [begun, fresh, unread]) assert.equal((await client.answer()).body, 'answered')
})

test('a connection is idle when the rest of an upload has come that a page refused in its middle, and the next request is counted from there', async t => {
  const { port, sockets, connections, begun } = await setUp(t)
  const client = await wire(t, port)
  const half = 'x'.repeat(LIMITED / 2)
  async function upload() {
    client.send(request('POST /limited', [`Content-Length: ${LIMITED}`]) + half)
    await client.answer()
    client.send(half)
    await eventually(() => begun.at(-1)?.req.complete === true)
    return sockets[0]?.bytesRead
  }
  const readTo = await upload()
  client.send(request('GET /'))
  await client.answer()
  assert.equal(begun.at(-1)?.readFrom, readTo)
  await upload()
  connections.closeIdle()
  assert.equal(await client.closed(), '')
})
