import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, eventually, file, recorder, request } from '../../test/raw.ts'
import { isRefused } from '../../test/refused.ts'
import { read } from '../../test/settings.ts'
import { stage } from '../../test/stage.ts'
import { readConfig } from '../settings/settings.ts'
import { createTable } from './table.ts'

const backend = recorder()
const { port } = await stage(file, { handler: backend.handler })
const lastLine = () => backend.seen.at(-1)?.line

for (const path of [
  '/user/login',
  '/user/login/',
  '/user/login/reset/7',
  '/user/login/a..b',
  '/user/login/.x',
  '/user/login;a=1',
  '/user/login;jsessionid=1/x',
]) {
  test(`${path} goes to the backend`, async () => {
    const { status } = await ask(port, request(`GET ${path}`))
    assert.equal(status, 200)
    assert.equal(lastLine(), `GET ${path} HTTP/1.1`)
  })
}

const elsewhere = [
  '/',
  '/user',
  '/user/',
  '/user/login.php',
  '/user/loginX;a=1',
  '/User/Login',
  '/x/user/login',
  '/user/logi',
]
for (const path of elsewhere) {
  test(`${path} goes to the pages`, async () => {
    const before = backend.seen.length
    const { body } = await ask(port, request(`GET ${path}`))
    assert.equal(body, 'page')
    assert.equal(backend.seen.length, before)
  })
}

const queries = [
  `?name='taro'`,
  '?name=%E5%A4%AA%E9%83%8E',
  '?a=1&a=2',
  '?',
  '??',
  '?x=%2F..%2F',
  '?x=/../..//%2e%2e/%00',
  '?next=\\\\evil.example',
  '?a+b=%20&&=;{"x":[1]}|^`<>~%',
  '?next=https://front.example/user/login?a=1',
]
for (const query of queries) {
  test(`the query ${query} arrives byte for byte`, async () => {
    await ask(port, request(`GET /user/login${query}`))
    assert.equal(lastLine(), `GET /user/login${query} HTTP/1.1`)
  })
}

for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'QUERY']) {
  test(`${method} arrives as ${method}`, async () => {
    const { status } = await ask(port, request(`${method} /user/login`))
    assert.equal(status, 200)
    assert.equal(lastLine(), `${method} /user/login HTTP/1.1`)
  })
}

test('HEAD arrives as HEAD, and its answer has no body', async () => {
  const { status } = await ask(port, request('HEAD /user/login'), true)
  assert.equal(status, 200)
  assert.equal(lastLine(), 'HEAD /user/login HTTP/1.1')
})

test('each of two paths goes to the backend', async t => {
  const other = recorder()
  const env = { BACKEND_PATHS: '/user/login, /api' }
  const both = await stage(t, { handler: other.handler, env })
  for (const path of ['/user/login', '/api', '/api/v1', '/apis', '/user']) {
    await ask(both.port, request(`GET ${path}`))
  }
  assert.deepEqual(
    other.seen.map(each => each.line),
    ['GET /user/login HTTP/1.1', 'GET /api HTTP/1.1', 'GET /api/v1 HTTP/1.1'],
  )
})

// what test/abuse/rows.ts has is not here
const ambiguous = [
  '/user/login%2fx',
  '/user/%6cogin',
  '/user/login/..',
  '/user/login/./x',
  '/user/login/.%2E/admin',
  '/user/login/%2E',
  '/user/login/x/..;a=1/admin',
  '/user/login/%2fadmin',
  '/user/login/%5cadmin',
  '/user/login/..%5C..%5Cadmin',
  '/user/login\0',
]
for (const path of ambiguous) {
  test(`${JSON.stringify(path)} is refused, and the backend sees nothing`, () =>
    isRefused(port, backend, request(`GET ${path}`)))
}

for (const [path, sent] of [
  ['//user/login', '/user/login'],
  ['/user//login', '/user/login'],
  ['/user/login//', '/user/login/'],
  ['/user/login///admin?a=//', '/user/login/admin?a=//'],
] as const) {
  test(`${path} goes to the backend as ${sent}`, async () => {
    await ask(port, request(`GET ${path}`))
    assert.equal(lastLine(), `GET ${sent} HTTP/1.1`)
  })
}

const find = createTable(read({ BACKEND_PATHS: '/user/login, /auth' }).routes)
for (const [target, is] of [
  ['/user/login', true],
  ['/user/login?next=/user/login/logout', true],
  ['/user/login/', true],
  ['/user/login//', true],
  ['/user/login;jsessionid=1', true],
  ['/auth/?a', true],
  ['/user/login/logout', false],
  ['/user/login;a/logout', false],
] as const) {
  test(`${target} is ${is ? 'a route itself' : 'below a route'}`, () => {
    assert.equal(find(target)?.isOwnPath, is)
  })
}

