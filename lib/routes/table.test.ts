import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outcome, tableOf } from '../../test/table.ts'

const api = 'https://api.dev.jp'
const find = tableOf({
  routes: [
    { path: '/user/login', to: api },
    { path: '/api/', to: `${api}/v1/` },
    { path: '/api/files', to: 'http://files:9000' },
    { path: '/raw', to: api, except: ['/raw/help', '/raw/help/more'] },
    { path: '/', to: 'http://old:8080', except: ['/shop'] },
  ],
})

for (const [target, expected] of [
  ['/user/login?a=1', '/user/login /user/login?a=1'],
  ['/user/login;jsessionid=1', '/user/login /user/login;jsessionid=1'],
  ['/user/loginX', '/ /user/loginX'],
  ['/api', '/api /v1'],
  ['/api/', '/api /v1/'],
  ['/api/x?y', '/api /v1/x?y'],
  ['/api?', '/api /v1?'],
  ['/api/x?', '/api /v1/x?'],
  ['/api/x?a[]=1&b=%E5&c=%2F..%2F', '/api /v1/x?a[]=1&b=%E5&c=%2F..%2F'],
  ['/api;v=1/x', '/api /v1;v=1/x'],
  ['/api//x', '/api /v1//x'],
  ['//api//x', '/api /v1//x'],
  ['/api/a%2Fb', '/api /v1/a%2Fb'],
  ['/api/%95%5C', '/api /v1/%95%5C'],
  ['/api/%E8%A1%A8', '/api /v1/%E8%A1%A8'],
  ['/api/a%252fb', '/api /v1/a%252fb'],
  ['/api/a/../b', '/api /v1/a/../b'],
  ['/api/./b', '/api /v1/./b'],
  ['/api/files', '/api/files /api/files'],
  ['/api/files/1?x', '/api/files /api/files/1?x'],
  ['/api/filesX', '/api /v1/filesX'],
  ['/raw//a//b', '/raw /raw//a//b'],
  ['/raw/help', 'pages'],
  ['/raw/help/x', 'pages'],
  ['/raw/helpX', '/raw /raw/helpX'],
  ['/shop/cart', 'pages'],
  ['/_next/static/x.js', 'pages'],
  ['/', '/ /'],
  ['/anything', '/ /anything'],
] as const) {
  test(`${target} becomes ${expected}`, () => assert.equal(outcome(find, target), expected))
}

for (const target of [
  '/api/../user/login',
  '/api/%2e%2e/user/login',
  '/api/..%2fuser/login',
  '/api/x%2F..%2F..%2Fuser%2Flogin',
  '/api/x%2F../../user/login',
  '/api/..%5cuser%5clogin',
  '/api/..;/user/login',
  '/api/x/..;a=1/../user/login',
  '/api//../../user/login',
  '/api/../other',
  '/api/..',
  '/api/x/../../api2',
  '/api;x/files',
  '/api/%66iles',
  '/api%2Ffiles',
  '/raw/%68elp',
  '/raw/x/../help',
  '/api/x%00',
  '/user/login/../x',
  '/user/login/%2fx',
  '/user%2Flogin',
  '/%75ser/login',
  '/User/Login',
  '/user;a=1/login',
  '/user/login/%0a',
  '/user/login/%3b',
  '/user/login/%3bx/',
  '/user/login/%u002e',
  '/user/login%20',
  '/user/login/%23x',
  '/user/%256cogin',
  '/user/login%250a',
  '/api/%252e%252e/user/login',
  '/raw/x%0A',
  '/raw/%u0068elp',
  '/raw;a%2fb/x%2f..%2f..%2fuser%2flogin',
]) {
  test(`${target} is refused`, () => assert.equal(outcome(find, target), 'BAD_REQUEST'))
}

for (const [words, rest, expected] of [
  ['a long path', 'a'.repeat(20_000), '/raw'],
  ['a path of 8 KB with escapes', '%20'.repeat(2700), '/raw'],
  ['a longer path with escapes', '%20'.repeat(3000), 'BAD_REQUEST'],
] as const) {
  test(`${words} becomes ${expected}`, () =>
    assert.equal(outcome(find, `/raw/${rest}`).split(' ')[0], expected))
}

