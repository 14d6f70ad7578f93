import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, header, request } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import { ConfigError, readConfig } from '../settings/settings.ts'

const HTTPS = ['X-Forwarded-Proto: https', 'X-Forwarded-For: 203.0.113.7']
const HSTS = 'max-age=31536000'
const OF_ITS_OWN = 'max-age=60'

test('by default no answer has Strict-Transport-Security', async t => {
  const { port } = await stage(t)
  const answer = await ask(port, request('GET /', HTTPS))
  assert.equal(header(answer, 'strict-transport-security'), undefined)
})

test('with HSTS every answer over https has it, as it was set: of a page, the API and the front itself', async t => {
  const { port } = await stage(t, { env: { HSTS } })
  for (const line of ['GET /', 'POST /user/login', 'POST /user/login/..%2f']) {
    const answer = await ask(port, request(line, HTTPS))
    assert.equal(header(answer, 'strict-transport-security'), HSTS, line)
  }
})

for (const PUBLIC_ORIGIN of ['', 'https://front.example'])
  test(`over plain http no answer has it, with PUBLIC_ORIGIN=${PUBLIC_ORIGIN}`, async t => {
    const { port } = await stage(t, { env: { HSTS, PUBLIC_ORIGIN } })
    for (const headers of [[], ['X-Forwarded-Proto: http', 'X-Forwarded-For: 203.0.113.7']]) {
      const answer = await ask(port, request('GET /', headers))
      assert.equal(header(answer, 'strict-transport-security'), undefined)
    }
  })

test('whoever is not a trusted proxy cannot ask for it', async t => {
  const { port } = await stage(t, { env: { HSTS, TRUSTED_PROXIES: '192.0.2.1' } })
  const answer = await ask(port, request('GET /', HTTPS))
  assert.equal(header(answer, 'strict-transport-security'), undefined)
})

test("the API's own takes its place", async t => {
  const { port } = await stage(t, {
    env: { HSTS },
    handler: (req, res) =>
      req.resume().on('end', () => res.setHeader('Strict-Transport-Security', OF_ITS_OWN).end()),
  })
  const { headers } = await ask(port, request('POST /user/login', HTTPS))
  const found = headers.filter(([name]) => name.toLowerCase() === 'strict-transport-security')
  assert.deepEqual(
    found.map(([, value]) => value),
    [OF_ITS_OWN],
  )
})

for (const value of [
  '',
  'max-age=0',
  'max-age=300; includeSubDomains',
  'max-age=300;includeSubDomains; preload',
]) {
  test(`HSTS may be ${JSON.stringify(value)}, and is taken as it is`, () => {
    assert.equal(readConfig({ BACKEND_ORIGIN: 'http://127.0.0.1:9', HSTS: value }).HSTS, value)
  })
}

for (const value of [
  'on',
  '31536000',
  'includeSubDomains',
  'max-age=1y',
  'max-age=300\r\nX: y',
  'max-age=300, x',
]) {
  test(`HSTS ${JSON.stringify(value)} stops the start`, () => {
    assert.throws(() => readConfig({ BACKEND_ORIGIN: 'http://127.0.0.1:9', HSTS: value }), ConfigError)
  })
}
