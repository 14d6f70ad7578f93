import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { connect } from 'node:net'
import { after, afterEach, before, mock, test } from 'node:test'
import { listen } from '../lib/front/listen.ts'
import { type Api, createApi } from './api.ts'

// A scrypt cost that is far too low for anything but tests: they are about the rules.
const accounts = [
  { name: 'taro', password: 'himitsu-no-tobira', displayName: '山田 太郎' },
  { name: 'hanako', password: 'sakura-no-ki' },
  { name: 'jiro', password: 'fuji-no-yama' },
]
const JSON_TYPE = 'application/json'
const FORM_TYPE = 'application/x-www-form-urlencoded'
/** As a browser sends it with a form that leads to another page. */
const PAGE = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

let api: Api
let server: http.Server
let origin: string

before(async () => {
  api = createApi({ scryptCost: 16, accounts, origin: 'https://api.dev.jp:8443' })
  server = http.createServer(api.handler)
  origin = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`
})
after(async () => {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})
afterEach(() => mock.timers.reset())

function post(body: string | Uint8Array<ArrayBuffer>, type: string, headers: Record<string, string> = {}) {
  const init = { method: 'POST', body, headers: { 'Content-Type': type, ...headers } }
  return fetch(`${origin}/user/login`, { ...init, redirect: 'manual' })
}
const login = (name: string, password: string, headers = {}) =>
  post(JSON.stringify({ name, password }), JSON_TYPE, headers)
const form = (name: string, password: string, accept = PAGE) =>
  post(`${new URLSearchParams({ name, password })}`, FORM_TYPE, { accept })
const me = (cookie: string) => fetch(`${origin}/user/me`, { headers: { cookie } })

async function signedIn() {
  const response = await login('taro', 'himitsu-no-tobira')
  return response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}

test('a right password is answered with the account and two cookies', async () => {
  const response = await login('taro', 'himitsu-no-tobira')
  assert.equal(response.status, 200)
  assert.deepEqual(await response.json(), { name: 'taro', displayName: '山田 太郎' })
  const [session, mark] = response.headers.getSetCookie()
  assert.match(session ?? '', /^session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/)
  assert.equal(mark, 'signed_in=1; Path=/; SameSite=Lax')
})

test('an account without a display name shows its name', async () => {
  assert.deepEqual(await (await login('hanako', 'sakura-no-ki')).json(), {
    name: 'hanako',
    displayName: 'hanako',
  })
})

test('the session cookie is Secure when the client came by https', async () => {
  const response = await login('taro', 'himitsu-no-tobira', { 'X-Forwarded-Proto': 'https' })
  assert.match(response.headers.getSetCookie()[0] ?? '', /; Secure$/)
})

test('a wrong password and an unknown name get the same answer, without cookies', async () => {
  for (const response of [await login('hanako', 'wrong'), await login('nobody', 'wrong')]) {
    assert.equal(response.status, 401)
    assert.deepEqual(await response.json(), { error: 'credentials' })
    assert.deepEqual(response.headers.getSetCookie(), [])
  }
  await login('hanako', 'sakura-no-ki')
})

test('five failures in a row lock the name for a minute, the right password too', async () => {
  mock.timers.enable({ apis: ['Date'], now: Date.now() })
  for (let i = 0; i < 5; i++) assert.equal((await login('jiro', 'wrong')).status, 401)
  mock.timers.tick(1_000)
  const locked = await login('jiro', 'fuji-no-yama')
  assert.equal(locked.status, 429)
  assert.equal(locked.headers.get('retry-after'), '59')
  assert.deepEqual(await locked.json(), { error: 'locked' })
  assert.equal(
    (await form('jiro', 'fuji-no-yama')).headers.get('location'),
    'https://api.dev.jp:8443/login?error=locked',
  )
  mock.timers.tick(59_000)
  assert.equal((await login('jiro', 'fuji-no-yama')).status, 200)
})

test('a right password in between starts the count again', async () => {
  for (let i = 0; i < 4; i++) await login('hanako', 'wrong')
  assert.equal((await login('hanako', 'sakura-no-ki')).status, 200)
  assert.equal((await login('hanako', 'wrong')).status, 401)
  assert.equal((await login('hanako', 'sakura-no-ki')).status, 200)
})

test('guesses sent side by side learn no more than five answers', async () => {
  const guesses = await Promise.all(Array.from({ length: 12 }, () => login('ghost', 'wrong')))
  assert.equal(guesses.filter(({ status }) => status === 401).length, 5)
  assert.equal(guesses.filter(({ status }) => status === 429).length, 7)
})

test('a form login ends at the account page, with the cookies', async () => {
  const response = await form('taro', 'himitsu-no-tobira')
  assert.equal(response.status, 303)
  assert.equal(response.headers.get('location'), 'https://api.dev.jp:8443/account')
  assert.equal(response.headers.getSetCookie().length, 2)
})

test('a form login that fails ends at the login page with its reason', async () => {
  const wrong = await form('nobody', 'wrong')
  assert.equal(wrong.status, 303)
  assert.equal(wrong.headers.get('location'), 'https://api.dev.jp:8443/login?error=credentials')
  const empty = await post('name=taro', FORM_TYPE, { accept: PAGE })
  assert.equal(empty.headers.get('location'), 'https://api.dev.jp:8443/login?error=form')
})

test('a script that sends a form gets the status of the login, and no redirect', async () => {
  const right = await form('taro', 'himitsu-no-tobira', '*/*')
  assert.equal(right.status, 200)
  assert.equal(right.headers.getSetCookie().length, 2)
  assert.equal((await form('nobody', 'wrong', '*/*')).status, 401)
})

for (const [what, body] of [
  ['no JSON', '{"name":'],
  ['no object', 'null'],
  ['no password', '{"name":"taro"}'],
  ['a name that is no string', '{"name":["taro"],"password":"x"}'],
  ['no UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
] as const) {
  test(`a body with ${what} is a bad request`, async () => {
    const response = await post(body, JSON_TYPE)
    assert.equal(response.status, 400)
    assert.deepEqual(await response.json(), { error: 'form' })
  })
}

test('another media type is refused', async () => {
  assert.equal((await post('taro', 'text/plain')).status, 415)
})

test('the media type may have parameters and any case', async () => {
  const body = JSON.stringify({ name: 'taro', password: 'himitsu-no-tobira' })
  assert.equal((await post(body, 'Application/JSON; charset=utf-8')).status, 200)
})

test('a body of 64 KiB is read, one byte more is refused', async () => {
  const body = JSON.stringify({ name: 'taro', password: 'himitsu-no-tobira' })
  assert.equal((await post(body.padEnd(64 * 1024), JSON_TYPE)).status, 200)
  assert.equal((await post(body.padEnd(64 * 1024 + 1), JSON_TYPE)).status, 413)
})

test('a session says who is signed in and since when', async () => {
  const now = Date.now()
  mock.timers.enable({ apis: ['Date'], now })
  const response = await me(`other=1; ${await signedIn()}; signed_in=1`)
  assert.equal(response.status, 200)
  const since = new Date(now).toISOString()
  assert.deepEqual(await response.json(), { name: 'taro', displayName: '山田 太郎', since })
})

test('without a session, or with one that was made up, nobody is signed in', async () => {
  assert.equal((await me('')).status, 401)
  assert.equal((await me(`session=${'A'.repeat(43)}`)).status, 401)
})

test('a session ends after eight hours', async () => {
  mock.timers.enable({ apis: ['Date'], now: Date.now() })
  const cookie = await signedIn()
  mock.timers.tick(8 * 60 * 60_000 - 1)
  assert.equal((await me(cookie)).status, 200)
  mock.timers.tick(1)
  assert.equal((await me(cookie)).status, 401)
})

test('logging out ends the session and expires both cookies', async () => {
  const cookie = await signedIn()
  const response = await fetch(`${origin}/user/logout`, { method: 'POST', headers: { cookie } })
  assert.equal(response.status, 204)
  const cookies = response.headers.getSetCookie()
  assert.deepEqual(
    cookies.map(cookie => cookie.split(';')[0]),
    ['session=', 'signed_in='],
  )
  for (const cookie of cookies) assert.match(cookie, /; Max-Age=0$/)
  assert.equal((await me(cookie)).status, 401)
})

test('ping says which node answered', async () => {
  assert.deepEqual(await (await fetch(`${origin}/user/login/ping?a=1`)).json(), { node: '127.0.0.1' })
})

test('other paths are not found, other methods are told which there are', async () => {
  assert.equal((await fetch(`${origin}/user/loginX`)).status, 404)
  const get = await fetch(`${origin}/user/login`)
  assert.equal(get.status, 405)
  assert.equal(get.headers.get('allow'), 'POST')
  const del = await fetch(`${origin}/user/me`, { method: 'DELETE' })
  assert.equal(del.headers.get('allow'), 'GET, HEAD')
})

test('executions are counted by X-Login-Id', async () => {
  await login('taro', 'himitsu-no-tobira', { 'X-Login-Id': 'a' })
  await login('taro', 'himitsu-no-tobira', { 'X-Login-Id': 'b' })
  await login('taro', 'himitsu-no-tobira', { 'X-Login-Id': 'b' })
  assert.deepEqual([api.logins.get('a'), api.logins.get('b')], [1, 2])
})

test('a login whose body does not arrive whole is not executed', async () => {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1')
  const arrived = once(server, 'request')
  const closed = new Promise(resolve =>
    server.once('request', (_, response) => response.once('close', resolve)),
  )
  socket.write(
    `POST /user/login HTTP/1.1\r\nHost: api\r\nX-Login-Id: cut\r\nContent-Type: ${JSON_TYPE}\r\nContent-Length: 50\r\n\r\n{"na`,
  )
  await arrived
  socket.destroy()
  await closed
  assert.equal(api.logins.has('cut'), false)
})
