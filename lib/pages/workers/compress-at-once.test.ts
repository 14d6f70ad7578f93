import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import http, { type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { createUnzip } from 'node:zlib'
import { compressAtOnce } from './compress-at-once.ts'

/** What `compression` adds to an answer. */
type Compressed = ServerResponse & { flush(): void }
type Answer = (res: Compressed) => unknown

const compression: () => (req: http.IncomingMessage, res: ServerResponse, next: () => void) => void =
  createRequire(import.meta.url)('next/dist/compiled/compression')
const isCompressed = (res: ServerResponse): res is Compressed => 'flush' in res

let answer: Answer = () => {}
const server = http.createServer((req, res) => {
  compressAtOnce(res)
  // as Next's router server
  compression()(req, res, () => {})
  res.setHeader('Content-Type', 'text/html')
  assert.ok(isCompressed(res))
  answer(res)
})
after(() => server.close())
await once(server.listen(0, '127.0.0.1'), 'listening')
const bound = server.address()
const port = typeof bound === 'object' && bound ? bound.port : 0

async function ask(by: Answer, { encoding = 'gzip' } = {}): Promise<http.IncomingMessage> {
  answer = by
  const headers = { 'accept-encoding': encoding, connection: 'close' }
  const request = http.get({ host: '127.0.0.1', port, headers, agent: false })
  const [res] = await once(request, 'response')
  return res
}

/** How often the socket of an answer is written to. */
function countWrites({ socket }: ServerResponse): () => number {
  let count = 0
  assert.ok(socket)
  const { _write, _writev } = socket
  socket._write = (...what) => {
    count++
    Reflect.apply(_write, socket, what)
  }
  socket._writev = (...what) => {
    count++
    if (_writev) Reflect.apply(_writev, socket, what)
  }
  return () => count
}

const PIECES = ['<p>one', '<p>two'.repeat(300), '<p>three']

/** As Next writes what is rendered for the request (next/dist/server/pipe-readable.js). */
function inPieces(res: Compressed) {
  res.flushHeaders()
  for (const each of PIECES) {
    res.write(each)
    res.flush()
  }
  res.end()
}

const unpack = (res: http.IncomingMessage) => text(res.pipe(createUnzip()))

for (const encoding of ['gzip', 'deflate']) {
  test(`a page of several pieces, each of which is flushed, leaves in one write: ${encoding}`, async () => {
    let writes = () => 0
    const res = await ask(
      page => {
        writes = countWrites(page)
        inPieces(page)
      },
      { encoding },
    )
    assert.equal(res.headers['content-encoding'], encoding)
    assert.equal(await unpack(res), PIECES.join(''))
    assert.equal(writes(), 1)
  })
}

test('a piece arrives while the next one is made', async () => {
  const { promise: goOn, resolve } = Promise.withResolvers<void>()
  const res = await ask(async page => {
    page.flushHeaders()
    page.write('first')
    page.flush()
    await goOn
    page.end('second')
  })
  const plain = res.pipe(createUnzip()).setEncoding('utf8')
  assert.deepEqual(await once(plain, 'data'), ['first'])
  resolve()
  assert.equal(await text(plain), 'second')
})

test('a slow reader holds a page up, and gets all of it, whether its pieces are small or large', async () => {
  const pieces = Array.from({ length: 40 }, (_, i) =>
    randomBytes(i % 3 === 0 ? 100_000 : 20_000).toString('base64'),
  )
  let waited = 0
  const res = await ask(page => {
    const rest = [...pieces]
    page.flushHeaders()
    function goOn() {
      for (let each = rest.shift(); each; each = rest.shift()) {
        if (page.write(each)) continue
        waited++
        return
      }
      page.end()
    }
    page.on('drain', goOn)
    goOn()
  })
  assert.equal(await unpack(res), pieces.join(''))
  assert.ok(waited > 0)
})

test('a page goes on when its client has left, and its compression has been let go of', async () => {
  const written = Promise.withResolvers<void>()
  const res = await ask(page => {
    page.flushHeaders()
    page.write('first')
    page.flush()
    page.once('close', () => {
      // as Next's router server does then
      const stream: { destroy(): void } = page.on('drain', () => {})
      stream.destroy()
      page.write('second')
      page.end()
      written.resolve()
    })
  })
  res.destroy()
  await written.promise
})

test('what is not compressed leaves in one write, too', async () => {
  let writes = () => 0
  const res = await ask(
    page => {
      writes = countWrites(page)
      page.flushHeaders()
      page.write('first')
      page.end('second')
    },
    { encoding: 'identity' },
  )
  assert.equal(await text(res), 'firstsecond')
  assert.equal(writes(), 1)
})
