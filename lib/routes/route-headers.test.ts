import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, eventually, header, recorder, request } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

/** A header of the newest request. */
const sent = ({ seen }: ReturnType<typeof recorder>, name: string) =>
  seen.at(-1)?.headers.find(([each]) => each.toLowerCase() === name)?.[1]

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
    ['x-secret', 'x-tenant', 'cookie'].map(name => sent(api, name)),
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
  assert.equal(sent(api, 'authorization'), basic('front'))
  assert.equal(sent(api, 'user-agent'), 'hidden-value')
  const lines = () => front.log.filter(each => each.route === 'login')
  await eventually(() => lines().length === 3)
  assert.deepEqual(
    lines().map(each => each.agent),
    ['curl', 'curl', 'curl'],
  )
  assert.ok(!JSON.stringify(front.log).includes('hidden-value'))
})
