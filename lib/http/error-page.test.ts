import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { ask, file, header, request } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import { ERRORS } from './errors.ts'

// nobody listens on this port
const { port } = await stage(file, { env: { BACKEND_ORIGIN: 'http://127.0.0.1:9', CONNECT_TIMEOUT: '20ms' } })
const HTML = ['Host: www.dev.jp', 'Accept: text/html,application/xhtml+xml,*/*;q=0.8']

const pageFor = (headers: string[] = []) => ask(port, request('POST /user/login', [...HTML, ...headers]))
const linkOf = (body: string) => /<a href="([^"]*)">/.exec(body)?.[1]

for (const language of ['en', 'ja'] as const) {
  test(`in ${language} it has a title in words, a main part with a heading, and its request id`, async () => {
    const answer = await pageFor([`Accept-Language: ${language}`, 'X-Request-Id: id-1'])
    const { body } = answer
    assert.equal(header(answer, 'content-type'), 'text/html; charset=utf-8')
    const sentence = ERRORS.BACKEND_UNREACHABLE[language]
    const [, title = ''] = /<title>(.+) \(502\)<\/title>/.exec(body) ?? []
    assert.ok(title.length > 5 && sentence.startsWith(title), title)
    assert.match(body, new RegExp(`^<!doctype html><html lang="${language}"><head>`))
    assert.ok(body.includes(`<main><h1>${sentence}</h1>`))
    assert.match(body, /<code>id-1<\/code>.*<\/main>/)
  })
}

test('its policy lets its own style through and nothing else', async () => {
  const answer = await pageFor()
  const [, style = ''] = /<style>([^<]*)<\/style>/.exec(answer.body) ?? []
  const hash = createHash('sha256').update(style).digest('base64')
  assert.equal(
    header(answer, 'content-security-policy'),
    `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  )
  assert.equal(header(answer, 'x-content-type-options'), 'nosniff')
  assert.equal(header(answer, 'x-frame-options'), 'DENY')
  assert.equal(header(answer, 'referrer-policy'), 'strict-origin-when-cross-origin')
})

test('it leads back to the page that the client came from', async () => {
  const { body } = await pageFor(['Referer: http://www.dev.jp/login?next=%2Fa&x=1'])
  assert.equal(linkOf(body), '/login?next=%2Fa&amp;x=1')
})

test('behind a load balancer that ends TLS it does so too', async () => {
  const { body } = await pageFor([
    'X-Forwarded-Proto: https',
    'X-Forwarded-For: 203.0.113.7',
    'Referer: https://www.dev.jp/login',
  ])
  assert.equal(linkOf(body), '/login')
})

for (const referer of [
  undefined,
  'https://evil.example/login',
  'http://www.dev.jp.evil.example/',
  'http://www.dev.jp:8080/login',
  'https://www.dev.jp/login',
  'http://www.dev.jp//evil.example',
  'http://www.dev.jp/\\evil.example',
  'javascript:alert(1)',
  'login',
]) {
  test(`with Referer ${referer} it leads to the front page`, async () => {
    const { body } = await pageFor(referer === undefined ? [] : [`Referer: ${referer}`])
    assert.equal(linkOf(body), '/')
  })
}

test('nothing of a Referer is taken for HTML', async () => {
  const { body } = await pageFor([`Referer: http://www.dev.jp/a"'><script>x</script>?b='"<c>`])
  assert.doesNotMatch(body, /<script|'|"[^ >]*><c/)
})
