import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from '../settings/settings.ts'
import { publicPathsOf } from './public-path.ts'

const to = 'https://api.dev.jp'
const content = {
  routes: [
    { path: '/strip', to: `${to}/` },
    { path: '/user/login', to },
    { path: '/in', to: `${to}/v1/auth`, kind: 'login' },
  ],
}
const { routes } = readConfig({}, { name: 'gatehouse.config.ts', content })
const paths = routes[0] && publicPathsOf(routes[0], routes)

for (const [cookie, expected] of [
  ['a=1; Path=/x', 'a=1; Path=/strip/x'],
  ['a=1; Path=/', 'a=1; Path=/'],
  ['a=1; Path=/ ; Secure', 'a=1; Path=/ ; Secure'],
  ['a=1; PATH = /x;path=/y', 'a=1; PATH = /strip/x;path=/strip/y'],
  ['a=1; Path=', 'a=1; Path='],
  ['a=1; Path; Secure', 'a=1; Path; Secure'],
  ['a=1; Path="/x"', 'a=1; Path="/x"'],
  ['a=1; Path=/strip/x', 'a=1; Path=/strip/x'],
  ['Path=/x', 'Path=/x'],
] as const) {
  test(`the cookie ${cookie} of an API whose prefix is taken off becomes ${expected}`, () =>
    assert.equal(paths?.ofCookie(cookie), expected))
}

for (const [url, expected] of [
  ['/x?y#z', '/strip/x?y#z'],
  ['/user/login?next=/x', '/user/login?next=/x'],
  ['/user/loginX', '/strip/user/loginX'],
  ['/v1/auth/otp', '/in/otp'],
  ['/v1/x', '/strip/v1/x'],
] as const) {
  test(`the path ${url} of an API that the logins have paths at becomes ${expected}`, () =>
    assert.equal(paths?.ofUrl(url), expected))
}

test('an API whose paths are those of the site names its pages, and paths of the API where they are', () => {
  const own = routes[1] && publicPathsOf(routes[1], routes)
  for (const url of ['/', '/mypage?a=1', '/user/login/otp']) assert.equal(own?.ofUrl(url) ?? url, url)
  assert.equal(own?.ofCookie('a=1; Path=/mypage'), 'a=1; Path=/mypage')
  assert.equal(own?.ofUrl('/v1/auth/otp'), '/in/otp')
})
