import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, file, header, recorder, request } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

const backend = recorder()
const { alb, egressUrl, log } = await stage(file, {
  handler: backend.handler,
  env: { TRUSTED_PROXIES: '10.0.0.0/8', MAX_BODY: '1kb' },
})
const port = Number(new URL(egressUrl).port)
const last = () => backend.seen.at(-1)

/** A page's own request, as `fetch` sends it. */
const fromPage = (line: string, headers: string[] = [], body = '') =>
  ask(port, request(line, [`Host: 127.0.0.1:${port}`, ...headers], body))

for (const path of ['/', '/user', '/user/me?a=1&a=2', '/user/login', '/healthz', '/x/../y']) {
  test(`${path} goes to the backend`, async () => {
    const { status } = await fromPage(`GET ${path}`)
    assert.equal(status, 200)
    assert.equal(last()?.line, `GET ${path} HTTP/1.1`)
  })
}

test("Host is the backend's", async () => {
  await fromPage('GET /user/me')
  assert.equal(header(last(), 'host'), `api.dev.jp:${alb.port}`)
})

test('a page calls by fetch, and gets the answer', async () => {
  const response = await fetch(`${egressUrl}/user/me`, { method: 'POST', body: 'abc' })
  assert.equal(await response.text(), 'answered')
  assert.equal(last()?.body, 'abc')
})

for (const host of ['localhost', 'LOCALHOST:4002', '127.0.0.1']) {
  test(`a Host of ${host} is taken`, async () => {
    assert.equal((await ask(port, request('GET /user/me', [`Host: ${host}`]))).status, 200)
  })
}

for (const host of [
  'evil.example',
  `evil.example:${port}`,
  '127.0.0.1.evil.example',
  'localhost.',
  '10.0.0.1',
]) {
  test(`a Host of ${host} gets 404, and the backend sees nothing`, async () => {
    const before = backend.seen.length
    const { status, body } = await ask(port, request('GET /user/me', [`Host: ${host}`]))
    assert.equal(status, 404)
    assert.equal(JSON.parse(body).error.code, 'NOT_FOUND')
    assert.equal(backend.seen.length, before)
  })
}

test('what a page says of its visitor is kept', async () => {
  const headers = ['X-Forwarded-For: 203.0.113.7', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: www.dev.jp']
  await fromPage('GET /user/me', headers)
  assert.equal(header(last(), 'x-forwarded-for'), '203.0.113.7, 127.0.0.1')
  assert.equal(header(last(), 'x-real-ip'), '203.0.113.7')
  assert.equal(header(last(), 'x-forwarded-proto'), 'https')
  assert.equal(header(last(), 'x-forwarded-host'), 'www.dev.jp')
})

test('a request id of a page is kept', async () => {
  const answer = await fromPage('GET /user/me', ['X-Request-Id: of-the-page'])
  assert.equal(header(last(), 'x-request-id'), 'of-the-page')
  assert.equal(header(answer, 'x-request-id'), 'of-the-page')
})

test('a malformed request is refused', async () => {
  const before = backend.seen.length
  const { status } = await fromPage('GET //user/me')
  assert.equal(status, 400)
  assert.equal(backend.seen.length, before)
})

test('MAX_BODY counts here as well', async () => {
  assert.equal((await fromPage('POST /user/me', [], 'x'.repeat(1025))).status, 413)
})

test('it listens on loopback alone', () => {
  assert.equal(new URL(egressUrl).hostname, '127.0.0.1')
})

test('what fails here is logged as what fails at the front', async t => {
  const env = { BACKEND_ORIGIN: 'http://127.0.0.1:9', CONNECT_TIMEOUT: '20ms' }
  const front = await stage(t, { env })
  const response = await fetch(`${front.egressUrl}/user/me?secret`)
  assert.equal(response.status, 502)
  assert.ok(front.log.some(each => each.code === 'BACKEND_UNREACHABLE'))
  assert.doesNotMatch(JSON.stringify([...front.log, ...log]), /secret/)
})
