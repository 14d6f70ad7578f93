import assert from 'node:assert/strict'
import { once } from 'node:events'
import http, { type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import zlib, { createUnzip } from 'node:zlib'
import { createCompressedPages } from './compressed-pages.ts'

type Answer = (res: ServerResponse) => unknown

const compression: () => (req: http.IncomingMessage, res: ServerResponse, next: () => void) => void =
  createRequire(import.meta.url)('next/dist/compiled/compression')

let answer: Answer = () => {}
let useCompressed = createCompressedPages()
/** whether the answer's page was compressed for it */
let compressed = false
const server = http.createServer((req, res) => {
  useCompressed(res)
  // as Next's router server
  compression()(req, res, () => {})
  compressed = false
  res.setHeader('Content-Type', 'text/html')
  answer(res)
})
after(() => server.close())
await once(server.listen(0, '127.0.0.1'), 'listening')
const bound = server.address()
const port = typeof bound === 'object' && bound ? bound.port : 0

/** Next's own way to compress: the stream does it as soon as it is written to. */
const { Gzip } = zlib
const { _transform } = Gzip.prototype
Gzip.prototype._transform = function (...what) {
  compressed = true
  return Reflect.apply(_transform, this, what)
}

async function ask(by: Answer, headers: http.OutgoingHttpHeaders = { 'accept-encoding': 'gzip' }) {
  answer = by
  const request = http.get({ host: '127.0.0.1', port, headers, agent: false })
  const [res]: http.IncomingMessage[] = await once(request, 'response')
  assert.ok(res)
  const body = await text(res.headers['content-encoding'] ? res.pipe(createUnzip()) : res)
  return { body, headers: res.headers, compressed }
}

const PAGE = '<p>Rendered at build</p>'.repeat(200)
const page =
  (html: string, { etag = '"abc"', cacheControl = 's-maxage=31536000' } = {}): Answer =>
  res => {
    res.setHeader('Cache-Control', cacheControl)
    res.setHeader('ETag', etag)
    res.setHeader('Content-Length', Buffer.byteLength(html))
    res.end(html)
  }

test.beforeEach(() => {
  useCompressed = createCompressedPages()
})

test('a page that was answered before is not compressed again, and arrives the same', async () => {
  const first = await ask(page(PAGE))
  const second = await ask(page(PAGE))
  assert.equal(first.body, PAGE)
  assert.equal(second.body, PAGE)
  assert.deepEqual([first.compressed, second.compressed], [true, false])
  const { date: _first, ...headers } = first.headers
  const { date: _second, ...again } = second.headers
  assert.deepEqual(again, headers)
})

test('a page that differs in one byte under the same ETag is compressed anew', async () => {
  await ask(page(PAGE))
  const other = PAGE.replace('build', 'night')
  assert.equal((await ask(page(other))).body, other)
  assert.equal((await ask(page(other))).compressed, false)
})

test('an app that writes into its Buffer again gets the new page sent', async () => {
  const board = Buffer.alloc(4000, 'a')
  const own: Answer = res => {
    res.setHeader('Cache-Control', 's-maxage=1')
    res.setHeader('ETag', 'W/"board"')
    res.end(board)
  }
  await ask(own)
  board.fill('b')
  assert.equal((await ask(own)).body, 'b'.repeat(4000))
})

test('what is rendered for a visitor is not kept', async () => {
  const own = page(PAGE, { cacheControl: 'private, no-cache, no-store' })
  await ask(own)
  assert.equal((await ask(own)).compressed, true)
})

test('a client that does not take gzip gets the page as it is', async () => {
  await ask(page(PAGE))
  const plain = await ask(page(PAGE), {})
  assert.equal(plain.body, PAGE)
  assert.equal(plain.headers['content-length'], String(PAGE.length))
})

test('gzip and deflate of one page are two answers', async () => {
  await ask(page(PAGE))
  const deflated = await ask(page(PAGE), { 'accept-encoding': 'deflate' })
  assert.equal(deflated.headers['content-encoding'], 'deflate')
  assert.equal(deflated.body, PAGE)
})

test('a page that is written in pieces arrives whole, though its last piece is a page that is kept', async () => {
  await ask(page(PAGE))
  const inPieces = await ask(res => {
    res.setHeader('Cache-Control', 's-maxage=60')
    res.setHeader('ETag', '"abc"')
    res.write('<p>first</p>'.repeat(100))
    res.end(PAGE)
  })
  assert.equal(inPieces.body, '<p>first</p>'.repeat(100) + PAGE)
})

test('a client that leaves while its page is compressed leaves nothing behind for the next', async () => {
  const closed = Promise.withResolvers<void>()
  answer = res => {
    res.once('close', () => closed.resolve())
    res.socket?.destroy()
    page(PAGE)(res)
  }
  http
    .get({ host: '127.0.0.1', port, headers: { 'accept-encoding': 'gzip' }, agent: false })
    .on('error', () => {})
  await closed.promise
  assert.equal((await ask(page(PAGE))).body, PAGE)
})

test('a client that leaves before its kept page has left ends nothing but its own answer', async () => {
  await ask(page(PAGE))
  const closed = Promise.withResolvers<unknown>()
  answer = res => {
    res.on('error', closed.reject)
    // as Next's router server does
    res.once('close', () => {
      const stream: { destroy(): void } = res.on('drain', () => {})
      stream.destroy()
      setImmediate(closed.resolve)
    })
    page(PAGE)(res)
    res.socket?.destroy()
  }
  http
    .get({ host: '127.0.0.1', port, headers: { 'accept-encoding': 'gzip' }, agent: false })
    .on('error', () => {})
  await closed.promise
  assert.equal((await ask(page(PAGE))).compressed, false)
})

test('what is kept stays within 8 MB: the oldest pages are compressed again', async () => {
  // each keeps little more than 400 KB
  const large = (i: number) => page(`${i}`.padEnd(400_000, '<p>large</p>'), { etag: `"${i}"` })
  for (let i = 0; i < 25; i++) await ask(large(i))
  assert.equal((await ask(large(24))).compressed, false)
  assert.equal((await ask(large(0))).compressed, true)
})

test('a small page keeps its own bytes alone, and not those that were allocated beside it', async () => {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const rest = () => {
    collect()
    return process.memoryUsage().arrayBuffers
  }
  const small = (i: number) => page(`${i}`.padEnd(1500, '<p>small</p>'), { etag: `"${i}"` })
  await ask(small(0))
  const before = rest()
  for (let i = 1; i <= 200; i++) {
    await ask(small(i))
    // what a render leaves behind
    Buffer.from('x'.repeat(30_000))
  }
  // the pages are 200 × 1.6 KB; each with a piece of 64 KB of Node's would be 12 MB
  // streams and sockets are let go of over some turns of the loop
  let grown = rest() - before
  for (let turn = 0; turn < 50 && grown > 3_000_000; turn++) {
    await sleep(20)
    grown = rest() - before
  }
  assert.ok(grown <= 3_000_000, `${grown}`)
})