const around = tableOf({
  routes: [
    { path: '/user/login', to: api },
    { path: '/api/', to: `${api}/` },
    { path: '/v2', to: 'https://other.dev.jp/' },
  ],
})
for (const [target, expected] of [
  ['/api/user/login', 'BAD_REQUEST'],
  ['/api/USER/Login/x', 'BAD_REQUEST'],
  ['/api/user/%6cogin', 'BAD_REQUEST'],
  ['/api/user%2Flogin', 'BAD_REQUEST'],
  ['/api//user//login', 'BAD_REQUEST'],
  ['/api/user/./login', 'BAD_REQUEST'],
  ['/api/user/login%3fx', 'BAD_REQUEST'],
  ['/api/user/%256cogin', 'BAD_REQUEST'],
  ['/api/go/http%253A%252F%252Fa.jp%25', '/api /go/http%253A%252F%252Fa.jp%25'],
  ['/api/files/a%20b%3fc', '/api /files/a%20b%3fc'],
  ['/api/user/loginX', '/api /user/loginX'],
  ['/api/user', '/api /user'],
  ['/v2/user/login', '/v2 /user/login'],
] as const) {
  test(`with /api at the root of the login's origin, ${target} becomes ${expected}`, () =>
    assert.equal(outcome(around, target), expected))
}

const besidePages = tableOf({
  routes: [
    { path: '/user/login', to: api },
    { path: '= /health', to: api },
    { path: '/api', to: api, except: ['/api/docs'] },
  ],
})
for (const [target, expected] of [
  ['/%61pi/x', 'BAD_REQUEST'],
  ['/user/%6cogin', 'BAD_REQUEST'],
  ['/user%2flogin', 'BAD_REQUEST'],
  ['/x/../user/login', 'BAD_REQUEST'],
  ['/user;a/login', 'BAD_REQUEST'],
  ['/user\\login', 'BAD_REQUEST'],
  ['/%68ealth', 'BAD_REQUEST'],
  ['/health;a', 'BAD_REQUEST'],
  ['/api/docs/..%2fx', 'BAD_REQUEST'],
  ['/api/docs/%E3%81%82', 'pages'],
  ['/_next/image?url=%2Fuser%2Flogin', 'pages'],
  ['/_next/static/chunks/app/%5Bslug%5D/page.js', 'pages'],
  ['/blog/%E3%81%82', 'pages'],
  ['/blog/a%2Fb;c/../d', 'pages'],
  ['/user/loginX%20', 'pages'],
  [`/blog/${'%E3%81%82'.repeat(1000)}`, 'pages'],
] as const) {
  test(`beside pages, ${target.slice(0, 60)} becomes ${expected}`, () =>
    assert.equal(outcome(besidePages, target), expected))
}

const logins = tableOf(
  {
    routes: [
      { path: '/auth', to: api, kind: 'login' },
      { path: '/auth/token', to: api, kind: 'login' },
      { path: '/AUTH/SSO', to: api, kind: 'login' },
      { path: '/auth/sso', to: api, kind: 'login' },
      { path: '/signin', to: `${api}/auth`, kind: 'login' },
      { path: '/Signin', to: `${api}/x` },
      { path: '/other', to: `${api}./` },
    ],
  },
  { LOGIN_PATHS: '/auth' },
)
for (const [target, expected] of [
  ['/auth', '/auth /auth'],
  ['/auth/logout', '/auth /auth/logout'],
  ['/auth/token', '/auth/token /auth/token'],
  ['/auth/Token', 'BAD_REQUEST'],
  ['/AUTH/SSO', '/AUTH/SSO /AUTH/SSO'],
  ['/auth/sso', '/auth/sso /auth/sso'],
  ['/auth/Sso', 'BAD_REQUEST'],
  ['/signin', '/signin /auth'],
  ['/signin/x', '/signin /auth/x'],
  ['/signin/token', 'BAD_REQUEST'],
  ['/Signin', 'BAD_REQUEST'],
  ['/other/x', '/other /x'],
  ['/other/auth', 'BAD_REQUEST'],
] as const) {
  test(`with several logins, ${target} becomes ${expected}`, () =>
    assert.equal(outcome(logins, target), expected))
}

const below = tableOf({ routes: [{ path: '/api', to: `${api}/v1` }] }, { LOGIN_PATHS: '/api/login' })
for (const [target, expected] of [
  ['/api/login', '/api/login /v1/login'],
  ['/api/logout', '/api /v1/logout'],
  ['/api/%6cogin', 'BAD_REQUEST'],
  ['/api/x%2f..%2flogin', 'BAD_REQUEST'],
  ['/api/Login', 'BAD_REQUEST'],
  ['/api/login%2fx', 'BAD_REQUEST'],
] as const) {
  test(`with a login below an API, ${target} becomes ${expected}`, () =>
    assert.equal(outcome(below, target), expected))
}
