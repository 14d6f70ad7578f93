import assert from 'node:assert/strict'
import http from 'node:http'
import { after, before, test } from 'node:test'
import { ask, request } from '../../test/raw.ts'
import { type Stage, stage } from '../../test/stage.ts'

let front: Stage
const ends: (() => Promise<void>)[] = []

before(async () => {
  const env = {
    ALLOWED_ORIGINS: 'https://app.dev.jp, capacitor://localhost, app://-',
    PUBLIC_ORIGIN: 'https://www.dev.jp, http://plain.dev.jp:4000',
    CALLBACK_PATHS: '/user/login/saml/acs',
  }
  front = await stage(
    { after: end => void ends.push(() => Reflect.apply(end ?? (() => {}), undefined, [])) },
    { env },
  )
})
after(async () => {
  for (const end of ends) await end()
})

/** The status of a login with these headers; `fetch` would set Sec-Fetch-* and Origin by itself. */
function login(
  headers: http.OutgoingHttpHeaders,
  method = 'POST',
  path = '/user/login',
): Promise<number | undefined> {
  const before = [...front.alb.nodes.values()].reduce((sum, node) => sum + node.requests, 0)
  return new Promise((resolve, reject) => {
    const options = { method, headers: { host: 'www.dev.jp', ...headers }, agent: false }
    const request = http.request(`${front.url}${path}`, options, response => {
      const now = [...front.alb.nodes.values()].reduce((sum, node) => sum + node.requests, 0)
      assert.equal(
        now - before,
        response.statusCode === 200 ? 1 : 0,
        'the backend sees what passes, and nothing else',
      )
      response.resume().on('end', () => resolve(response.statusCode))
    })
    request.on('error', reject).end()
  })
}

test('a login from a page of another site is refused before the backend sees it', async () => {
  assert.equal(await login({ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }), 403)
  assert.equal(await login({ 'sec-fetch-site': 'cross-site' }), 403)
})

test('a login from another origin of the same site is refused as well', async () => {
  assert.equal(await login({ 'sec-fetch-site': 'same-site', origin: 'https://blog.dev.jp' }), 403)
})

test("a login from the site's own page passes", async () => {
  assert.equal(await login({ 'sec-fetch-site': 'same-origin', origin: 'https://www.dev.jp' }), 200)
  assert.equal(await login({ 'sec-fetch-site': 'none' }), 200)
})

test('a browser without Sec-Fetch-Site is judged by Origin', async () => {
  assert.equal(await login({ origin: 'https://www.dev.jp' }), 200)
  assert.equal(await login({ origin: 'https://evil.example' }), 403)
  assert.equal(await login({ origin: 'null' }), 403)
})

test('Origin is compared with the host that the person sees, behind a proxy that names it', async () => {
  assert.equal(
    await login({ host: '10.0.0.7:4000', 'x-forwarded-host': 'www.dev.jp', origin: 'https://www.dev.jp' }),
    200,
  )
  assert.equal(
    await login({ host: '10.0.0.7:4000', 'x-forwarded-host': 'www.dev.jp', origin: 'https://evil.example' }),
    403,
  )
})

test('Origin is compared with the scheme as well, and with the public origin that was asked for alone', async () => {
  for (const origin of [
    'http://www.dev.jp',
    'https://www.dev.jp:4000',
    'http://plain.dev.jp:4000',
    'https://shop.dev.jp',
  ])
    assert.equal(await login({ origin }), 403, origin)
  assert.equal(await login({ host: 'plain.dev.jp:4000', origin: 'http://plain.dev.jp:4000' }), 200)
})

test('a host that is no public origin is not compared with', async () => {
  assert.equal(await login({ host: 'evil.example', origin: 'https://evil.example' }), 403)
  assert.equal(await login({ 'x-forwarded-host': 'evil.example', origin: 'https://evil.example' }), 403)
  assert.equal(await login({ 'x-forwarded-host': 'evil.example', origin: 'https://www.dev.jp' }), 200)
})

test('without PUBLIC_ORIGIN Origin is compared with Host, whatever X-Forwarded-Host says', async t => {
  const { port } = await stage(t)
  const status = async (headers: string[]) =>
    (await ask(port, request('POST /user/login', ['Host: www.dev.jp', ...headers]))).status
  assert.equal(await status(['Origin: https://www.dev.jp']), 200)
  assert.equal(await status(['Origin: https://evil.example', 'X-Forwarded-Host: evil.example']), 403)
})

