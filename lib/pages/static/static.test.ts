import assert from 'node:assert/strict'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { after, test } from 'node:test'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { getContentType } from 'next/dist/server/serve-static.js'
import { ask, eventually, file, header, request, wire } from '../../../test/raw.ts'
import { stage } from '../../../test/stage.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { readBuild } from '../build.ts'
import { openStaticFiles, TYPES } from './static.ts'

const SCRIPT = `globalThis.words = '${'gate '.repeat(200)}'`
const CSS = 'a { color: red }'.repeat(50)
const JS = '/_next/static/chunks/a.js'
const FONT = '/_next/static/media/plain.woff2'
const LANG = '/_next/static/chunks/app/%5Blang%5D/page.js'

const root = await temporaryFolder({ after })
const files: Record<string, string | Buffer> = {
  '.next/static/chunks/a.js': SCRIPT,
  '.next/static/chunks/a.js.br': brotliCompressSync(SCRIPT),
  '.next/static/chunks/a.js.gz': gzipSync(SCRIPT),
  '.next/static/chunks/app/[lang]/page.js': 'page()',
  '.next/static/css/a.css': CSS,
  '.next/static/css/a.css.br': brotliCompressSync(CSS),
  '.next/static/css/a.css.gz': gzipSync(CSS),
  '.next/static/css/kept.css': CSS,
  '.next/static/css/kept.css.br': brotliCompressSync(CSS),
  '.next/static/css/kept.css.gz': gzipSync(CSS),
  '.next/static/chunks/changed.js': SCRIPT.replace('gate', 'GATE'),
  '.next/static/chunks/changed.js.br': brotliCompressSync(SCRIPT),
  '.next/static/chunks/changed.js.gz': gzipSync(SCRIPT),
  '.next/static/chunks/large.js': 'x'.repeat(1024 ** 2 + 1),
  '.next/static/media/plain.woff2': 'font',
  '.next/static/media/named.woff2': 'font',
  '.next/static/media/film.mp4': 'film',
  '.next/static/service-worker/sw.js': 'worker()',
  '.next/routes-manifest.json': JSON.stringify({
    headers: [
      { regex: '^/_next/static/chunks/a', headers: [{ key: 'X-Chunk', value: '1' }] },
      { regex: '^/_next/static/css/', headers: [{ key: 'Vary', value: 'Origin' }] },
      { regex: '^/_next/static/media/named', headers: [{ key: 'X-Request-Id', value: 'app' }] },
      {
        regex: '^/_next/static/css/kept',
        headers: [{ key: 'Cache-Control', value: 'public, No-Transform' }],
      },
    ],
  }),
  'public/robots.txt': 'User-agent: *',
}
for (const [name, content] of Object.entries(files)) {
  await mkdir(join(root, name, '..'), { recursive: true })
  await writeFile(join(root, name), content)
}
const answerStatic = await openStaticFiles(root, readBuild(root))
const { port, log } = await stage(file, {
  env: { LOG_REQUESTS: 'all' },
  pages: (req, res, record) => {
    if (!answerStatic(req, res, record)) res.end(`Next ${req.method} ${req.url}`)
  },
})
const get = (path: string, ...headers: string[]) => ask(port, request(`GET ${path}`, headers))
const head = (path: string, ...headers: string[]) => ask(port, request(`HEAD ${path}`, headers), true)
const isLeft = async (path: string, ...headers: string[]) =>
  assert.equal((await get(path, ...headers)).body, `Next GET ${path}`)

test('a built file may be kept for a year, and carries the headers that next.config has for it', async () => {
  const answer = await head(JS, 'Accept-Encoding: gzip')
  const { size, mtime } = await stat(join(root, '.next/static/chunks/a.js'))
  const names = ['cache-control', 'content-type', 'vary', 'accept-ranges', 'last-modified', 'etag', 'x-chunk']
  assert.equal(answer.status, 200)
  assert.deepEqual(
    names.map(name => header(answer, name)),
    [
      'public, max-age=31536000, immutable',
      'application/javascript; charset=UTF-8',
      'Accept-Encoding',
      'bytes',
      mtime.toUTCString(),
      `W/"${size.toString(16)}-${mtime.getTime().toString(16)}"`,
      '1',
    ],
  )
})