const rails = createTable(
  read({ BACKEND_PATHS: '/users,/user/login', LOGIN_PATHS: '/users/sign_in,/user/login' }).routes,
)
for (const [path, kind, isOwnPath] of [
  ['/users/sign_in.json', 'login', true],
  ['/users/sign_in.x1/?a', 'login', true],
  ['/users//sign_in%2ejson', 'login', true],
  ['/users/Sign_In.JSON', 'login', true],
  ['/users/sign_in.json/x', 'api', false],
  ['/users/sign_ins.json', 'api', false],
  ['/users/sign_in/x.json', 'login', false],
] as const)
  test(`${path}, which Rails may take for a login, is ${kind}${isOwnPath ? ' itself' : ''}`, () => {
    const found = rails(path)
    assert.deepEqual([found?.route.kind, found?.isOwnPath, found?.target], [kind, isOwnPath, path])
  })

const callback = createTable(
  readConfig(
    {},
    {
      name: 'gatehouse.config.ts',
      content: {
        routes: [
          { path: '/auth/login', to: 'https://api.dev.jp', kind: 'login' },
          { path: '/auth/login.callback', to: 'https://api.dev.jp', kind: 'api' },
          { path: '/auth/login.saml', to: 'https://api.dev.jp' },
          { path: '/ws', to: 'https://api.dev.jp/auth/login.ws', kind: 'api' },
          { path: '/auth', to: 'https://api.dev.jp', kind: 'api' },
        ],
      },
    },
  ).routes,
)
for (const [path, kind] of [
  ['/auth/login.callback', 'api'],
  ['/auth/login.callback/?a', 'api'],
  ['/ws', 'api'],
  // what the file does not say of the very path: a server may have no more than the login there
  ['/auth/login.Callback', 'login'],
  ['/auth/login.callback;x1', 'login'],
  ['/auth/login.callback.json', 'login'],
  ['/auth//login.callback', 'login'],
  ['/auth/login.ws', 'login'],
  ['/auth/login.saml', 'login'],
  ['/auth/login.json', 'login'],
] as const)
  test(`${path} is ${kind} where the file says kind: 'api' of other paths and of some like it`, () => {
    const found = callback(path)
    assert.deepEqual([found?.route.kind, found?.route.upgrade], [kind, kind === 'api'])
  })

test("a style sheet and a WebSocket beside a login are the API's, and no login in any figure; whatever may be a login is one", async t => {
  const env = {
    BACKEND_PATHS: '/users',
    LOGIN_PATHS: '/users/sign_in',
    LOGIN_LIMIT: '9/1m',
    LOG_REQUESTS: 'all',
  }
  const { port, history, log } = await stage(t, { handler: recorder().handler, env })
  const handshake = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
  for (const [line, more = []] of [
    ['GET /users/sign_in.css'],
    ['OPTIONS /users/sign_in.json'],
    ['GET /users/sign_in.ws', [...handshake, key]],
    ['PUT /users/sign_in.json', ['Content-Length: 0']],
    ['GET /users/sign_in.json?email=taro&password=p'],
    ['GET /users/sign_in.json', ['Authorization: Basic dGFybzpw']],
  ] as const)
    await ask(port, request(line, [...more]))
  const routes = () => log.flatMap(({ msg, route }) => (msg === 'request' ? [route] : []))
  await eventually(() => routes().length === 6)
  assert.deepEqual(routes(), ['api', 'api', 'upgrade', 'login', 'login', 'login'])
  // and counted by the limit
  assert.equal(history.recent.total('login').all, 3)
})

test('guesses at a login by one extension after the other are counted together, and its style sheet gets through', async t => {
  const env = { BACKEND_PATHS: '/users', LOGIN_PATHS: '/users/sign_in', LOGIN_LIMIT_ACCOUNT: '2/1m' }
  const { url } = await stage(t, {
    handler: (req, res) => void req.resume().on('end', () => res.writeHead(401).end()),
    env,
  })
  const statuses: number[] = []
  for (const way of ['', '.json', '.x1', '.x2']) {
    const body = new URLSearchParams({ email: 'taro', password: 'p' })
    statuses.push((await fetch(`${url}/users/sign_in${way}`, { method: 'POST', body })).status)
  }
  statuses.push((await fetch(`${url}/users/sign_in.css`)).status)
  assert.deepEqual(statuses, [401, 401, 429, 429, 401])
})
