import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, eventually, header, request } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import { outcome, tableOf } from '../../test/table.ts'

const api = 'https://api.dev.jp'
const exact = tableOf({
  routes: [
    { path: '= /api/health', to: `${api}/up` },
    { path: '= /api/v1/', to: 'http://v1:80' },
    { path: '= /', to: 'http://home:80' },
    { path: '/api', to: `${api}/v2`, except: ['= /api', '= /api/docs'] },
    { path: '= /user/login', to: `${api}/in` },
    { path: '/user', to: api },
    { path: '/raw', to: `${api}/` },
  ],
})
for (const [target, expected] of [
  ['/api/health?a=/', '= /api/health /up?a=/'],
  ['//api//health', '= /api/health /up'],
  ['/api/health/', '/api /v2/health/'],
  ['/api/health/x', '/api /v2/health/x'],
  ['/api/healthX', '/api /v2/healthX'],
  ['/api/v1/', '= /api/v1/ /api/v1/'],
  ['/api/v1', '/api /v2/v1'],
  ['/api/v1/x', '/api /v2/v1/x'],
  ['/', '= / /'],
  ['/?a', '= / /?a'],
  ['/x', 'pages'],
  ['/;x', 'BAD_REQUEST'],
  ['/api', 'pages'],
  ['/api/', '/api /v2/'],
  ['/api/docs', 'pages'],
  ['/api/docs/', '/api /v2/docs/'],
  ['/user/login', '= /user/login /in'],
  ['/user/login/x', '/user /user/login/x'],
  ['/user/loginX', '/user /user/loginX'],
  // every reading is of one route, or it is refused
  ['/api/health;x', 'BAD_REQUEST'],
  ['/api/%68ealth', 'BAD_REQUEST'],
  ['/api/x/../health', 'BAD_REQUEST'],
  ['/api/x%2F..%2Fhealth', 'BAD_REQUEST'],
  ['/api/%64ocs', 'BAD_REQUEST'],
  ['/api/x/../docs', 'BAD_REQUEST'],
  // servers take these for the login, too
  ['/user/login/', 'BAD_REQUEST'],
  ['/user/login;a=1', 'BAD_REQUEST'],
  ['/user/login/;a', 'BAD_REQUEST'],
  ['/user/Login', 'BAD_REQUEST'],
  ['/user/LOGIN/', 'BAD_REQUEST'],
  ['/user/%6cogin', 'BAD_REQUEST'],
  ['/user/x/../login', 'BAD_REQUEST'],
  ['/raw/in', 'BAD_REQUEST'],
  ['/raw/in/', 'BAD_REQUEST'],
  ['/raw/In;a', 'BAD_REQUEST'],
  ['/raw/in/x', '/raw /in/x'],
  ['/user/login/%3b', 'BAD_REQUEST'],
  ['/user/login%0a', 'BAD_REQUEST'],
  ['/user/%u006cogin', 'BAD_REQUEST'],
  ['/raw/%u0069n', 'BAD_REQUEST'],
] as const) {
  test(`with exact paths, ${target} becomes ${expected}`, () =>
    assert.equal(outcome(exact, target), expected))
}

const exactLogins = tableOf({
  routes: [
    { path: '/auth', to: api, kind: 'login' },
    { path: '= /auth/token', to: api, kind: 'login' },
    { path: '/auth/sso', to: api, kind: 'login' },
    { path: '= /auth/sso/', to: api, kind: 'login' },
    { path: '= /signin', to: `${api}/auth/sso`, kind: 'login' },
  ],
})
for (const [target, expected] of [
  ['/auth/token', '= /auth/token /auth/token'],
  ['/auth/token/x', '/auth /auth/token/x'],
  ['/auth/Token', 'BAD_REQUEST'],
  ['/auth/token/', 'BAD_REQUEST'],
  ['/auth/token/%3b', 'BAD_REQUEST'],
  ['/auth/sso', '/auth/sso /auth/sso'],
  ['/auth/sso/', '= /auth/sso/ /auth/sso/'],
  ['/signin', '= /signin /auth/sso'],
] as const) {
  test(`with exact logins, ${target} becomes ${expected}`, () =>
    assert.equal(outcome(exactLogins, target), expected))
}

test('an exact path goes to its own API, is named so in the log, and is translated back', async t => {
  const front = await stage(t, {
    handler: (req, res) =>
      res.writeHead(302, { Location: `${req.url}`, 'Set-Cookie': 'a=1; Path=/in' }).end(),
    config: to => ({
      routes: [
        { path: '= /user/login', to: `${to}/in` },
        { path: '/user', to: `${to}/v1`, except: ['= /user/help'] },
      ],
    }),
  })
  const login = await ask(front.port, request('GET /user/login?a'))
  assert.deepEqual(
    [header(login, 'location'), header(login, 'set-cookie')],
    ['/user/login?a', 'a=1; Path=/user/login'],
  )
  assert.equal(header(await ask(front.port, request('GET /user/login/x')), 'location'), '/user/login/x')
  assert.equal((await ask(front.port, request('GET /user/help'))).body, 'page')
  assert.equal((await ask(front.port, request('POST /user/login/', [], 'a'))).status, 400)
  const requests = () => front.log.filter(each => each.msg === 'request')
  await eventually(() => requests().length === 4)
  assert.partialDeepStrictEqual(requests().slice(0, 2), [
    { route: 'login', matched: '= /user/login' },
    { route: 'api', matched: '/user' },
  ])
})
