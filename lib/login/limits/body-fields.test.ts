import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  FORM_TYPE,
  JSON_TYPE,
  keys,
  MULTIPART,
  part,
  refusedWith,
  XML_TYPE,
} from '../../../test/account-keys.ts'

const utf16 = (text: string, order: 'le' | 'be') => {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le')
  return order === 'le' ? bytes : bytes.swap16()
}
const NO_UTF8 = (before: string, after: string) =>
  Buffer.concat([Buffer.from(before), Buffer.from([0xff]), Buffer.from(after)])
const OCTETS = 'application/octet-stream'
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
  [
    'JSON too deep to be looked at, in a field',
    `a=[${'['.repeat(15_000)}1234567890123456${']'.repeat(15_000)},{"email":"v"}]`,
    'application/x-www-form-urlencoded',
  ],
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
  ['UTF-16 that is called octets', utf16(LOGIN, 'be'), OCTETS],
  ['UTF-16 as its charset says', utf16(LOGIN, 'le'), 'application/json; charset=utf-16le'],
  ['a charset that it does not have', LOGIN, 'application/json; charset=utf-16'],
  ['two charsets', LOGIN, 'application/json; charset=utf-8; charset=utf-7'],
  ['UTF-7', LOGIN, 'text/plain; charset=utf-7'],
  ['bytes that are no UTF-8', Buffer.from('7b226e616d65223a22ff227d', 'hex')],
  ['such bytes in JSON that is called octets', NO_UTF8('{"email":"v","z":"', '"}'), OCTETS],
  ['such bytes in XML that is called octets', NO_UTF8('<a><email>v</email><z>', '</z></a>'), OCTETS],
  ['multipart without its end', part('email', 'v'), MULTIPART['content-type']],
  ['multipart without a boundary', part('email', 'v'), 'multipart/form-data'],
  [
    'multipart that a parameter alone says',
    `${part('email', 'v')}--b--`,
    `application/x-www-form-urlencoded; x=${MULTIPART['content-type']}`,
  ],
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
  // PHP's parse_str ends at NUL
  ['a name with NUL', 'email=v\0x', 'application/x-www-form-urlencoded'],
  ['a name with NUL in JSON', '{"email":"v\\u0000x"}'],
  // Go's decoder passes over it
  ['text before XML', 'x<a><email>v</email></a>', 'application/x-www-form-urlencoded'],
  ['text before an element without content', 'x<a email="v"/>', 'text/plain'],
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

for (const [what, body] of [
  ['a comment before it', '/**/{"email":"v"}'],
  ['a comment to the end of the line before it', '//x\n{"email":"v"}'],
  ['a comment of Ruby before it', '#x\n{"email":"v"}'],
  ["Gson's prefix before it", ')]}\'\n{"email":"v"}'],
  ['text behind it', '{"email":"v"} x'],
  ['single quotes', "{'email':'v'}"],
  ['a key without quotes', '{ email: "v"}'],
  ['a comment in it', '{/**/"email":"v"}'],
  ['a key twice', '{"email":"v","email":"w"}'],
] as const)
  test(`JSON with ${what} is refused in plain text, without a type, in a field and in a part`, async () => {
    const field = new URLSearchParams({ data: body }).toString()
    for (const [type, text] of [
      ['text/plain', body],
      ['', body],
      ['application/x-www-form-urlencoded', field],
      ['application/json', JSON.stringify({ data: body })],
      [MULTIPART['content-type'], `${part('data', body)}--b--`],
    ] as const)
      await assert.rejects(keys(text, { 'content-type': type }), refusedWith('BAD_REQUEST'), type)
  })

for (const type of [
  'application/yaml',
  'text/yaml',
  'application/cbor',
  'text/csv',
  'application/yaml; x=json',
])
  test(`a body of the type ${type}, which has a reader of its own, is refused`, async () => {
    await assert.rejects(keys('email: v', { 'content-type': type }), refusedWith('BAD_REQUEST'))
  })

