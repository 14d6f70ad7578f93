import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { startApi } from '../../test/api.ts'
import { ask, header, recorder, request } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

const say = (words: string) => recorder((req, res) => void req.resume().on('end', () => res.end(words)))

test('each route goes to its own API, by its own path', async t => {
  const [logins, api] = [say('logins'), say('api')]
  const other = await startApi(t, api.handler)
  const front = await stage(t, {
    handler: logins.handler,
    config: origin => ({
      routes: [
        { path: '/user/login', to: origin },
        { path: '/api/', to: `${other}/v1/`, except: ['/api/docs'] },
      ],
    }),
  })
  const bodies: string[] = []
  for (const line of ['POST /user/login', 'GET /api/x%2Fy//z?a[]=%E5', 'GET /api/docs', 'GET /'])
    bodies.push((await ask(front.port, request(line, [], line.startsWith('POST') ? 'abc' : undefined))).body)
  assert.deepEqual(bodies, ['logins', 'api', 'page', 'page'])
  assert.equal(api.seen.at(-1)?.line, 'GET /v1/x%2Fy//z?a[]=%E5 HTTP/1.1')
  assert.deepEqual([front.tallies.login.answered, front.tallies.api.answered], [{ 200: 1 }, { 200: 1 }])
  const lines = front.log.filter(each => each.msg === 'request')
  assert.deepEqual(
    lines.map(({ route, matched, backend, path }) => [route, matched, backend, path]).slice(0, 2),
    [
      ['login', '/user/login', front.alb.origin, '/user/login'],
      ['api', '/api', other, '/api/x%2Fy//z'],
    ],
  )
})

for (const path of ['//', '///', '//a:b', '/\\', '//[', '//x', '//?a']) {
  test(`an API that takes all paths gets ${path} as it came`, async t => {
    const api = say('api')
    const front = await stage(t, { handler: api.handler, config: to => ({ routes: [{ path: '/', to }] }) })
    assert.equal((await ask(front.port, request(`GET ${path}`))).status, 200)
    assert.equal(api.seen.at(-1)?.line, `GET ${path} HTTP/1.1`)
  })
}

test('another site may ask an API of a config file, and no login', async t => {
  const api = say('api')
  const front = await stage(t, {
    handler: api.handler,
    config: to => ({
      routes: [
        { path: '/user/login', to },
        { path: '/api', to },
      ],
    }),
  })
  const from = ['Origin: https://evil.example', 'Sec-Fetch-Site: cross-site']
  assert.equal((await ask(front.port, request('POST /api', from, 'abc'))).status, 200)
  assert.equal((await ask(front.port, request('POST /user/login', from, 'abc'))).status, 403)
})

test('without a config file another site may ask none of BACKEND_PATHS', async t => {
  const front = await stage(t, { env: { BACKEND_PATHS: '/user/login, /api' } })
  const from = ['Origin: https://evil.example', 'Sec-Fetch-Site: cross-site']
  assert.equal((await ask(front.port, request('POST /api', from, 'abc'))).status, 403)
})

const places: [sent: string, got: string][] = [
  ['Location: /v1/x?a=1#b', 'Location: /api/x?a=1#b'],
  ['Location: /v1', 'Location: /api'],
  ['Location: ORIGIN/v1/x', 'Location: /api/x'],
  ['Location: ORIGIN/v1', 'Location: /api'],
  ['Location: https://elsewhere.example/v1/x', 'Location: https://elsewhere.example/v1/x'],
  ['Location: //elsewhere.example/v1/x', 'Location: //elsewhere.example/v1/x'],
  ['Location: http://API.dev.jp./v1/x', 'Location: /api/x'],
  ['Location: /other', 'Location: /other'],
  ['Location: /auth/do', 'Location: /user/login'],
  ['Content-Location: /v1/x', 'Content-Location: /api/x'],
  ['Refresh: 5; url=/v1/x', 'Refresh: 5; url=/api/x'],
  ['Refresh: 0; url="/v1/x"', 'Refresh: 0; url="/api/x"'],
  ['Refresh: 0, ORIGIN/v1/x', 'Refresh: 0, /api/x'],
  ['Set-Cookie: a=1; Path=/v1 ;HttpOnly', 'Set-Cookie: a=1; Path=/api ;HttpOnly'],
  ['Set-Cookie: a=1; Path=/other ;HttpOnly', 'Set-Cookie: a=1; Path=/other ;HttpOnly'],
  ['Set-Cookie: a=1; Path=/v1; HttpOnly', 'Set-Cookie: a=1; Path=/api; HttpOnly'],
  ['Set-Cookie: a=1; path=/v1/x', 'Set-Cookie: a=1; path=/api/x'],
  ['Set-Cookie: a=1; Path=/', 'Set-Cookie: a=1; Path=/'],
  ['Set-Cookie: a=/v1; Path=/v1x', 'Set-Cookie: a=/v1; Path=/v1x'],
]
for (const [sent, got] of places) {
  test(`${sent} of an API at /v1 arrives as ${got}`, async t => {
    const [name = '', value = ''] = sent.split(/: (.*)/s)
    const front = await stage(t, {
      handler: (_req, res) => res.writeHead(302, { [name]: value.replace('ORIGIN', front.alb.origin) }).end(),
      config: to => ({
        routes: [
          { path: '/user/login', to: `${to}/auth/do` },
          { path: '/api', to: `${to}/v1` },
        ],
      }),
    })
    const answer = await ask(front.port, request('GET /api'))
    assert.equal(`${name}: ${header(answer, name.toLowerCase())}`, got)
  })
}

