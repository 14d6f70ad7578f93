import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, file, header, recorder, request } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

// Every peer of these tests is on loopback: a trusted one is the public ALB, any other a client with nothing before it.
const backend = recorder()
const { handler } = backend
const behindAlb = await stage(file, { handler, env: { TRUSTED_PROXIES: 'loopback, 10.0.0.0/8', HOST: '::' } })
const exposed = await stage(file, { handler, env: { TRUSTED_PROXIES: '10.0.0.0/8', HOST: '::' } })

/** What the backend is told by a header, of a request with these headers that came from `peer`. */
async function told(name: string, port: number, headers: string[] = [], peer = '127.0.0.1') {
  await ask(port, request('GET /user/login', headers), false, peer)
  return header(backend.seen.at(-1), name)
}

const fromAlb = ['X-Forwarded-For: 203.0.113.7', 'X-Forwarded-Proto: https', 'X-Forwarded-Port: 443']

test("a trusted peer's X-Forwarded-For is appended to", async () => {
  assert.equal(await told('x-forwarded-for', behindAlb.port, fromAlb), '203.0.113.7, 127.0.0.1')
})

test("a trusted peer's X-Forwarded-For in several lines stays in order", async () => {
  const lines = ['X-Forwarded-For: 198.51.100.1', 'X-Forwarded-For: 203.0.113.7']
  const expected = '198.51.100.1, 203.0.113.7, 127.0.0.1'
  assert.equal(await told('x-forwarded-for', behindAlb.port, lines), expected)
})

test("a trusted peer's X-Forwarded-Proto is kept", async () => {
  assert.equal(await told('x-forwarded-proto', behindAlb.port, fromAlb), 'https')
})

test("a trusted peer's X-Forwarded-Port is kept", async () => {
  const headers = ['X-Forwarded-Port: 8443', 'X-Forwarded-Proto: https', 'Host: front.example:4000']
  assert.equal(await told('x-forwarded-port', behindAlb.port, headers), '8443')
})

test("a trusted peer's X-Forwarded-Host is kept", async () => {
  const headers = ['X-Forwarded-Host: www.dev.jp']
  assert.equal(await told('x-forwarded-host', behindAlb.port, headers), 'www.dev.jp')
})

test('X-Real-IP is the last address that no trusted proxy has', async () => {
  const chain = ['X-Forwarded-For: 192.0.2.66, 203.0.113.7, 10.0.3.4']
  assert.equal(await told('x-real-ip', behindAlb.port, chain), '203.0.113.7')
})

test("a trusted peer's own X-Real-IP does not count", async () => {
  const headers = ['X-Real-IP: 192.0.2.66', 'X-Forwarded-For: 203.0.113.7']
  assert.equal(await told('x-real-ip', behindAlb.port, headers), '203.0.113.7')
})

test('without X-Forwarded-For a trusted peer is the client', async () => {
  assert.equal(await told('x-forwarded-for', behindAlb.port), '127.0.0.1')
  assert.equal(await told('x-real-ip', behindAlb.port), '127.0.0.1')
})

for (const garbage of ['unknown', '<script>', '203.0.113.7:41234', '999.1.1.1', '_hidden']) {
  test(`X-Real-IP is never ${garbage}`, async () => {
    const headers = [`X-Forwarded-For: ${garbage}`]
    assert.equal(await told('x-real-ip', behindAlb.port, headers), '127.0.0.1')
  })
}

for (const proto of ['ftp', 'https, http', 'HTTPS', '"https"', '']) {
  test(`an X-Forwarded-Proto of ${JSON.stringify(proto)} is not believed`, async () => {
    const headers = [`X-Forwarded-Proto: ${proto}`]
    assert.equal(await told('x-forwarded-proto', behindAlb.port, headers), 'http')
  })
}

for (const port of ['x', '443, 80', '-1', '123456', '']) {
  test(`an X-Forwarded-Port of ${JSON.stringify(port)} is not believed`, async () => {
    const headers = [`X-Forwarded-Port: ${port}`]
    assert.equal(await told('x-forwarded-port', behindAlb.port, headers), '80')
  })
}

for (const host of ['a/b', 'a, b', 'user@a', '']) {
  test(`an X-Forwarded-Host of ${JSON.stringify(host)} is not believed`, async () => {
    const headers = [`X-Forwarded-Host: ${host}`]
    assert.equal(await told('x-forwarded-host', behindAlb.port, headers), 'front.example')
  })
}

test('the port is the one in Host where no proxy names it', async () => {
  assert.equal(await told('x-forwarded-port', behindAlb.port, ['Host: front.example:4000']), '4000')
  assert.equal(await told('x-forwarded-port', behindAlb.port, ['Host: [::1]:4001']), '4001')
})

test('the port is that of the scheme where nobody names it', async () => {
  assert.equal(await told('x-forwarded-port', behindAlb.port, ['X-Forwarded-Proto: https']), '443')
  assert.equal(await told('x-forwarded-port', behindAlb.port, ['Host: [::1]']), '80')
})

const spoofed: [name: string, value: string, instead: string][] = [
  ['X-Forwarded-For', '10.0.0.1', '127.0.0.1'],
  ['X-Forwarded-Proto', 'https', 'http'],
  ['X-Forwarded-Host', 'evil.example', 'front.example'],
  ['X-Forwarded-Port', '443', '80'],
  ['X-Real-IP', '10.0.0.1', '127.0.0.1'],
]
for (const [name, value, instead] of spoofed) {
  test(`nobody but a trusted peer can set ${name}`, async () => {
    assert.equal(await told(name, exposed.port, [`${name}: ${value}`]), instead)
  })
}

// Node calls it ::ffff:127.0.0.1, since the listeners are on ::
test('an IPv4 peer of a dual-stack listener is called by its IPv4 address', async () => {
  assert.equal(await told('x-forwarded-for', exposed.port), '127.0.0.1')
  assert.equal(await told('x-real-ip', exposed.port), '127.0.0.1')
})

test('an IPv4 address in X-Forwarded-For that is written as IPv6 is judged as IPv4', async () => {
  const chain = ['X-Forwarded-For: 203.0.113.7, ::ffff:10.0.3.4']
  assert.equal(await told('x-real-ip', behindAlb.port, chain), '203.0.113.7')
})

test('an IPv6 peer that is not trusted is the client', async () => {
  const headers = ['X-Forwarded-For: ::ffff:10.0.0.1']
  assert.equal(await told('x-forwarded-for', exposed.port, headers, '::1'), '::1')
  assert.equal(await told('x-real-ip', exposed.port, headers, '::1'), '::1')
})

test('an IPv6 peer that is trusted is believed', async () => {
  const headers = ['X-Forwarded-For: 2001:db8::7']
  assert.equal(await told('x-forwarded-for', behindAlb.port, headers, '::1'), '2001:db8::7, ::1')
  assert.equal(await told('x-real-ip', behindAlb.port, headers, '::1'), '2001:db8::7')
})

test('pages are told the same', async t => {
  const { port } = await stage(t, {
    pages: (req, res) => res.end(req.headers['x-forwarded-proto']),
    env: { TRUSTED_PROXIES: '10.0.0.0/8' },
  })
  const { body } = await ask(port, request('GET /account', ['X-Forwarded-Proto: https']))
  assert.equal(body, 'http')
})
