import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mistakes, read } from '../../test/settings.ts'

const TOKEN = 'himitsu-himitsu-himitsu-himitsu-'

for (const host of ['127.0.0.1', '127.0.0.7', '::1', 'localhost']) {
  test(`ADMIN_HOST=${host} needs no token`, () => assert.equal(read({ ADMIN_HOST: host }).ADMIN_TOKEN, null))
}

for (const host of ['0.0.0.0', '::', '10.0.3.17', 'gate.dev.internal', '127.0.0.1.evil.example']) {
  test(`ADMIN_HOST=${host} is refused without a token, with what to write, and taken with one`, () => {
    const [title, mistake, ...more] = mistakes({ ADMIN_HOST: host })
    assert.match(title ?? '', /1 mistake in the settings$/)
    assert.ok(mistake?.startsWith(`  ADMIN_HOST is "${host}", and ADMIN_TOKEN is not set; accepted: both`))
    assert.match(mistake ?? '', /openssl rand -hex 32.* or ADMIN_HOST=127\.0\.0\.1$/)
    assert.deepEqual(more, [])
    assert.equal(read({ ADMIN_HOST: host, ADMIN_TOKEN: TOKEN }).ADMIN_HOST, host)
  })
}

for (const token of [
  'himitsu',
  'himitsu-himitsu-himitsu-himitsu',
  `${TOKEN}"`,
  `${TOKEN} x`,
  `パ${TOKEN}`,
  `${TOKEN}===`,
]) {
  test(`the token ${token} is refused, and not repeated`, () => {
    const [, mistake = ''] = mistakes({ ADMIN_TOKEN: token })
    assert.match(
      mistake,
      /^ {2}ADMIN_TOKEN has a value that is not accepted \(it is not shown\); accepted: 32 to 256 letters/,
    )
    assert.doesNotMatch(mistake, /himitsu/)
  })
}

test('of a token the settings keep a digest alone', () => {
  const { ADMIN_TOKEN } = read({ ADMIN_TOKEN: TOKEN })
  assert.equal(ADMIN_TOKEN?.length, 32)
  assert.doesNotMatch(String(ADMIN_TOKEN), /himitsu/)
})
