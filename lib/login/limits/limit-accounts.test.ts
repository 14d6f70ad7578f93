import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limitedFront, logIn, logInTimes } from '../../../test/guesses.ts'
import { ask, request, wire } from '../../../test/raw.ts'
import { type Stage, stage } from '../../../test/stage.ts'
import { BODIES_FULL } from '../../http/errors.ts'

const from = (address: string) => ({ 'x-forwarded-for': address })

test('an account is limited from whatever addresses it is tried, another one is not', async t => {
  const front = await limitedFront(t, { LOGIN_LIMIT_ACCOUNT: '2/1m' })
  assert.equal((await logIn(front, 'taro', 401, from('203.0.113.1'))).status, 401)
  assert.equal((await logIn(front, ' TARO', 401, from('203.0.113.2'))).status, 401)
  assert.equal((await logIn(front, 'ｔａｒｏ', 200, from('203.0.113.3'))).status, 429)
  assert.equal((await logIn(front, 'jiro', 200, from('203.0.113.1'))).status, 200)
  assert.deepEqual(front.limit?.refused, { address: 0, account: 1 })
})

test('where BODY_MEMORY is full, a login with a large body gets 503, for its name cannot be read, and the history has why', async t => {
  const front = await limitedFront(t, { LOGIN_LIMIT_ACCOUNT: '2/1m' })
  front.bounds.bodies.now = front.bounds.bodies.most
  const { status, body } = await logIn(front, 'taro'.repeat(2000), 200)
  assert.deepEqual([status, JSON.parse(body).error.code], [503, 'BACKEND_FULL'])
  assert.equal(front.history.lastFailure, BODIES_FULL)
  front.bounds.bodies.now = 0
})

test('a successful login resets no count', async t => {
  const front = await limitedFront(t, { LOGIN_LIMIT: '2/1m', LOGIN_LIMIT_ACCOUNT: '2/1m' })
  await logIn(front, 'taro', 401)
  await logIn(front, 'taro', 200)
  await logIn(front, 'taro', 401)
  assert.equal((await logIn(front, 'taro', 200, from('203.0.113.1'))).status, 429)
  assert.equal((await logIn(front, 'jiro', 200)).status, 429)
})

test('what the limit of an account refuses does not count for the address', async t => {
  const front = await limitedFront(t, { LOGIN_LIMIT: '3/1m', LOGIN_LIMIT_ACCOUNT: '1/1m' })
  assert.deepEqual(await logInTimes(5, front, 'taro', 401), [401, 429, 429, 429, 429])
  assert.equal((await logIn(front, 'jiro', 200)).status, 200)
})

test('a trusted proxy says which clients they are', async t => {
  const front = await limitedFront(t, { LOGIN_LIMIT: '1/1m' })
  assert.equal((await logIn(front, 'taro', 401, from('203.0.113.1'))).status, 401)
  assert.equal((await logIn(front, 'taro', 401, from('203.0.113.2'))).status, 401)
  assert.equal((await logIn(front, 'taro', 401, from('203.0.113.1'))).status, 429)
  // what the client itself wrote stands before what the proxy added
  assert.equal((await logIn(front, 'taro', 401, from('198.51.100.9, 203.0.113.1'))).status, 429)
})

test('a client that no proxy vouches for cannot choose its address', async t => {
  const front = await limitedFront(t, { LOGIN_LIMIT: '2/1m', TRUSTED_PROXIES: '192.0.2.1' })
  const spoofed = (address: string) => logIn(front, 'taro', 401, { ...from(address), 'x-real-ip': address })
  assert.equal((await spoofed('203.0.113.1')).status, 401)
  assert.equal((await spoofed('203.0.113.2')).status, 401)
  assert.equal((await spoofed('203.0.113.3')).status, 429)
})

test('addresses of one IPv6 /64 are one client', async t => {
  const front = await limitedFront(t, { LOGIN_LIMIT: '2/1m' })
  assert.equal((await logIn(front, 'taro', 401, from('2001:db8:1:2::1'))).status, 401)
  assert.equal((await logIn(front, 'taro', 401, from('2001:db8:1:2:ffff::2'))).status, 401)
  assert.equal((await logIn(front, 'taro', 401, from('2001:db8:1:2::3'))).status, 429)
  assert.equal((await logIn(front, 'taro', 401, from('2001:db8:1:3::1'))).status, 401)
})

