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

for (const garbage of ['unknown', '<script>', '999.1.1.1', '_hidden', ':443', '[203.0.113.7]:443']) {
  test(`X-Real-IP is never ${garbage}`, async () => {
    const headers = [`X-Forwarded-For: ${garbage}`]
    assert.equal(await told('x-real-ip', behindAlb.port, headers), '127.0.0.1')
  })
}

for (const proto of ['ftp', 'https, http', 'https, ftp', '"https"', '']) {
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

test('the port is the one in Host where no proxy names it', async () => {
  assert.equal(await told('x-forwarded-port', behindAlb.port, ['Host: front.example:4000']), '4000')
  assert.equal(await told('x-forwarded-port', behindAlb.port, ['Host: [::1]:4001']), '4001')
})

test('the port is that of the scheme where nobody names it', async () => {
  assert.equal(await told('x-forwarded-port', behindAlb.port, ['X-Forwarded-Proto: https']), '443')
  assert.equal(await told('x-forwarded-port', behindAlb.port, ['Host: [::1]']), '80')
})

const withPorts: [entry: string, address: string][] = [
  ['203.0.113.7:54321', '203.0.113.7'],
  ['[2001:db8::1]:443', '2001:db8::1'],
  ['[2001:DB8:0::1]', '2001:db8::1'],
  ['2001:db8:1:2:3:4:5:6:54321', '2001:db8:1:2:3:4:5:6'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['[::ffff:cb00:7107]:54321', '203.0.113.7'],
  ['198.51.100.9:1, 203.0.113.7:54321', '203.0.113.7'],
  ['203.0.113.7:54321, 10.0.3.4:8443', '203.0.113.7'],
]
for (const [entry, address] of withPorts) {
  test(`X-Forwarded-For: ${entry} is passed on as it came, and X-Real-IP is ${address}`, async () => {
    const headers = [`X-Forwarded-For: ${entry}`]
    assert.equal(await told('x-real-ip', behindAlb.port, headers), address)
    assert.equal(header(backend.seen.at(-1), 'x-forwarded-for'), `${entry}, 127.0.0.1`)
  })
}

test("a trusted peer's X-Forwarded-Proto may be in upper case, and goes on in lower case", async () => {
  assert.equal(await told('x-forwarded-proto', behindAlb.port, ['X-Forwarded-Proto: HTTPS']), 'https')
})

for (const [sent, scheme] of [
  ['wss', 'https'],
  ['WS', 'http'],
] as const)
  test(`an X-Forwarded-Proto of ${sent}, as Traefik has it for a WebSocket, goes on as ${scheme}`, async () => {
    assert.equal(await told('x-forwarded-proto', behindAlb.port, [`X-Forwarded-Proto: ${sent}`]), scheme)
    assert.equal(header(backend.seen.at(-1), 'x-forwarded-port'), scheme === 'https' ? '443' : '80')
  })

const lists: [words: string, chain: string, hops: number][] = [
  ['no trusted proxy', '203.0.113.7', 0],
  ['one trusted proxy', '203.0.113.7, 10.0.3.4', 1],
  ['two trusted proxies', '203.0.113.7, 10.0.3.4:80, 10.0.3.5', 2],
  ['more trusted proxies than a list has entries', '203.0.113.7, 10.0.0.4, 10.0.0.5, 10.0.0.6, 10.0.0.7', 3],
]
for (const [words, chain, hops] of lists) {
  test(`of lists the entry counts that the outermost proxy wrote, with ${words} between`, async () => {
    const headers = [
      `X-Forwarded-For: ${chain}`,
      'X-Forwarded-Proto: https, http, https, http',
      'X-Forwarded-Port: 4444, 3333, 2222, 1111',
    ]
    assert.equal(await told('x-forwarded-proto', behindAlb.port, headers), hops % 2 === 0 ? 'http' : 'https')
    assert.equal(header(backend.seen.at(-1), 'x-forwarded-port'), String(1111 * (hops + 1)))
  })
}

const likeForwarded = [
  'X-Forwarded-Prefix',
  'X-Forwarded-Ssl',
  'X-Forwarded-Scheme',
  'X-Forwarded-Server',
  'X-Forwarded-User',
  'X-Forwarded-Path',
  'X-Forwarded',
  'X-Original-URL',
  'X-Original-Host',
  'X-Rewrite-URL',
]
for (const name of likeForwarded) {
  test(`${name} is passed on of nobody, a trusted peer included`, async () => {
    for (const { port } of [behindAlb, exposed])
      assert.equal(await told(name.toLowerCase(), port, [`${name}: /admin`]), undefined)
  })
}

for (const name of ['X-Amzn-Trace-Id', 'X-Amz-Cf-Id', 'X-Amzn-Oidc-Identity', 'X-Original', 'Via']) {
  test(`${name} is passed on as it is`, async () => {
    assert.equal(await told(name.toLowerCase(), behindAlb.port, [`${name}: Root=1`]), 'Root=1')
  })
}

test('pages get none of the headers that are like X-Forwarded-* either', async t => {
  const { port } = await stage(t, { pages: (req, res) => res.end(Object.keys(req.headers).join()) })
  const { body } = await ask(
    port,
    request(
      'GET /account',
      likeForwarded.map(each => `${each}: /admin`),
    ),
  )
  assert.doesNotMatch(body, /prefix|ssl|scheme|server|user|path|original|rewrite|x-forwarded(,|$)/)
  assert.match(body, /x-forwarded-for/)
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
