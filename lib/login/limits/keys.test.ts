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

for (const body of ['name=taro&password=x', 'user[email]=taro', 'user.name=%74aro', 'name[]=taro']) {
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

test('a name is found whatever type and character set the body is said to have', async () => {
  assert.deepEqual(await keys('{"name":"taro"}', { 'content-type': 'text/plain' }), [TARO])
  assert.deepEqual(await keys('{"name":"taro"}', {}), [TARO])
  assert.deepEqual(await keys('\ufeff{"name":"taro"}'), [TARO])
  const type = { 'content-type': 'application/json; charset=utf-16le' }
  assert.deepEqual(await keys(Buffer.from('{"name":"taro"}', 'utf16le'), type), [TARO])
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
  'not json',
  '{"name":',
  '{"name":""}',
  '{"name":null}',
  '{"password":"taro"}',
  '7',
  '[]',
]) {
  test(`no name is found in ${body === '' ? 'an empty body' : body}`, async () => {
    assert.deepEqual(await keys(body), [])
  })
}

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
