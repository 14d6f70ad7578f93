import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ErrorCode, GatewayError } from '../../http/errors.ts'
import { accountKeys, addressKey } from './keys.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' }

const keys = (body: string | Buffer, headers: Record<string, string> = JSON_TYPE, url = '/user/login') =>
  accountKeys({ url, headers }, { kept: [Buffer.from(body)] })

const json = (value: unknown) => keys(JSON.stringify(value))
const [TARO = ''] = await json({ name: 'taro' })
const refusedWith = (code: ErrorCode) => (error: unknown) =>
  error instanceof GatewayError && error.code === code

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

for (const field of [
  'name',
  'username',
  'userName',
  'user_id',
  'email',
  'E-Mail',
  'account',
  'login',
  'id',
]) {
  test(`a name is found in the field ${field}`, async () => {
    assert.deepEqual(await json({ [field]: 'taro', password: 'secret' }), [TARO])
  })
}

for (const [words, body] of [
  ['another case', { name: 'TARO' }],
  ['spaces around it', { name: ' taro\t' }],
  ['full width', { name: 'ｔａｒｏ' }],
  ['an object', { user: { name: 'taro' } }],
  ['a list', { name: ['taro'] }],
  ['an object in an object', { data: { user: { email: 'taro' } } }],
] as const) {
  test(`a name in ${words} is the same name`, async () => {
    assert.deepEqual(await json(body), [TARO])
  })
}

for (const body of [
  'name=taro&password=x',
  'user[email]=taro',
  'user.name=%74aro',
  'name[]=taro',
  'form:email=taro',
  'ctl00$Main$UserName=taro',
  // PHP: of a field's name spaces at its begin go, others become `_`, and NUL ends it
  '+email=taro',
  'user+name=taro',
  'email%00x=taro',
  // Spring's default value
  '!email=taro',
  // ASP.NET
  '%u0065mail=%u0074aro',
  // Go's decoders
  'u%C5%BFername=taro',
]) {
  test(`a name is found in the form ${body}`, async () => {
    assert.deepEqual(await keys(body, FORM_TYPE), [TARO])
  })
}

test('a name is found in a multipart form', async () => {
  const form = new FormData()
  form.set('name', 'taro')
  const sent = new Response(form)
  const type = { 'content-type': sent.headers.get('content-type') ?? '' }
  assert.deepEqual(await keys(Buffer.from(await sent.arrayBuffer()), type), [TARO])
})

