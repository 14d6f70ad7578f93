import assert from 'node:assert/strict'
import { test } from 'node:test'
import { narrowCookie } from './cookie-domain.ts'

const dropped: [cookie: string, expected: string, host?: string][] = [
  ['a=1; Domain=api.dev.jp', 'a=1'],
  ['a=1; Domain=api.dev.jp; Path=/; HttpOnly', 'a=1; Path=/; HttpOnly'],
  ['a=1;Path=/ ; DOMAIN = .API.dev.jp ;Secure;SameSite=None', 'a=1;Path=/ ;Secure;SameSite=None'],
  ['a=1; Domain=www.dev.jp; Domain=api.dev.jp; Secure', 'a=1; Secure'],
  ['a=1; Domain=shop.dev.jp', 'a=1'],
  ['a=1; Domain=x.www.dev.jp', 'a=1'],
  ['a=1; Domain=ww.dev.jp', 'a=1'],
  ['a=1; Domain=jp', 'a=1'],
  ['a=1; Domain=localhost', 'a=1'],
  ['a=1; Domain=api.dev.jp:8443', 'a=1'],
  ['a=1; Domain=www.dev.jp:8443', 'a=1'],
  ['a=1; Domain=dev.jp.', 'a=1'],
  ['a=1; Domain=0.0.7', 'a=1', '10.0.0.7'],
  ['__Secure-a=1; Secure; Domain=api.dev.jp', '__Secure-a=1; Secure'],
  ['a="x; Domain=api.dev.jp; y"', 'a="x; y"'],
]
for (const [cookie, expected, host = 'www.dev.jp'] of dropped) {
  test(`${cookie} at ${host} belongs to that host alone`, () => {
    assert.equal(narrowCookie(cookie, host).value, expected)
  })
}

test('what was dropped is told by name and domain, without the value', () => {
  assert.deepEqual(narrowCookie(' sid =himitsu; Domain=.api.dev.jp', 'www.dev.jp').dropped, {
    cookie: 'sid',
    domain: '.api.dev.jp',
  })
})

const kept: [cookie: string, host?: string][] = [
  ['a=1'],
  ['a=1; Domain=.dev.jp'],
  ['a=1; Domain=dev.jp'],
  ['a=1; domain=WWW.dev.jp'],
  ['a=1; Domain=api.dev.jp; Domain=dev.jp'],
  ['a=1; Domain=localhost', 'localhost'],
  ['a=1; Domain=10.0.0.7', '10.0.0.7'],
  ['Domain=api.dev.jp; Path=/'],
  ['a=1; Domain'],
  ['a=1; Domain=; Path=/'],
  ['a=1; Domain=api.dev.jp/x'],
  ['a=1; Domain=https://api.dev.jp'],
  ['a=1; Domain="api.dev.jp"'],
  ['a=1; Domain=[::1]'],
  ['a=1; Domain=a..b'],
  ['a=1; X-Domain=api.dev.jp'],
  ['a=1;;; ;Secure;'],
  [';'],
  ['=1; Path=/'],
  [''],
  ['__Host-a=1; Secure; Path=/; Domain=api.dev.jp'],
]
for (const [cookie, host = 'www.dev.jp'] of kept) {
  test(`${JSON.stringify(cookie)} at ${host} stays byte for byte`, () => {
    assert.deepEqual(narrowCookie(cookie, host), { value: cookie })
  })
}