test('a browser gets Brotli, another client gzip, a third plain bytes', async () => {
  const codings: [accepted: string, coding: string | undefined][] = [
    ['gzip, deflate, br, zstd', 'br'],
    ['br', 'br'],
    ['GZIP', 'gzip'],
    ['br;q=0, gzip;q=0.5', 'gzip'],
    ['br; q=0.000, gzip', 'gzip'],
    ['gzip;q=1, br;q=0.1', 'gzip'],
    ['*', 'br'],
    ['br;q=0, *', 'gzip'],
    ['identity, br;q=0.5', undefined],
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
  for (const refused of ['br;q=0, gzip;q=0', 'deflate', 'brotli', '']) {
    const answer = await get(JS, `Accept-Encoding: ${refused}`)
    assert.deepEqual([answer.body, header(answer, 'content-encoding')], [SCRIPT, undefined], refused)
  }
})

test('a file that does not get smaller comes as it is', async () => {
  const answer = await get(FONT, 'Accept-Encoding: br')
  assert.deepEqual([answer.status, answer.body, header(answer, 'vary')], [200, 'font', undefined])
  assert.equal(header(answer, 'content-length'), '4')
})

test('what varies by Accept-Encoding says so beside the Vary of the app, also where it does not get smaller', async () => {
  const varyOf = async (path: string) => header(await head(path, 'Accept-Encoding: br'), 'vary')
  assert.equal(await varyOf('/_next/static/css/a.css'), 'Origin, Accept-Encoding')
  assert.equal(await varyOf(LANG), 'Accept-Encoding')
})

test('Cache-Control: no-transform of the app leaves a file as it is', async () => {
  const answer = await get('/_next/static/css/kept.css', 'Accept-Encoding: br')
  assert.deepEqual(
    [answer.body, header(answer, 'content-encoding'), header(answer, 'vary')],
    [CSS, undefined, 'Origin'],
  )
})

test('HEAD has the headers and no body', async t => {
  const client = await wire(t, port)
  client.send(request(`HEAD ${FONT}`, ['Connection: close']))
  assert.equal(header(await client.answer(true), 'content-length'), '4')
  assert.equal(await client.closed(), '')
})

test('each answer has the id of its own request, and counts as static', async () => {
  for (const [id, path, route] of [
    ['id-1', `${FONT}?x=1`, 'static'],
    ['id-2', FONT, 'static'],
    ['id-3', '/robots.txt', 'page'],
  ] as const) {
    const answer = await get(path, `X-Request-Id: ${id}`)
    // a page's is of who renders it (lib/pages/production-pages.test.ts)
    if (route === 'static') assert.equal(header(answer, 'x-request-id'), id)
    await eventually(() => log.some(line => line.id === id))
    assert.equal(log.find(line => line.id === id)?.route, route)
  }
})

test('a name with other letters is found as a browser asks for it, and in no other spelling', async () => {
  assert.equal((await get(LANG)).body, 'page()')
  for (const path of [
    LANG.toLowerCase(),
    '/_next/static/chunks/%61.js',
    `${FONT}/`,
    '/_next/static/./media/plain.woff2',
  ])
    await isLeft(path)
})

for (const path of [
  '/robots.txt',
  '/_next/static/service-worker/sw.js',
  '/_next/static/media/film.mp4',
  '/_next/static/chunks/large.js',
  '/_next/static/chunks/changed.js',
  '/_next/static/chunks/a.js.br',
  '/_next/static/chunks/old.js',
  '/_next/static/',
  '/_next/static/../routes-manifest.json',
  '/_next/static/%2e%2e/routes-manifest.json',
  '/_next/static/..%2froutes-manifest.json',
  '/',
]) {
  test(`${path} is left to Next`, () => isLeft(path, 'Accept-Encoding: br'))
}

for (const condition of [
  'Range: bytes=0-0',
  'If-None-Match: W/"a", "b"',
  'If-Match: *',
  'If-Modified-Since: Sun, 29 Nov 2026 00:00:00 GMT',
  'If-Unmodified-Since: Sun, 29 Nov 2026 00:00:00 GMT',
]) {
  test(`a request with ${condition} is left to Next`, () => isLeft(FONT, condition))
}

test('other methods are left to Next', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
    assert.equal((await ask(port, request(`${method} ${FONT}`))).body, `Next ${method} ${FONT}`)
})

test('content types are those of Next', () => {
  for (const [end, type] of Object.entries(TYPES)) {
    // send adds the charset (next/dist/compiled/send: charsets.lookup)
    const [plain = '', charset] = type.split('; ')
    assert.equal(getContentType(end.slice(1)), plain, end)
    assert.equal(
      charset,
      /^text\/|^application\/(javascript|json)$/.test(plain) ? 'charset=UTF-8' : undefined,
    )
  }
  assert.equal(extname(JS) in TYPES, true)
})

test("a file to which the app gives a request id is Next's: the front's own takes its place there", async () => {
  await isLeft('/_next/static/media/named.woff2')
})
