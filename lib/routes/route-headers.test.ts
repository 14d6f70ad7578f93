import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, eventually, header, recorder, request } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

test('headers of a route take the place of those that came, and are nowhere to be read', async t => {
  const api = recorder((req, res) =>
    req.resume().on('end', () => res.writeHead(200, { Server: 'api', 'X-Kept': 'yes' }).end()),
  )
  const front = await stage(t, {
    handler: api.handler,
    config: to => ({
      routes: [
        {
          path: '/api',
          to,
          headers: { 'X-Secret': 'hidden-value', 'X-Tenant': 'a', Cookie: '' },
          responseHeaders: { 'Access-Control-Allow-Origin': 'https://app.dev.jp', Server: '' },
        },
      ],
    }),
  })
  const answer = await ask(
    front.port,
    request('GET /api', ['X-Secret: forged', 'x-tenant: b', 'Cookie: c=1']),
  )
  assert.deepEqual(
    ['x-secret', 'x-tenant', 'cookie'].map(name => header(api.seen.at(-1), name)),
    ['hidden-value', 'a', undefined],
  )
  assert.equal(header(answer, 'access-control-allow-origin'), 'https://app.dev.jp')
  assert.equal(header(answer, 'server'), undefined)
  assert.equal(header(answer, 'x-kept'), 'yes')
  await eventually(() => front.log.some(each => each.route === 'api'))
  const state = await (await fetch(`http://127.0.0.1:${front.adminPort}/state`)).text()
  assert.ok(!`${JSON.stringify(front.log)}${state}`.includes('hidden-value'))
})

test('the log, the error and the login limits go by what the client sent, whatever the route sets', async t => {
  const basic = (name: string) => `Basic ${Buffer.from(`${name}:hidden-value`).toString('base64')}`
  const api = recorder((req, res) => void req.resume().on('end', () => res.writeHead(401).end()))
  const headers = {
    'User-Agent': 'hidden-value',
    'X-Amzn-Trace-Id': 'hidden-value',
    Accept: 'application/json',
    Authorization: basic('front'),
  }
  const front = await stage(t, {
    handler: api.handler,
    env: { LOGIN_LIMIT_ACCOUNT: '1/1m' },
    config: to => ({ routes: [{ path: '/user/login', to, headers }] }),
  })
  const login = (name: string) => {
    const own = ['User-Agent: curl', 'Accept: text/html', `Authorization: ${basic(name)}`]
    return ask(front.port, request('POST /user/login', own, 'a=1'))
  }
  assert.deepEqual([(await login('taro')).status, (await login('hanako')).status], [401, 401])
  assert.match((await login('taro')).body, /<html/)
  assert.equal(header(api.seen.at(-1), 'authorization'), basic('front'))
  assert.equal(header(api.seen.at(-1), 'user-agent'), 'hidden-value')
  const lines = () => front.log.filter(each => each.route === 'login')
  await eventually(() => lines().length === 3)
  assert.deepEqual(
    lines().map(each => each.agent),
    ['curl', 'curl', 'curl'],
  )
  assert.ok(!JSON.stringify(front.log).includes('hidden-value'))
})

test('a response header that is a list stands beside that of the API; any other takes its place', async t => {
  const api = recorder((req, res) =>
    req.resume().on('end', () => {
      res.writeHead(200, [
        ...['Set-Cookie', 'session=1', 'Vary', 'Accept-Encoding', 'Link', '</a>; rel=next'],
        ...['X-Frame-Options', 'DENY', 'WWW-Authenticate', 'Basic'],
      ])
      res.end()
    }),
  )
  const front = await stage(t, {
    handler: api.handler,
    config: to => ({
      routes: [
        {
          path: '/user/login',
          to,
          responseHeaders: {
            'Set-Cookie': 'region=jp',
            Vary: 'Origin',
            Link: '',
            'X-Frame-Options': 'SAMEORIGIN',
          },
        },
      ],
    }),
  })
  const { headers } = await ask(front.port, request('GET /user/login'))
  const all = (name: string) =>
    headers.filter(([each]) => each.toLowerCase() === name).map(([, value]) => value)
  assert.deepEqual(all('set-cookie'), ['session=1', 'region=jp'])
  assert.deepEqual(all('vary'), ['Accept-Encoding', 'Origin'])
  assert.deepEqual(all('link'), [])
  assert.deepEqual(all('x-frame-options'), ['SAMEORIGIN'])
  assert.deepEqual(all('www-authenticate'), ['Basic'])
})

test("the front's own errors have a route's response headers, but for those of an answer's body and cookies", async t => {
  const front = await stage(t, {
    config: to => ({
      routes: [
        {
          path: '/api',
          to,
          maxBody: '1kb',
          responseHeaders: {
            'Access-Control-Allow-Origin': 'https://app.dev.jp',
            Vary: 'X-Tenant',
            'Cache-Control': 'public, max-age=60',
            'Content-Type': 'text/plain',
            'Set-Cookie': 'region=jp',
            Server: '',
          },
        },
      ],
    }),
  })
  for (const [line, status] of [
    ['POST /api/x', 413],
    ['POST /elsewhere%2f..%2fapi', 400],
  ] as const) {
    const answer = await ask(front.port, request(line, [], 'x'.repeat(2000)))
    assert.equal(answer.status, status)
    const own = status === 413
    assert.equal(header(answer, 'access-control-allow-origin'), own ? 'https://app.dev.jp' : undefined)
    assert.equal(header(answer, 'vary'), `Accept, Accept-Language, Origin${own ? ', X-Tenant' : ''}`)
    assert.equal(header(answer, 'cache-control'), 'no-store')
    assert.equal(header(answer, 'content-type'), 'application/json; charset=utf-8')
    assert.equal(header(answer, 'set-cookie'), undefined)
  }
})

test('what an API says to an Nginx before it stays behind', async t => {
  const api = recorder((req, res) =>
    req.resume().on('end', () => {
      res.writeHead(200, {
        'X-Accel-Redirect': '/protected/a',
        'X-Accel-Buffering': 'no',
        'X-Accelerated': 'yes',
      })
      res.end()
    }),
  )
  const front = await stage(t, { handler: api.handler })
  const answer = await ask(front.port, request('GET /user/login'))
  assert.equal(header(answer, 'x-accel-redirect'), undefined)
  assert.equal(header(answer, 'x-accel-buffering'), undefined)
  assert.equal(header(answer, 'x-accelerated'), 'yes')
})