test('an API that takes all paths sends nobody to another host by a path of its own', async t => {
  const front = await stage(t, {
    handler: (_req, res) => res.writeHead(302, { Location: '/v1//elsewhere.example/x' }).end(),
    config: to => ({ routes: [{ path: '/', to: `${to}/v1`, except: ['/shop'] }] }),
  })
  const location = header(await ask(front.port, request('GET /a')), 'location')
  assert.equal(location, '/elsewhere.example/x')
})

test('the Host is the origin, the one that the client asked for, or a fixed one', async t => {
  const api = say('api')
  const front = await stage(t, {
    handler: api.handler,
    env: { PUBLIC_ORIGIN: 'https://www.dev.jp, https://shop.dev.jp:8443' },
    config: to => ({
      routes: [
        { path: '/user/login', to },
        { path: '/client', to, host: 'client' },
        { path: '/fixed', to, host: 'tenant.internal:81' },
      ],
    }),
  })
  const hosts: (string | undefined)[] = []
  for (const [path, host] of [
    ['/user/login', 'www.dev.jp'],
    ['/client', 'www.dev.jp'],
    ['/client', 'shop.dev.jp:8443'],
    ['/fixed', 'www.dev.jp'],
  ]) {
    const head = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
    assert.equal((await ask(front.port, head)).status, 200)
    hosts.push(header(api.seen.at(-1), 'host'))
  }
  assert.deepEqual(hosts, [
    new URL(front.alb.origin).host,
    'www.dev.jp',
    'shop.dev.jp:8443',
    'tenant.internal:81',
  ])
  for (const host of ['evil.example', 'api.dev.jp', 'www.dev.jp:81']) {
    const before = api.seen.length
    const head = `GET /client HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
    assert.equal((await ask(front.port, head)).status, 421)
    assert.equal(api.seen.length, before)
  }
})

test('timeout and maxBody of a route are its own', async t => {
  const front = await stage(t, {
    handler: (req, res) => {
      if (req.url === '/slow') return
      req.resume().on('end', () => res.end('done'))
    },
    config: to => ({
      routes: [
        { path: '/slow', to, timeout: '50ms' },
        { path: '/large', to, maxBody: '3mb' },
        { path: '/small', to },
      ],
    }),
  })
  assert.equal((await ask(front.port, request('GET /slow'))).status, 504)
  const body = 'x'.repeat(2 * 1024 * 1024)
  assert.equal((await fetch(`${front.url}/large`, { method: 'POST', body })).status, 200)
  assert.equal((await fetch(`${front.url}/small`, { method: 'POST', body })).status, 413)
})

async function twoBackends(t: TestContext) {
  const reports = say('reports')
  const other = await startApi(t, reports.handler)
  const front = await stage(t, {
    config: to => ({ routes: [{ path: '/user/login', to }], backends: { reports: other } }),
  })
  return { front, reports }
}

test('pages reach a backend by its name, with any path', async t => {
  const { front, reports } = await twoBackends(t)
  const { BACKEND_URL, BACKEND_URL_REPORTS } = front.urls
  assert.equal(BACKEND_URL, front.egressUrl)
  assert.equal(await (await fetch(`${BACKEND_URL_REPORTS}/a%2Fb//c?x`)).text(), 'reports')
  assert.equal(reports.seen.at(-1)?.line, 'GET /a%2Fb//c?x HTTP/1.1')
})

test('a page reaches an API whose certificate has another name, with any path', async t => {
  const api = say('api')
  const front = await stage(t, {
    handler: api.handler,
    // api.dev.jp. is another origin than api.dev.jp, which the certificate is for
    config: to => ({
      routes: [{ path: '/user/login', to: to.replace('.jp', '.jp.'), serverName: 'api.dev.jp' }],
      backends: { users: to.replace('.jp', '.jp.') },
    }),
  })
  for (const url of Object.values(front.urls))
    for (const path of ['/user/login', '/user/me'])
      assert.equal(await (await fetch(url + path)).text(), 'api')
  assert.equal(front.backends.length, 1)
})

test('a login through the egress listener counts for the visitor that the page passes on', async t => {
  const front = await stage(t, {
    handler: (req, res) => void req.resume().on('end', () => res.writeHead(401).end()),
    env: { LOGIN_LIMIT: '2/1m' },
  })
  const login = async (visitor?: string) => {
    const headers = visitor === undefined ? {} : { 'X-Forwarded-For': visitor }
    return (await fetch(`${front.egressUrl}/user/login`, { method: 'POST', body: 'a', headers })).status
  }
  const as = (visitor: string) => login(visitor)
  assert.deepEqual(
    [await as('203.0.113.7'), await as('203.0.113.7'), await as('203.0.113.7'), await as('203.0.113.8')],
    [401, 401, 429, 401],
  )
  const head = request('POST /user/login', ['X-Forwarded-For: 203.0.113.7'], 'a')
  assert.equal((await ask(front.port, head)).status, 429)
  for (let i = 0; i < 4; i++) assert.equal(await login(), 401)
})

test('a backend that cannot be reached fails alone', async t => {
  const front = await stage(t, {
    config: to => ({
      routes: [
        { path: '/user/login', to },
        { path: '/gone', to: 'http://127.0.0.1:1' },
      ],
    }),
    env: { CONNECT_TIMEOUT: '200ms' },
  })
  const gone = ask(front.port, request('GET /gone'))
  const login = await ask(front.port, request('POST /user/login', [], 'abc'))
  assert.equal(login.status, 200)
  assert.equal((await gone).status, 502)
})
