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

for (const [path, target] of [
  ['/user/login', to],
  ['/sso', `${to}/oauth`],
  ['= /out', `${to}/logout`],
] as const) {
  test(`beside a route for all paths of the API, what an answer at ${path} → ${target} names is a page`, () => {
    const file = {
      routes: [
        { path: '/strip', to: `${to}/` },
        { path, to: target },
      ],
    }
    const all = readConfig({ LOGIN_PATHS: '' }, { name: 'gatehouse.config.ts', content: file }).routes
    const own = all.find(each => each.base !== '')
    const paths = own && publicPathsOf(own, all)
    for (const url of ['/', '/mypage?a=1', '/strip/x']) assert.equal(paths?.ofUrl(url) ?? url, url)
    assert.equal(paths?.ofCookie('a=1; Path=/mypage') ?? 'a=1; Path=/mypage', 'a=1; Path=/mypage')
  })
}

test('a part of such a route names paths as the route does', () => {
  const file = {
    routes: [
      { path: '/strip', to: `${to}/` },
      { path: '/strip/up', to: `${to}/up`, maxBody: '9mb' },
    ],
  }
  const all = readConfig({}, { name: 'gatehouse.config.ts', content: file }).routes
  const own = all.find(each => each.base === '/up')
  assert.equal(own && publicPathsOf(own, all)?.ofUrl('/items/7'), '/strip/items/7')
})
