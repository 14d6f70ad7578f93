import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusedWith } from '../../test/account-keys.ts'
import { readConfig } from '../settings/settings.ts'
import { createTableAtOrigin, wholeOf } from './at-origin.ts'

const origin = new URL('https://api.dev.jp')
const { routes } = readConfig(
  {},
  {
    name: 'gatehouse.config.ts',
    content: {
      routes: [
        { path: '/user/login', to: 'https://api.dev.jp', kind: 'login' },
        { path: '/api', to: 'https://api.dev.jp/v1' },
        { path: '/callback', to: 'https://api.dev.jp/user/login.callback', kind: 'api' },
      ],
    },
  },
)
const whole = wholeOf(origin, { timeout: 60_000, maxBody: 1_000_000 })
const find = createTableAtOrigin(routes, whole)

for (const target of [
  '/user/login',
  '/user/login/',
  '/user/login?next=/mypage/',
  '/user/login;x',
  '/user/login/;x',
  '//user//login/;x=1?y',
  '/User/Login',
  '/user/%6cogin',
  '/user/x%2f..%2flogin',
  '/user/login%3fx',
  '/user/login.json',
  '/user/login.callback;x1',
])
  test(`a page's own call to ${target} is the login itself`, () => {
    const { route, isOwnPath } = find(target)
    assert.deepEqual([route.kind, isOwnPath], ['login', true])
  })

for (const target of [
  '/user/login/logout',
  '/user/login/;x/logout',
  '/user/login;x/logout',
  '/user/login//logout',
])
  test(`a page's own call to ${target} is the login's route, and not the login itself`, () => {
    const { route, isOwnPath } = find(target)
    assert.deepEqual([route.kind, isOwnPath], ['login', false])
  })

test("a page's own call to a path of which the file says kind: 'api' is no login, though it has a login's with an extension", () => {
  const { route, isOwnPath } = find('/user/login.callback')
  assert.deepEqual([route.kind, isOwnPath], ['api', true])
})

test("a page's own call is found by the API's path, and what no route has belongs to the rest of the origin", () => {
  assert.deepEqual([find('/v1/orders').route.path, find('/v1').isOwnPath], ['/v1', true])
  assert.deepEqual([find('/user/loginX').route.kind, find('/orders').route.path], ['api', ''])
})

test("a page's own call is an exact login's with a slash or parameters behind it, and none of what is below", () => {
  const content = {
    routes: [
      { path: '= /user/login', to: 'https://api.dev.jp' },
      { path: '= /up', to: 'https://api.dev.jp' },
    ],
  }
  const { routes: exact } = readConfig({}, { name: 'gatehouse.config.ts', content })
  const findExact = createTableAtOrigin(exact, whole)
  const paths = ['/user/login', '/user/login/?a', '/user/login;a', '/user/login/x', '/up', '/up/']
  assert.deepEqual(
    paths.map(path => findExact(path).route.path),
    ['/user/login', '/user/login', '/user/login', '', '/up', ''],
  )
})

test("a page's own call with an odd path that takes long to read is refused, where a login could be in it", () => {
  const target = `/user/%6cogin;${'a'.repeat(8192)}`
  assert.throws(() => find(target), refusedWith('BAD_REQUEST'))
  assert.equal(createTableAtOrigin([], whole)(target).route.path, '')
})
