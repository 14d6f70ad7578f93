import assert from 'node:assert/strict'
import type http from 'node:http'
import { test } from 'node:test'
import { ask, file, header, recorder, request } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import { headSizeAt } from './head-size.ts'

const KB = 1024
const MB = 1024 ** 2
/** How large the cookie is that an answer sets; it is asked for in the query. */
const setsCookie: http.RequestListener = (req, res) => {
  req.resume()
  const size = Number(new URL(req.url ?? '', 'http://a').searchParams.get('set') ?? 0)
  res.writeHead(200, { 'Set-Cookie': `a=${'x'.repeat(size)}` }).end(String(req.headers.cookie?.length ?? 0))
}
const backend = recorder(setsCookie)
const front = await stage(file, { handler: backend.handler, pages: setsCookie })
const small = await stage(file, { handler: backend.handler, pages: setsCookie, env: { MAX_HEADER: '16kb' } })

const cookie = (size: number) => `Cookie: ${'x'.repeat(size)}`
const listeners = [
  ['a login', front.port, '/user/login'],
  ['a page', front.port, '/'],
  ["a page's own call", front.egressPort, '/me'],
] as const
for (const [words, port, path] of listeners) {
  const host = [`Host: 127.0.0.1:${port}`]
  test(`${words} may come with 20 and 60 KB of cookies, and not with 70`, async () => {
    for (const size of [20 * KB, 60 * KB]) {
      const answer = await ask(port, request(`GET ${path}`, [...host, cookie(size)]))
      assert.deepEqual([answer.status, answer.body], [200, String(size)])
    }
    assert.equal((await ask(port, request(`GET ${path}`, [...host, cookie(70 * KB)]))).status, 431)
  })
}

test('an answer of the API may set 20 and 60 KB of cookies, and one that sets 70 gets 502', async () => {
  for (const [port, host] of [
    [front.port, 'www.dev.jp'],
    [front.egressPort, '127.0.0.1'],
  ] as const) {
    for (const size of [20 * KB, 60 * KB]) {
      const answer = await ask(port, request(`GET /user/login?set=${size}`, [`Host: ${host}`]))
      assert.equal(answer.status, 200)
      assert.equal(header(answer, 'set-cookie')?.length, size + 2)
    }
    const refused = await ask(port, request(`GET /user/login?set=${70 * KB}`, [`Host: ${host}`]))
    assert.equal(refused.status, 502)
    assert.match(refused.body, /BACKEND_BAD_ANSWER/)
  }
})

test('MAX_HEADER sets both', async () => {
  assert.equal((await ask(small.port, request('GET /user/login', [cookie(20 * KB)]))).status, 431)
  assert.equal((await ask(small.port, request(`GET /user/login?set=${20 * KB}`))).status, 502)
})

test('heads that are not whole yet fill a quarter of a small task at most, whatever comes', () => {
  let filled = 0
  for (let open = 1; open <= 8192; open++) filled += headSizeAt(open, 64 * KB, 1024 * MB)
  assert.ok(filled <= 256 * MB, `${filled / MB} MB`)
})

test('the first connections may have heads of MAX_HEADER, those beyond their share 16 KB', () => {
  assert.equal(headSizeAt(1024, 64 * KB, 512 * MB), 64 * KB)
  assert.equal(headSizeAt(1025, 64 * KB, 512 * MB), 16 * KB)
})

test('a MAX_HEADER below 16 KB holds for all', () => {
  for (const open of [1, 100_000]) assert.equal(headSizeAt(open, 8 * KB, 512 * MB), 8 * KB)
})
