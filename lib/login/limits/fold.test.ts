import assert from 'node:assert/strict'
import { test } from 'node:test'
import { json, keys, TARO } from '../../../test/account-keys.ts'
import { fold } from './fold.ts'

for (const [what, name] of [
  ['a zero-width space', 'ta\u200bro'],
  ['a soft hyphen', 'ta\u00adro'],
  ['a mark of direction', '\u202etaro'],
  ['a variation selector', 'taro\ufe0f'],
  ['a byte order mark', '\ufefftaro'],
  ['a control character', 'taro\x01'],
  ['an accent', 'tarō'],
  ['an accent of its own', 'taro\u0304'],
  ['another case and an accent', 'TÁRO'],
  ['mathematical letters', '𝓽𝓪𝓻𝓸'],
  ['a stroke', 'tarø'],
  // equal to MySQL's default collation and MariaDB's
  ['white letters on black', '🆃🅰🆁🅾'],
  ['letters of another alphabet of Latin', 'ꞇꞛꞧꞝ'],
  ['a letter that is a mark', 't\u0363ro'],
  ['marks that are letters in capitals', 'ta\u0345\u0345ro'],
  ['a mark of Arabic with a space of its own', 'ta\ufe70ro'],
  // to utf8mb4_unicode_ci
  ['a sign of the Koran', 'ta۞ro'],
] as const)
  test(`a name with ${what} counts as the same account`, async () => {
    assert.deepEqual(await json({ name }), [TARO])
  })

test('kana of either kind and size are the same account, a name that nobody sees is one of its own', async () => {
  assert.deepEqual(await json({ name: 'ぎょうだ' }), await json({ name: 'キヨウタ' }))
  assert.equal((await json({ name: '\ue000' })).length, 1)
})

const [N42] = await json({ id: 42 })

for (const id of [
  '042',
  '00000042',
  '+42',
  '42.0',
  '42.',
  ' 42 ',
  '4.2e1',
  '4200E-2',
  '421e-1',
  '4.25e1',
  '42.9e0',
  '4_2',
  '４２',
  '٤٢',
  '४२',
])
  test(`the number ${id} counts as 42`, async () => {
    assert.deepEqual(await json({ id }), [N42])
  })

test('letters that are two, digits in circles and small kana are what databases take them for', async () => {
  for (const [one, other] of [
    ['nꜵko', 'naoko'],
    ['STRAẞE', 'strasse'],
    ['pau·l', 'paŭl'],
    ['taro⓱❷৵', 'taro1722'],
    ['アㇰセル', 'あくせる'],
    ['\u2df6нна', 'Анна'],
    // as MariaDB's default until 11.6 has all beyond U+FFFF
    ['𠮷田', '🎉田'],
  ] as const)
    assert.deepEqual(await json({ name: one }), await json({ name: other }), one)
  assert.notDeepEqual(await json({ name: '吉田' }), await json({ name: '古田' }))
})

test('another number is another account, and so is a name that only begins with one', async () => {
  for (const id of ['43', '-42', '420', '42a', '4-2', '0x42', '', 'e42', '1e400'])
    assert.ok(!(await json({ id })).includes(N42 ?? ''), id)
  assert.notDeepEqual(await json({ id: '42a' }), await json({ id: '42b' }))
  // numbers of students or staff, which must not lock each other out
  assert.notDeepEqual(await json({ memberNo: '20A1234' }), await json({ memberNo: '20B1234' }))
  for (const [one, other] of [
    ['20E1234', '21E1234'],
    ['20E-1234', '21E-5678'],
    ['20E-12', '31E-99'],
    ['00E1234', '00E5678'],
    ['123456789012345678', '123456789012345679'],
    ['9007199254740992', '9007199254740993'],
  ] as const)
    assert.notDeepEqual(await json({ memberNo: one }), await json({ memberNo: other }), one)
  assert.deepEqual(
    await json({ memberNo: '0123456789012345678' }),
    await json({ memberNo: '+123456789012345678' }),
  )
  // of numbers that a double cannot hold the spellings in JSON are one, and those with an exponent
  assert.deepEqual(await keys('{"id":9007199254740993}'), await json({ id: '9007199254740993' }))
  assert.notDeepEqual(await keys('{"id":9007199254740993}'), await keys('{"id":9007199254740992}'))
  assert.deepEqual(await json({ id: '1.2345678901234567e17' }), await json({ id: '12345678901234567e1' }))
  assert.notDeepEqual(await json({ id: '0312345678' }), await json({ id: '0312345679' }))
})

test('a name of 65,000 zeros is folded as quickly as one of ones', () => {
  // each in turns: what else the machine does hits both
  const ms = { '0': 0, '1': 0 }
  for (let turn = 0; turn < 5; turn++)
    for (const digit of ['0', '1'] as const) {
      const since = performance.now()
      fold(`${digit.repeat(65_000)}x`)
      ms[digit] += performance.now() - since
    }
  assert.ok(ms['0'] < 20 * ms['1'], JSON.stringify(ms))
})

test('the digits of every script are the same, as Unicode has them', async () => {
  for (const numbering of Intl.supportedValuesOf('numberingSystem')) {
    const written = new Intl.NumberFormat('en', { numberingSystem: numbering, useGrouping: false }).format(
      1234567890,
    )
    if (/^\p{Nd}+$/u.test(written))
      assert.deepEqual(await json({ id: written }), await json({ id: 1234567890 }), numbering)
  }
})

test('a telephone number is the same account however it is divided', async () => {
  const [tel] = await json({ phone: '09012345678' })
  for (const phone of [
    '090-1234-5678',
    '(090) 1234 5678',
    '090.1234.5678',
    '０９０－１２３４－５６７８',
    '0-9-0-12345678',
    '+90 1234 5678',
  ])
    assert.deepEqual(await json({ phone }), [tel], phone)
  assert.notDeepEqual(await json({ phone: '090-1234-5679' }), [tel])
})