test('a name is found in the query and in Basic credentials', async () => {
  assert.deepEqual(await accountKeys({ url: '/user/login?name=taro', headers: {} }, undefined), [TARO])
  const authorization = `Basic ${Buffer.from('taro:secret').toString('base64')}`
  assert.deepEqual(await accountKeys({ url: '/user/login', headers: { authorization } }, undefined), [TARO])
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

const MULTIPART = { 'content-type': 'multipart/form-data; boundary=b' }
const part = (name: string, value: string) =>
  `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
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

const utf16 = (text: string, order: 'le' | 'be') => {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le')
  return order === 'le' ? bytes : bytes.swap16()
}
const LOGIN = '{"email":"v","password":"p"}'
for (const [what, body, type] of [
  ['text behind JSON', `${LOGIN} x`],
  ['a second value behind JSON', `${LOGIN}${LOGIN}`],
  ['text behind JSON that is called plain text', `${LOGIN} x`, 'text/plain'],
  ['text behind JSON that is called a form', `${LOGIN} x`, 'application/x-www-form-urlencoded'],
  ['text behind JSON of no type', `${LOGIN} x`, ''],
  ['a key twice', '{"email":"real","email":"other"}'],
  ['a key twice, once escaped', '{"email":"real","\\u0065mail":"other"}'],
  ['a key twice in an object below', '{"user":{"email":"real","email":"other"}}'],
  ['half of JSON', '{"name":'],
  ['what is no JSON', 'not json'],
  ['a comment', '{/**/"email":"v"}'],
  ['a comment to the end of the line', '{"email":"v"} // x'],
  ['a trailing comma', '{"email":"v",}'],
  ['single quotes', "{'email':'v'}"],
  ['a key without quotes', '{email:"v"}'],
  ['UTF-16 (le)', utf16(LOGIN, 'le')],
  ['UTF-16 (be)', utf16(LOGIN, 'be')],
  ['UTF-16 without a byte order mark', utf16(LOGIN, 'le').subarray(2)],
  ['UTF-16 that is called octets', utf16(LOGIN, 'be'), 'application/octet-stream'],
  ['UTF-16 as its charset says', utf16(LOGIN, 'le'), 'application/json; charset=utf-16le'],
  ['a charset that it does not have', LOGIN, 'application/json; charset=utf-16'],
  ['two charsets', LOGIN, 'application/json; charset=utf-8; charset=utf-7'],
  ['UTF-7', LOGIN, 'text/plain; charset=utf-7'],
  ['bytes that are no UTF-8', Buffer.from('7b226e616d65223a22ff227d', 'hex')],
  ['multipart without its end', part('email', 'v'), MULTIPART['content-type']],
  ['multipart without a boundary', part('email', 'v'), 'multipart/form-data'],
  ['multipart with two boundaries', `${part('email', 'v')}--b--`, `${MULTIPART['content-type']}; boundary=c`],
  ['multipart whose boundary some cut', '--b,c--', 'multipart/form-data; boundary="b,c"'],
  ['multipart with a part behind its end', `--b--${part('email', 'v')}--b--`, MULTIPART['content-type']],
  ['multipart with text before its begin', `x${part('email', 'v')}--b--`, MULTIPART['content-type']],
  ['multipart with other line ends', `${part('x', 'y\n--b\n')}--b--`, MULTIPART['content-type']],
  ['multipart with an encoded name', `${part('=?UTF-8?B?ZW1haWw=?=', 'v')}--b--`, MULTIPART['content-type']],
  ['multipart with two names', `${part('x"; name="email', 'v')}--b--`, MULTIPART['content-type']],
  ['multipart with an escape in a name', `${part('e\\mail', 'v')}--b--`, MULTIPART['content-type']],
  [
    'a part in quoted-printable',
    `${part('email"\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Type: text/plain; x="', '=76')}--b--`,
    MULTIPART['content-type'],
  ],
  [
    'a part in a charset of its own',
    `${part('email"\r\nContent-Type: text/plain; charset=iso-2022-jp; x="', '\x1b(Jv')}--b--`,
    MULTIPART['content-type'],
  ],
  [
    'a charset among the fields',
    `${part('_charset_', 'utf-7')}${part('email', '+AHY-')}--b--`,
    MULTIPART['content-type'],
  ],
  [
    'a charset among the fields of a form',
    '_charset_=utf-7&email=%2BAHY-',
    'application/x-www-form-urlencoded',
  ],
  ['a name in a form that is no UTF-8', 'name=%91%BE%98Y', 'application/x-www-form-urlencoded'],
  ['a charset of RFC 8187', LOGIN, "application/json; charset*=utf-8''utf-16"],
  ['XML with a processing instruction', '<a><email>v<?x?>w</email></a>', 'text/xml'],
  ['XML with text beside an element', '<a><email>v<b/>w</email></a>', 'text/xml'],
  ['XML with `>` in an attribute', '<a><email x=">">v</email></a>', 'text/xml'],
  [
    'XML in another charset',
    '<?xml version="1.0" encoding="ISO-2022-JP"?><a><email>v</email></a>',
    'text/xml',
  ],
  ['XML with an entity', '<a><email>&#118;</email></a>', 'text/xml'],
  ['XML with CDATA', '<a><email><![CDATA[v]]></email></a>', 'application/xml'],
] as const)
  test(`a login that readers may understand differently is refused: ${what}`, async () => {
    const headers = { 'content-type': type ?? 'application/json' }
    await assert.rejects(keys(Buffer.from(body), headers), refusedWith('BAD_REQUEST'))
  })

for (const [what, name] of [
  ['a zero-width space', 'ta\u200bro'],
  ['a soft hyphen', 'ta\u00adro'],
  ['a mark of direction', '\u202etaro'],
  ['a variation selector', 'taro\ufe0f'],
  ['a byte order mark', '\ufefftaro'],
  ['NUL', 'taro\0'],
  ['an accent', 'tarō'],
  ['an accent of its own', 'taro\u0304'],
  ['another case and an accent', 'TÁRO'],
  ['mathematical letters', '𝓽𝓪𝓻𝓸'],
  ['a stroke', 'tarø'],
] as const)
  test(`a name with ${what} counts as the same account`, async () => {
    assert.deepEqual(await json({ name }), [TARO])
  })

test('kana of either kind and size are the same account, a name that nobody sees is one of its own', async () => {
  assert.deepEqual(await json({ name: 'ぎょうだ' }), await json({ name: 'キヨウタ' }))
  assert.equal((await json({ name: '\ue000' })).length, 1)
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
    assert.deepEqual(await accountKeys({ url: '/', headers: { authorization: text } }, undefined), [TARO])
  })

test('Basic credentials that are none are refused', async () => {
  for (const authorization of ['Basic', 'Basic !!!', 'Basic dGFybzpz x', 'Basic,dGFybzpz'])
    await assert.rejects(
      accountKeys({ url: '/', headers: { authorization } }, undefined),
      refusedWith('BAD_REQUEST'),
      authorization,
    )
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