test('text that only begins like JSON passes, and so does any password', async () => {
  const form = {
    __VIEWSTATE: '/wEPDw==',
    state: '{550e8400-e29b-41d4-a716-446655440000}',
    next: '//x',
    password: '{"a',
  }
  assert.deepEqual(
    await keys(new URLSearchParams(form).toString(), { 'content-type': 'application/x-www-form-urlencoded' }),
    [],
  )
})

test('XML that closes more than it opens is refused', async () => {
  await assert.rejects(keys('<a></a></a>', { 'content-type': 'text/xml' }), refusedWith('BAD_REQUEST'))
})

const most = (text: string) => text.repeat(Math.floor(65_536 / text.length))
for (const [what, body, type] of [
  ['lists in lists', '['.repeat(32_000) + ']'.repeat(32_000), 'application/json'],
  ['objects in objects', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, 'application/json'],
  ['a list of what is nearly JSON', `[${most('"{",')}1]`, 'application/json'],
  ['a field with many brackets', `a${most('[a]')}=1`, 'application/x-www-form-urlencoded'],
  ['fields that are nearly JSON', most('a={"}&'), 'application/x-www-form-urlencoded'],
  ['one nearly JSON text', `a=${most('{ ')}`, 'application/x-www-form-urlencoded'],
  ['elements in elements', '<a>'.repeat(9000) + '</a>'.repeat(9000), 'text/xml'],
] as const)
  test(`the CPU for ${what} of 64 KB grows no faster than the body`, async () => {
    const before = process.cpuUsage()
    // it names nobody, or is refused for its size
    assert.deepEqual(await keys(body, { 'content-type': type }).catch(() => []), [])
    const { user } = process.cpuUsage(before)
    // measured: 5 to 80 ms; the square of the size would be seconds
    assert.ok(user < 1_000_000, `${user} µs`)
  })

for (const [what, body] of [
  ['a byte that is no UTF-8', NO_UTF8('z=', '&email=v&password=p')],
  ['NUL', Buffer.from('z\0=&email=v&password=p')],
] as const)
  test(`a form with ${what} counts for its account, though it is called octets`, async () => {
    assert.deepEqual(await keys(body, { 'content-type': OCTETS }), await keys('email=v', FORM_TYPE))
  })

const manyFields = (count: number, separator = '&') =>
  keys(Array.from({ length: count }, (_, i) => `a${i}=1`).join(separator), FORM_TYPE)

test('a form of 1,000 fields is looked at', async () => {
  assert.deepEqual(await manyFields(1000), [])
})

for (const separator of ['&', ';', '&;'])
  test(`a form of more fields, with ${separator} between them, is refused`, async () => {
    await assert.rejects(manyFields(1001, separator), refusedWith('BAD_REQUEST'))
  })

for (const [what, body, type] of [
  ['20,000 deep', `user${'[a]'.repeat(20_000)}=1`, FORM_TYPE],
  ['in a JSON key 20,000 deep', JSON.stringify({ [`user${'.a'.repeat(20_000)}`]: 'v' }), JSON_TYPE],
  [
    'in 900 forms of 20 names each',
    Array.from({ length: 900 }, (_, i) => `a${i}${'[b]'.repeat(20)}=1`).join('&'),
    FORM_TYPE,
  ],
  ['in 10,000 attributes', `<a ${'b="c" '.repeat(10_000)}/>`, XML_TYPE],
] as const)
  test(`a login of a multitude of names is refused: ${what}`, async () => {
    await assert.rejects(keys(body, type), refusedWith('BAD_REQUEST'))
  })

for (const password of ['a</b', 'a/>b', 'a<b>c'])
  test(`a form that a script wrote without escaping its password ${password} is looked at`, async () => {
    assert.deepEqual(await keys(`email=v&password=${password}`, FORM_TYPE), await keys('email=v', FORM_TYPE))
  })

for (const [what, body, type] of [
  ['2,001 values', JSON.stringify({ a: Array.from({ length: 2000 }, () => 1) }), JSON_TYPE],
  ['1,001 elements', `<a>${'<b></b>'.repeat(1001)}</a>`, XML_TYPE],
] as const)
  test(`a body of ${what} is refused`, async () => {
    await assert.rejects(keys(body, type), refusedWith('BAD_REQUEST'))
  })
