import assert from 'node:assert/strict'
import http from 'node:http'
import { test } from 'node:test'
import { ask, file, header, recorder, request } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

const backend = recorder()
const { handler } = backend
const SECRET = '0123456789abcdef'
const CLIENT_ADDRESS_HEADER = 'CloudFront-Viewer-Address'
const proven = {
  CLIENT_ADDRESS_HEADER,
  CLIENT_ADDRESS_PROOF: `X-Origin-Verify: ${SECRET}, X-Origin-Verify: next-${SECRET}`,
}
const pages = (req: { headers: object }, res: { end(text: string): void }) =>
  res.end(JSON.stringify(req.headers))
const bySecret = await stage(file, { handler, pages, env: proven })
const byNetwork = await stage(file, {
  handler,
  env: { CLIENT_ADDRESS_HEADER, CLIENT_ADDRESS_PROOF: 'network' },
})
const exposed = await stage(file, { handler, env: { ...proven, TRUSTED_PROXIES: '10.0.0.0/8' } })

/** X-Real-IP, X-Forwarded-For and the header itself as the backend is told them. */
async function told(port: number, headers: string[]) {
  await ask(port, request('GET /user/login', headers))
  return ['x-real-ip', 'x-forwarded-for', CLIENT_ADDRESS_HEADER].map(name =>
    header(backend.seen.at(-1), name),
  )
}

const VERIFY = `X-Origin-Verify: ${SECRET}`
const CHAIN = 'X-Forwarded-For: 198.51.100.1, 203.0.113.99'

const addresses: [value: string, address: string][] = [
  ['203.0.113.7:46532', '203.0.113.7'],
  ['203.0.113.7', '203.0.113.7'],
  ['2001:db8::7:46532', '2001:db8::7'],
  ['2001:db8:::46532', '2001:db8::'],
  ['2001:0db8:85a3:0000:0000:8a2e:0370:7334:443', '2001:db8:85a3::8a2e:370:7334'],
  ['[2001:db8::7]:46532', '2001:db8::7'],
]
for (const [value, address] of addresses) {
  test(`CloudFront-Viewer-Address: ${value} is the client ${address}`, async () => {
    const headers = [`CloudFront-Viewer-Address: ${value}`, CHAIN]
    const expected = [address, `${address}, 127.0.0.1`, value]
    assert.deepEqual(await told(byNetwork.port, headers), expected)
    assert.deepEqual(await told(bySecret.port, [...headers, VERIFY]), expected)
  })
}

test('a log line names the client that the header names', async () => {
  await told(bySecret.port, ['CloudFront-Viewer-Address: 203.0.113.70:1', VERIFY])
  assert.ok(bySecret.log.some(line => Object.values(line).includes('203.0.113.70')))
})

const UNBELIEVED = ['203.0.113.99', '198.51.100.1, 203.0.113.99, 127.0.0.1', undefined]
const address = 'CloudFront-Viewer-Address: 192.0.2.66:1'
for (const [words, headers] of [
  ['without the secret', [address]],
  ['with another secret', [address, 'X-Origin-Verify: 0123456789abcdeX']],
  ['with a part of the secret', [address, 'X-Origin-Verify: 0123456789']],
  ['with the secret among others', [address, 'X-Origin-Verify: a', VERIFY]],
  ['that is no address', ['CloudFront-Viewer-Address: unknown', VERIFY]],
  ['twice', [address, address, VERIFY]],
] as const) {
  test(`a header ${words} is not believed, and not passed on`, async () => {
    assert.deepEqual(await told(bySecret.port, [...headers, CHAIN]), UNBELIEVED)
  })
}

test('of an untrusted peer it is not believed, with the secret neither', async () => {
  assert.deepEqual(await told(exposed.port, [address, VERIFY]), ['127.0.0.1', '127.0.0.1', undefined])
})

test('while the secret is changed, the old one and the new one count', async () => {
  const [real] = await told(bySecret.port, [
    'CloudFront-Viewer-Address: 203.0.113.8:1',
    `X-Origin-Verify: next-${SECRET}`,
  ])
  assert.equal(real, '203.0.113.8')
})

test('the secret reaches neither backend nor pages, nor the log', async () => {
  const headers = [address, VERIFY]
  for (const { port } of [bySecret, exposed]) {
    await told(port, headers)
    assert.equal(header(backend.seen.at(-1), 'x-origin-verify'), undefined)
  }
  const { body } = await ask(bySecret.port, request('GET /account', headers))
  assert.doesNotMatch(body, /verify/)
  assert.match(body, /"x-real-ip":"192.0.2.66"/)
  assert.doesNotMatch(JSON.stringify(bySecret.log), new RegExp(SECRET))
})

test('X-Real-IP of a trusted proxy may be the header', async t => {
  const env = { CLIENT_ADDRESS_HEADER: 'X-Real-IP', CLIENT_ADDRESS_PROOF: 'network' }
  const { port } = await stage(t, { handler, env })
  const [real] = await told(port, ['X-Real-IP: 2001:db8::7', CHAIN])
  assert.equal(real, '2001:db8::7')
})

for (const [words, headers, cause] of [
  ['has no address', [VERIFY], 'it has no address'],
  ['is not proven', [address], 'no secret of CLIENT_ADDRESS_PROOF came with it'],
] as const)
  test(`the log says once why a header ${words}, and not of a few requests that come past the CDN`, async t => {
    const { port, log } = await stage(t, { handler, env: proven })
    const causes = () =>
      log.filter(({ msg }) => /^CLIENT_ADDRESS_HEADER/.test(String(msg))).map(each => each.cause)
    const ask19 = async () => {
      for (let i = 0; i < 19; i++) await ask(port, request('GET /user/login', [...headers, CHAIN]))
    }
    await ask19()
    await ask(port, request('GET /user/login', [address, VERIFY, CHAIN]))
    for (let i = 0; i < 30; i++) await ask(port, request('GET /readyz'))
    await ask19()
    assert.deepEqual(causes(), [])
    await ask19()
    assert.deepEqual(causes(), [cause])
  })

test('an origin that leads back to the front is found by the proxies behind the address', async t => {
  let rounds = 0
  const env = { CLIENT_ADDRESS_HEADER, CLIENT_ADDRESS_PROOF: 'network' }
  const { port } = await stage(t, {
    env,
    handler({ url, headers }, res) {
      if (++rounds > 40) return res.writeHead(508).end()
      http.get({ port, path: url, headers }, ({ statusCode = 0 }) => res.writeHead(statusCode).end())
    },
  })
  const { status } = await ask(port, request('GET /user/login', [CHAIN, address]))
  assert.deepEqual([status, rounds], [421, 32])
})

test('a client whose address is in the range of the trusted proxies stands there once', async () => {
  const headers = ['CloudFront-Viewer-Address: 10.0.5.6:1', 'X-Forwarded-For: 10.0.5.6, 10.0.3.4']
  const [, chain] = await told(byNetwork.port, headers)
  assert.equal(chain, '10.0.5.6, 10.0.3.4, 127.0.0.1')
})