test('without PUBLIC_ORIGIN capitals and a default port in Host make no other site', async t => {
  const { port } = await stage(t)
  for (const [host, origin, status] of [
    ['WWW.dev.jp', 'https://www.dev.jp', 200],
    ['www.dev.jp:443', 'https://www.dev.jp', 200],
    ['www.dev.jp:80', 'http://www.dev.jp', 200],
    ['www.dev.jp:8443', 'https://www.dev.jp', 403],
    ['www.dev.jp:443', 'https://www.dev.jp:8443', 403],
  ] as const) {
    const head = request('POST /user/login', [`Host: ${host}`, `Origin: ${origin}`])
    assert.equal((await ask(port, head)).status, status, `${origin} at ${host}`)
  }
})

const callback = '/user/login/saml/acs'
test('an identity provider may send the browser to a callback path by POST', async () => {
  for (const origin of ['null', 'https://idp.example']) {
    assert.equal(await login({ 'sec-fetch-site': 'cross-site', origin }, 'POST', callback), 200)
    assert.equal(await login({ origin }, 'POST', `${callback}?RelayState=a`), 200)
  }
})

for (const path of [
  '/user/login',
  '/user/login/saml',
  `${callback}/`,
  `${callback}/x`,
  `${callback};x`,
  '/user/login/saml/ac%73',
  '/user/login?/user/login/saml/acs',
]) {
  test(`nobody may send the browser to ${path} by POST, which is no callback path`, async () => {
    assert.equal(await login({ 'sec-fetch-site': 'cross-site', origin: 'null' }, 'POST', path), 403)
  })
}

test('another method than POST is refused on a callback path as elsewhere', async () => {
  for (const method of ['PUT', 'DELETE', 'PATCH'])
    assert.equal(await login({ 'sec-fetch-site': 'cross-site', origin: 'null' }, method, callback), 403)
})

test('the pages of an app may be allowed', async () => {
  for (const origin of ['capacitor://localhost', 'app://-'])
    assert.equal(await login({ 'sec-fetch-site': 'cross-site', origin }), 200)
  assert.equal(await login({ 'sec-fetch-site': 'cross-site', origin: 'ionic://localhost' }), 403)
})

test('a client that is no browser passes', async () => {
  assert.equal(await login({}), 200)
})

test('a further origin can be allowed', async () => {
  assert.equal(await login({ 'sec-fetch-site': 'cross-site', origin: 'https://app.dev.jp' }), 200)
})

test('reading is not refused, for it changes nothing', async () => {
  assert.equal(await login({ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, 'GET'), 200)
  assert.equal(await login({ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, 'PUT'), 403)
})

test('a page of another site logs nobody in by GET either: a link or an image with a password in its query, and the API may take it', async () => {
  const foreign = { 'sec-fetch-site': 'cross-site' }
  const withPassword = '/user/login?email=evil%40example.com&password=x'
  for (const method of ['GET', 'HEAD']) {
    assert.equal(await login(foreign, method, withPassword), 403)
    assert.equal(await login({ 'sec-fetch-site': 'same-origin' }, method, withPassword), 200)
    assert.equal(await login({}, method, withPassword), 200)
  }
  assert.equal(await login({ ...foreign, origin: 'https://app.dev.jp' }, 'GET', withPassword), 200)
  const deep = `/user/login?a${'[b]'.repeat(64)}`
  assert.deepEqual([await login({}, 'POST', deep), await login({}, 'GET', deep)], [200, 200])
  for (const query of [
    'user[email]=a&user[password]=b',
    'username=a;password=b',
    'j_username=a&j_password=b',
    'user_id=a&user_pw=b',
  ])
    assert.equal(await login(foreign, 'GET', `/user/login?${query}`), 403, query)
  const fields = (count: number) => `/user/login?${'a=1&'.repeat(count)}`
  assert.equal(await login(foreign, 'GET', fields(100)), 200)
  assert.equal(await login(foreign, 'GET', fields(101)), 403, 'nobody looks for an account among so many')
  assert.equal(await login({ 'sec-fetch-site': 'same-origin' }, 'GET', fields(101)), 200)
  // a link in a mail, the way back from an identity provider
  for (const path of [
    '/user/login?token=x',
    '/user/login?email=a%40b.jp&passcode_sent=1',
    '/user/login?email=a%40b.jp&passcode=123456',
    '/user/login?email=a%40b.jp&pin_code=123456',
    '/user/login?email=a%40b.jp&reset_password=true',
    '/user/login?expired-password=1&next=%2Fhome',
    '/user/login?email=a%40b.jp&password=',
    '/user/login/callback?code=x&state=y',
    '/user/login/reset?pass=x',
  ])
    assert.equal(await login(foreign, 'GET', path), 200, path)
})
