import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, file, header, recorder, request } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

const backend = recorder()
const { handler } = backend
const pages = (req: { headers: object }, res: { end(text: string): void }) =>
  res.end(JSON.stringify(req.headers))
const PUBLIC_ORIGIN = 'https://www.dev.jp, https://shop.dev.jp:8443, http://both.dev.jp, https://both.dev.jp'
const TRUSTED_PROXIES = 'loopback, 10.0.0.0/8'
const listed = await stage(file, { handler, pages, env: { PUBLIC_ORIGIN, TRUSTED_PROXIES } })
const exposed = await stage(file, { handler, env: { PUBLIC_ORIGIN, TRUSTED_PROXIES: '10.0.0.0/8' } })
const unlisted = await stage(file, { handler, env: { TRUSTED_PROXIES } })

/** X-Forwarded-Proto, -Host and -Port as the backend is told them. */
async function told(headers: string[], port = listed.port) {
  const answer = await ask(port, request('GET /user/login', headers))
  assert.equal(answer.status, 200)
  return ['proto', 'host', 'port'].map(name => header(backend.seen.at(-1), `x-forwarded-${name}`))
}

const rows: [words: string, headers: string[], expected: string[]][] = [
  ['its Host', ['Host: www.dev.jp'], ['https', 'www.dev.jp', '443']],
  ['its Host in upper case, with the default port', ['Host: WWW.dev.jp:443'], ['https', 'www.dev.jp', '443']],
  ['its Host with a port', ['Host: shop.dev.jp:8443'], ['https', 'shop.dev.jp:8443', '8443']],
  [
    'X-Forwarded-Host',
    ['X-Forwarded-Host: www.dev.jp', 'X-Forwarded-Port: 80'],
    ['https', 'www.dev.jp', '443'],
  ],
  [
    'X-Forwarded-Host of the outermost trusted proxy',
    ['X-Forwarded-For: 203.0.113.7, 10.0.0.4', 'X-Forwarded-Host: a.example, www.dev.jp, b.example'],
    ['https', 'www.dev.jp', '443'],
  ],
]
for (const [words, headers, expected] of rows) {
  test(`the public origin is the one that has ${words}`, async () => {
    assert.deepEqual(await told(headers), expected)
  })
}

for (const host of [
  'evil.example',
  'www.dev.jp:4000',
  'www.dev.jp.evil.example',
  'a/b',
  'user@www.dev.jp',
  '',
]) {
  test(`an X-Forwarded-Host of ${JSON.stringify(host)} does not count, and Host does`, async () => {
    const headers = [`X-Forwarded-Host: ${host}`, 'X-Forwarded-Proto: https']
    assert.deepEqual(await told(['Host: shop.dev.jp:8443', ...headers]), [
      'https',
      'shop.dev.jp:8443',
      '8443',
    ])
    assert.deepEqual(await told(['Host: other.example:81', ...headers]), ['https', 'other.example:81', '81'])
    assert.deepEqual(await told(['Host: other.example', ...headers], unlisted.port), [
      'https',
      'other.example',
      '443',
    ])
  })
}

test('without PUBLIC_ORIGIN no X-Forwarded-Host counts', async () => {
  assert.deepEqual(await told(['X-Forwarded-Host: www.dev.jp'], unlisted.port), [
    'http',
    'front.example',
    '80',
  ])
})

test('of nobody but a trusted peer X-Forwarded-Host counts, listed or not', async () => {
  const headers = ['Host: shop.dev.jp:8443', 'X-Forwarded-Host: www.dev.jp']
  assert.deepEqual(await told(headers, exposed.port), ['https', 'shop.dev.jp:8443', '8443'])
})

test('where a host is listed by http and by https, the scheme of the request decides', async () => {
  assert.deepEqual(await told(['Host: both.dev.jp']), ['http', 'both.dev.jp', '80'])
  assert.deepEqual(await told(['Host: both.dev.jp', 'X-Forwarded-Proto: https']), [
    'https',
    'both.dev.jp',
    '443',
  ])
})

test('pages are told the same', async () => {
  const { body } = await ask(
    listed.port,
    request('GET /account', ['Host: www.dev.jp', 'X-Forwarded-Host: evil.example']),
  )
  const expected = {
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'www.dev.jp',
    'x-forwarded-port': '443',
  }
  assert.partialDeepStrictEqual(JSON.parse(body), expected)
})
