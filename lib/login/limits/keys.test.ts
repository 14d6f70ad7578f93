import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  FORM_TYPE,
  JSON_TYPE,
  json,
  keys,
  MULTIPART,
  part,
  refusedWith,
  TARO,
} from '../../../test/account-keys.ts'
import { accountKeys, addressKey } from './keys.ts'

test('an IPv4 address is its own key', () => {
  assert.equal(addressKey('203.0.113.7'), '203.0.113.7')
})

for (const address of ['2001:db8:1:2::7', '2001:DB8:0001:2:ffff:ffff:ffff:ffff', '2001:db8:1:2::%eth0']) {
  test(`the key of ${address} is its /64`, () => {
    assert.equal(addressKey(address), '2001:db8:1:2::/64')
  })
}

test('zeros that an IPv6 address leaves out are counted in', () => {
  assert.equal(addressKey('2001:db8::7'), '2001:db8:0:0::/64')
  assert.equal(addressKey('::1'), '0:0:0:0::/64')
  assert.equal(addressKey('fe80::'), 'fe80:0:0:0::/64')
  assert.notEqual(addressKey('2001:db8:1:2::7'), addressKey('2001:db8:1:3::7'))
})

test('a key shows nothing of the name', () => {
  assert.match(TARO, /^[\da-f]{64}$/)
})

test('a name is found in a multipart form', async () => {
  const form = new FormData()
  form.set('name', 'taro')
  const sent = new Response(form)
  const type = { 'content-type': sent.headers.get('content-type') ?? '' }
  assert.deepEqual(await keys(Buffer.from(await sent.arrayBuffer()), type), [TARO])
})

test('a name is found in the query and in Basic credentials', async () => {
  assert.deepEqual(await keys('', {}, '/user/login?name=taro'), [TARO])
  const authorization = `Basic ${Buffer.from('taro:secret').toString('base64')}`
  assert.deepEqual(await keys('', { authorization }), [TARO])
})

test('a name is found whatever type the body is said to have', async () => {
  assert.deepEqual(await keys('{"name":"taro"}', { 'content-type': 'text/plain' }), [TARO])
  assert.deepEqual(await keys('{"name":"taro"}', {}), [TARO])
  assert.deepEqual(await keys('\ufeff{"name":"taro"}'), [TARO])
  assert.deepEqual(await keys('{"name":"taro"}', FORM_TYPE), [TARO])
  // both at once: JSON to one reader, a form to another
  assert.deepEqual(await keys('{"a":"&name=taro&"}', FORM_TYPE), [TARO])
})

test('every name counts, once, in the same order whatever theirs is', async () => {
  const both = await json({ email: 'taro@example.jp', name: 'taro', login: 'taro' })
  assert.equal(both.length, 2)
  assert.deepEqual(await json({ name: 'taro', email: 'taro@example.jp' }), both)
})

for (const body of [
  '',
  '{"name":""}',
  '{"name":null}',
  '{"password":"taro"}',
  '7',
  '[]',
  '{"a":{"a":1},"b":[{"a":1}]}',
]) {
  test(`no name is found in ${body === '' ? 'an empty body' : body}`, async () => {
    assert.deepEqual(await keys(body), [])
  })
}

const OCTETS = { 'content-type': 'application/octet-stream' }

for (const [what, body, headers] of [
  ['a SAML answer', 'SAMLResponse=PHNhbWxwOlJlc3BvbnNl&RelayState=%2F', FORM_TYPE],
  ['a logout', '{}', JSON_TYPE],
  [
    'a passkey',
    JSON.stringify({ rawId: 'AAE=', response: { signature: 'MEUCIQ==' }, type: 'public-key' }),
    JSON_TYPE,
  ],
  ['CBOR', Buffer.from([0xa1, 0x63, 0x66, 0x6d, 0x74, 0xff]), OCTETS],
  ['CBOR with bytes like those of XML', Buffer.from('\xa1\xff<a>{</', 'latin1'), OCTETS],
  [
    'a SOAP logout',
    '<s:Envelope><s:Body><Logout/></s:Body></s:Envelope>',
    { 'content-type': 'application/soap+xml' },
  ],
  ['a multipart form without a name', `${part('token', 'x')}--b--\r\n`, MULTIPART],
] as const)
  test(`${what} has no account's name, and passes`, async () => {
    assert.deepEqual(await keys(Buffer.from(body), headers), [])
  })