test('a GET neither counts nor is refused', async t => {
  const front = await limitedFront(t, { LOGIN_LIMIT: '1/1m', LOGIN_LIMIT_ACCOUNT: '1/1m' })
  await logIn(front, 'taro', 401)
  for (let i = 0; i < 3; i++) {
    const { status } = await ask(front.port, request('GET /user/login?name=taro'))
    assert.equal(status, 200)
  }
})

test('expired sessions of an API beside the login, and of what is below it, count for no login', async t => {
  const limits = { LOGIN_LIMIT: '1/1m', LOGIN_LIMIT_ACCOUNT: '1/1m' }
  const front = await limitedFront(t, { ...limits, BACKEND_PATHS: '/user/login,/api' })
  const body = JSON.stringify({ name: 'taro', password: '401' })
  for (const path of ['/api/orders', '/api', '/user/login/refresh'])
    assert.equal((await ask(front.port, request(`POST ${path}`, [], body))).status, 401)
  assert.equal((await logIn(front, 'taro', 200)).status, 200)
})

test('an upload to an API beside the login holds no place of the logins', async t => {
  const env = { LOGIN_LIMIT: '1/1m', BACKEND_PATHS: '/user/login,/api' }
  const front = await stage(t, { handler: (req, res) => void req.resume().on('end', () => res.end()), env })
  const upload = await wire(t, front.port)
  upload.send(request('POST /api/files', ['Content-Length: 500000']) + 'a'.repeat(100_000))
  assert.equal((await logIn(front, 'taro', 200)).status, 200)
})

for (const target of ['/user/login/', '/user/login?a=b', '/user/login;a=b', '/user/login/;a=b'])
  test(`a login at ${target} counts as one, by whatever method that is not safe`, async t => {
    const env = { LOGIN_LIMIT: '1/1m', BACKEND_PATHS: '/user/login,/user' }
    const front = await limitedFront(t, env)
    const body = JSON.stringify({ name: 'taro', password: '401' })
    const statuses: number[] = []
    for (const method of ['PUT', 'POST'])
      statuses.push((await ask(front.port, request(`${method} ${target}`, [], body))).status)
    assert.deepEqual(statuses, [401, 429])
  })

test('a login that readers may understand differently is refused where accounts are limited, and passes where not', async t => {
  const text = request(
    'POST /user/login',
    ['Content-Type: application/json'],
    '{"name":"taro","password":"200"} x',
  )
  const limited = await stage(t, { env: { LOGIN_LIMIT_ACCOUNT: '1/1m' } })
  assert.equal((await ask(limited.port, text)).status, 400)
  const open = await stage(t, { env: { LOGIN_LIMIT: '1/1m' } })
  assert.equal((await ask(open.port, text)).status, 200)
})

test("a page's own calls are not limited", async t => {
  const front = await limitedFront(t, { LOGIN_LIMIT: '1/1m' })
  assert.deepEqual(await logInTimes(3, { url: front.egressUrl }, 'taro', 401), [401, 401, 401])
})

test('a body too large to be kept cannot hide a name, and passes where no account is limited', async t => {
  const body = JSON.stringify({ name: 'taro', password: '200', padding: 'x'.repeat(70_000) })
  const text = request('POST /user/login', ['Content-Type: application/json'], body)
  const limited = await limitedFront(t, { LOGIN_LIMIT_ACCOUNT: '1/1m' })
  assert.equal((await ask(limited.port, text)).status, 413)
  const open = await limitedFront(t, { LOGIN_LIMIT: '1/1m' })
  assert.equal((await ask(open.port, text)).status, 200)
})

test('failed logins in which no name is found are said once', async t => {
  const front = await limitedFront(t, { LOGIN_LIMIT_ACCOUNT: '1/1m' })
  const body = '{"kaisha":"taro","password":"401"}'
  const text = request('POST /user/login', ['Content-Type: application/json'], body)
  for (let i = 0; i < 3; i++) assert.equal((await ask(front.port, text)).status, 401)
  const said = front.log.filter(({ msg }) => /LOGIN_LIMIT_ACCOUNT/.test(String(msg)))
  assert.equal(said.length, 1)
})

