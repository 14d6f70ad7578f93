import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { ask, eventually, file, header, type RawAnswer, request, wire } from '../../../test/raw.ts'
import { stage } from '../../../test/stage.ts'
import { readBuild } from '../build.ts'
import { openStaticFiles } from './static.ts'

const SCRIPT = `globalThis.words = '${'gate '.repeat(200)}'`
const SECRET = 'not to be seen'
const LARGE = 'x'.repeat(3 * 1024 ** 2)

/** A folder as a build leaves it. */
async function makeBuild(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'gatehouse-static-'))
  after(() => rm(root, { recursive: true }))
  const files: Record<string, string | Buffer> = {
    '.next/static/chunks/a.js': SCRIPT,
    '.next/static/chunks/a.js.br': brotliCompressSync(SCRIPT),
    '.next/static/chunks/a.js.gz': gzipSync(SCRIPT),
    '.next/static/media/plain.woff2': 'font',
    '.next/routes-manifest.json': JSON.stringify({
      headers: [
        {
          source: '/:path*',
          regex: '^(?:/((?:[^/]+?)(?:/(?:[^/]+?))*))?(?:/)?$',
          headers: [{ key: 'X-Content-Type-Options', value: 'nosniff' }],
        },
        { source: '/pages', regex: '^/pages$', headers: [{ key: 'X-Pages', value: 'only' }] },
        { source: '/:path*', regex: '.', has: [{ type: 'header' }], headers: [{ key: 'X-Has', value: '1' }] },
      ],
    }),
    '.next/server/secret.js': SECRET,
    'public/robots.txt': 'User-agent: *',
    'public/large.bin': LARGE,
    'public/gone.bin': 'x',
    'public/sub/ぬ.txt': 'nu',
    'secret.txt': SECRET,
  }
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(root, name, '..'), { recursive: true })
    await writeFile(join(root, name), content)
  }
  return root
}

const root = await makeBuild()
const answerStatic = openStaticFiles(root, readBuild(root))
const { port, log } = await stage(file, {
  pages: (req, res, trace) => {
    if (answerStatic(req, res, trace)) return
    const { range, 'accept-encoding': coding } = req.headers
    res.writeHead(200, { 'X-Asked': `${range} ${coding}` }).end('page')
  },
})

const get = (path: string, ...headers: string[]) => ask(port, request(`GET ${path}`, headers))
const head = (path: string, ...headers: string[]) => ask(port, request(`HEAD ${path}`, headers), true)
const JS = '/_next/static/chunks/a.js'

// the second time it comes from memory
for (const time of ['first', 'second']) {
  test(`the ${time} time, a built file may be kept for a year, and carries the headers of all pages`, async () => {
    const answer = await get(JS)
    assert.deepEqual([answer.status, answer.body], [200, SCRIPT])
    assert.equal(header(answer, 'cache-control'), 'public,max-age=31536000,immutable')
    assert.equal(header(answer, 'content-type'), 'text/javascript')
    assert.equal(header(answer, 'content-length'), String(SCRIPT.length))
    assert.equal(header(answer, 'vary'), 'Accept-Encoding')
    assert.equal(header(answer, 'x-content-type-options'), 'nosniff')
    for (const name of ['x-pages', 'x-has']) assert.equal(header(answer, name), undefined)
  })

  test(`the ${time} time, a browser gets Brotli, another client gzip, a third plain bytes`, async () => {
    const codings: [accepted: string, coding: string | undefined][] = [
      ['gzip, deflate, br, zstd', 'br'],
      ['gzip', 'gzip'],
      ['br;q=0, gzip;q=0', undefined],
      ['deflate', undefined],
    ]
    for (const [accepted, coding] of codings) {
      const answer = await head(JS, `Accept-Encoding: ${accepted}`)
      assert.equal(header(answer, 'content-encoding'), coding, accepted)
    }
    for (const accepted of ['br', 'gzip']) {
      // which undoes the coding by itself
      const response = await fetch(`http://127.0.0.1:${port}${JS}`, {
        headers: { 'Accept-Encoding': accepted },
      })
      assert.equal(await response.text(), SCRIPT)
    }
  })

  test(`the ${time} time, HEAD has the headers and no body`, async t => {
    const client = await wire(t, port)
    client.send(request(`HEAD ${JS}`, ['Connection: close']))
    assert.equal(header(await client.answer(true), 'content-length'), String(SCRIPT.length))
    assert.equal(await client.closed(), '')
  })

  test(`the ${time} time, each answer has the id of its own request`, async () => {
    assert.equal(header(await get(JS, `X-Request-Id: id-${time}`), 'x-request-id'), `id-${time}`)
  })
}