test('of a name twice in a form each counts, and what `;` separates', async () => {
  assert.ok((await keys('name=taro&name=other', FORM_TYPE)).includes(TARO))
  assert.ok((await keys('name=other&name=taro', FORM_TYPE)).includes(TARO))
  assert.ok((await keys('a=1;name=taro;b=2', FORM_TYPE)).includes(TARO))
  assert.ok((await keys(`${part('name', 'taro')}${part('name', 'other')}--b--`, MULTIPART)).includes(TARO))
})

test('a name is found in XML, in an element and in an attribute', async () => {
  const type = { 'content-type': 'application/soap+xml; charset=utf-8' }
  assert.deepEqual(
    await keys('<?xml version="1.0"?><l:login xmlns:l="u"><l:userName>taro</l:userName></l:login>', type),
    [TARO],
  )
  assert.deepEqual(await keys("<login user='taro' password='p'/>", { 'content-type': 'text/xml' }), [TARO])
  assert.deepEqual(
    await keys('<é:a><é:email u:Id="1">taro</é:email></é:a>', { 'content-type': 'text/xml' }),
    [TARO],
  )
})

for (const [what, authorization] of [
  ['a tab', (text: string) => `Basic\t${text}`],
  ['several spaces', (text: string) => `basic   ${text}`],
  ['no padding', (text: string) => `BASIC ${text.replace(/=+$/, '')}`],
] as const)
  test(`Basic credentials with ${what} name their account`, async () => {
    const text = authorization(Buffer.from('taro:secret').toString('base64'))
    assert.deepEqual(await keys('', { authorization: text }), [TARO])
  })

test('Basic credentials that are none are refused', async () => {
  // of the last PHP, Python, Ruby and Perl read taro
  for (const authorization of [
    'Basic',
    'Basic !!!',
    'Basic dGFybzpz x',
    'Basic,dGFybzpz',
    'Basic dGFy--bzpz',
  ])
    await assert.rejects(keys('', { authorization }), refusedWith('BAD_REQUEST'), authorization)
})

for (const [what, credentials] of [
  ['a name', 'realm="x", username="taro", uri="/"'],
  ['a comma in another text', 'realm="a, b", username="taro"'],
  ['an escape', 'username="t\\aro"'],
  ['an encoded name', "username*=UTF-8''t%61ro"],
  ['no quotes', 'username=taro'],
  // which Rails takes out
  ['an apostrophe', 'username="ta\'ro"'],
])
  test(`Digest credentials with ${what} name their account`, async () => {
    const authorization = `Digest ${credentials}`
    assert.deepEqual(await keys('', { authorization }), [TARO])
  })

test('Digest credentials with no name, or two, are refused', async () => {
  for (const authorization of [
    'Digest',
    'digest realm="username=x"',
    'Digest username="a", username="b"',
    // Rails reads `b`, since it splits at every comma
    'Digest username="a", realm="x, username=b, y"',
    'Digest username="a',
    "Digest username='a'",
    "Digest username*=utf-16''a",
  ])
    await assert.rejects(keys('', { authorization }), refusedWith('BAD_REQUEST'), authorization)
})

test('a login with more than four names is refused', async () => {
  const names = (count: number) => ({ name: Array.from({ length: count }, (_, i) => `name${i}`) })
  assert.equal((await json(names(4))).length, 4)
  await assert.rejects(json(names(5)), refusedWith('BAD_REQUEST'))
})

test('a body that could hide a name is refused: too large to be kept, or compressed', async () => {
  await assert.rejects(accountKeys({ url: '/', headers: {} }, {}), refusedWith('BODY_TOO_LARGE'))
  await assert.rejects(
    keys('{"name":"taro"}', { ...JSON_TYPE, 'content-encoding': 'gzip' }),
    refusedWith('BAD_REQUEST'),
  )
  const identity = { ...JSON_TYPE, 'content-encoding': 'Identity' }
  assert.deepEqual(await keys('{"name":"taro"}', identity), [TARO])
})