test('the log shows no name and no password', async t => {
  const front = await limitedFront(t, { LOGIN_LIMIT: '2/1m', LOGIN_LIMIT_ACCOUNT: '1/1m' })
  assert.deepEqual(await logInTimes(3, front, 'taro-no-namae', 401), [401, 429, 429])
  await logIn(front, 'hanako-no-namae', 401)
  assert.equal((await logIn(front, 'hanako-no-namae', 401)).status, 429)
  const log = JSON.stringify(front.log)
  assert.match(log, /"code":"TOO_MANY"/)
  assert.match(log, /limit per account/)
  assert.match(log, /limit per address/)
  assert.doesNotMatch(log, /no-namae|password/)
})

const ALIKE = /all visitors look like one/
const said = ({ log }: Stage, words: RegExp) => log.filter(({ msg }) => words.test(String(msg))).length

test('behind a load balancer that writes ports each visitor is counted, whatever the port', async t => {
  const front = await limitedFront(t, { LOGIN_LIMIT: '3/1m' })
  const tries = [1, 2, 3, 4].map(port => () => logIn(front, 'taro', 401, from(`203.0.113.7:5000${port}`)))
  const statuses: number[] = []
  for (const each of tries) statuses.push((await each()).status)
  assert.deepEqual(statuses, [401, 401, 401, 429])
  assert.equal((await logIn(front, 'jiro', 200, from('203.0.113.8:50001'))).status, 200)
  const six = (port: number) => logIn(front, 'taro', 401, from(`[2001:db8::1]:${port}`))
  assert.deepEqual(
    [await six(1), await six(2), await six(3), await six(4)].map(each => each.status),
    [401, 401, 401, 429],
  )
  assert.equal(said(front, ALIKE), 0)
})

test('a spoofed left part gives nobody a new count, nor fills the count of another', async t => {
  const front = await limitedFront(t, { LOGIN_LIMIT: '2/1m' })
  const lefts = ['198.51.100.1', '10.0.0.1', 'unknown', '::1', '[2001:db8::9]:1']
  const statuses: number[] = []
  for (const left of lefts)
    statuses.push((await logIn(front, 'taro', 401, from(`${left}, 203.0.113.7:4000, 10.0.3.4`))).status)
  assert.deepEqual(statuses, [401, 401, 429, 429, 429])
  assert.equal((await logIn(front, 'jiro', 200, from('198.51.100.1'))).status, 200)
})

test('a visitor of a private network is counted by the leftmost address, not as the proxy', async t => {
  const front = await limitedFront(t, { LOGIN_LIMIT: '1/1m' })
  assert.equal((await logIn(front, 'taro', 401, from('10.0.5.6, 10.0.3.4'))).status, 401)
  assert.equal((await logIn(front, 'taro', 401, from('10.0.5.6, 10.0.3.4'))).status, 429)
  assert.equal((await logIn(front, 'jiro', 200, from('10.0.5.7, 10.0.3.4'))).status, 200)
})

test('a trusted proxy that names nobody is not counted, and the log says so once', async t => {
  const front = await limitedFront(t, { LOGIN_LIMIT: '1/1m' })
  assert.deepEqual(await logInTimes(4, front, 'taro', 401, from('unknown')), [401, 401, 401, 401])
  assert.equal(said(front, /no address that can be read/), 1)
})

test('a trusted peer without X-Forwarded-For is a visitor, and the log says once that it may be all of them', async t => {
  const front = await limitedFront(t, { LOGIN_LIMIT: '1/1m' })
  assert.deepEqual(await logInTimes(3, front, 'taro', 401), [401, 429, 429])
  assert.equal(said(front, ALIKE), 1)
})

test('before a limit is full the log says after twenty logins that all visitors look like one', async t => {
  const front = await limitedFront(t, { LOGIN_LIMIT: '100/1m', TRUSTED_PROXIES: '192.0.2.1' })
  for (let i = 0; i < 19; i++) await logIn(front, 'taro', 200, from(`203.0.113.${i}`))
  assert.equal(said(front, ALIKE), 0)
  for (let i = 0; i < 9; i++) await logIn(front, 'taro', 200, from(`203.0.113.${i}`))
  assert.equal(said(front, ALIKE), 1)
})

test('visitors without any proxy are not said to look like one', async t => {
  const front = await limitedFront(t, { LOGIN_LIMIT: '2/1m', TRUSTED_PROXIES: '192.0.2.1' })
  assert.deepEqual(await logInTimes(25, front, 'taro', 401), [401, 401, ...Array<number>(23).fill(429)])
  assert.equal(said(front, ALIKE), 0)
})