for (const path of [JS, '/robots.txt', '/large.bin']) {
  test(`${path} is not sent again to a client that has it: 304`, async () => {
    const etag = header(await head(path), 'etag') ?? ''
    for (let time = 0; time < 2; time++) {
      const again = await get(path, `If-None-Match: ${etag}`)
      assert.deepEqual([again.status, again.body], [304, ''])
      assert.equal((await get(path, 'If-None-Match: W/"other"')).status, 200)
    }
  })
}

test('a file of public/ is asked for anew each time', async () => {
  const answer = await get('/robots.txt?v=1')
  assert.equal(answer.body, 'User-agent: *')
  assert.equal(header(answer, 'cache-control'), 'public,max-age=0,must-revalidate')
  assert.equal(header(answer, 'x-content-type-options'), 'nosniff')
})

test('a name with other letters is found', async () => {
  assert.equal((await get(`/sub/${encodeURIComponent('ぬ')}.txt`)).body, 'nu')
})

test('a built file that is not there is 404, and no page is asked', async () => {
  for (const path of ['/_next/static/chunks/old.js', '/_next/static/', '/_next/static/chunks']) {
    const answer = await get(path)
    assert.equal(answer.status, 404, path)
    assert.equal(header(answer, 'cache-control'), 'no-store')
  }
})

test('what the front answers for a file is in the log as such, what is not there too', async () => {
  const routes: [path: string, route: string][] = [
    ['/_next/static/chunks/a.js?x=1', 'static'],
    ['/_next/static/chunks/none.js', 'static'],
    ['/robots.txt', 'static'],
    ['/none', 'page'],
  ]
  for (const [path, route] of routes) {
    const id = `route-of-${path.replace(/\W/g, '-')}`
    await get(path, `X-Request-Id: ${id}`)
    await eventually(() => log.some(line => line.id === id))
    assert.equal(log.find(line => line.id === id)?.route, route, path)
  }
})

test('a page gets the range and the codings that were asked for', async () => {
  const answer = await get('/', 'Range: bytes=-500', 'Accept-Encoding: gzip, br;q=0')
  assert.equal(header(answer, 'x-asked'), 'bytes=-500 gzip, br;q=0')
})

test('a name of public/ that is not there is a page', async () => {
  for (const path of ['/', '/robots', '/sub', '/robots.txt/x', '/.env'])
    assert.equal((await get(path)).body, 'page', path)
})

for (const path of [
  '/_next/static/../server/secret.js',
  '/_next/static/%2e%2e/server/secret.js',
  '/_next/static/..%2fserver/secret.js',
  '/_next/static/chunks/..%5c..%5cserver%5csecret.js',
  '/_next/static/chunks/%00',
  '/../secret.txt',
  '/%2e%2e/secret.txt',
  '/..%2fsecret.txt',
  '/sub/..%2f..%2fsecret.txt',
  '/%',
]) {
  test(`${path} leads nowhere`, async () => {
    const answer: RawAnswer = await get(path)
    assert.ok(!answer.body.includes(SECRET))
    assert.ok(answer.status === 404 || answer.body === 'page', `${answer.status} ${answer.body}`)
  })
}

test('other methods are not for files', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
    assert.equal((await ask(port, request(`${method} ${JS}`))).body, 'page')
})

test('a part of a file is sent where one range is asked for, and all of it where that makes no sense', async () => {
  const part = await get('/robots.txt', 'Range: bytes=5-9')
  assert.deepEqual([part.status, part.body], [206, 'agent'])
  for (const range of ['bytes=9-5', 'bytes=-3', 'bytes=0-0', 'bytes=0-1,3-4', 'lines=1-2', 'bytes=x']) {
    const answer = await get('/robots.txt', `Range: ${range}`)
    assert.deepEqual([answer.status, answer.body], [200, 'User-agent: *'], range)
  }
  assert.equal((await get('/robots.txt', 'Range: bytes=5-9', 'If-Range: "old"')).status, 200)
  assert.equal((await get('/robots.txt', 'Range: bytes=99-')).status, 416)
})

test('a file that is shorter than it was, or gone, ends that answer alone', async t => {
  await rm(join(root, 'public/gone.bin'))
  const client = await wire(t, port)
  client.send(request('GET /gone.bin'))
  await client.closed()
  await truncate(join(root, 'public/large.bin'), 1000)
  const short = await wire(t, port)
  short.send(request('GET /large.bin', ['Connection: close']))
  await short.closed()
  assert.equal((await get('/robots.txt')).status, 200)
})
