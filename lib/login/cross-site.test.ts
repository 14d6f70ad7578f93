import assert from 'node:assert/strict'
import http from 'node:http'
import { after, before, test } from 'node:test'
import { type Stage, stage } from '../../test/stage.ts'

let front: Stage
const ends: (() => Promise<void>)[] = []

before(async () => {
  const env = { ALLOWED_ORIGINS: 'https://app.dev.jp' }
  front = await stage(
    { after: end => void ends.push(() => Reflect.apply(end ?? (() => {}), undefined, [])) },
    { env },
  )
})
after(async () => {
  for (const end of ends) await end()
})

/** The status of a login with these headers; `fetch` would set Sec-Fetch-* and Origin by itself. */
function login(headers: http.OutgoingHttpHeaders, method = 'POST'): Promise<number | undefined> {
  const before = [...front.alb.nodes.values()].reduce((sum, node) => sum + node.requests, 0)
  return new Promise((resolve, reject) => {
    const options = { method, headers: { host: 'www.dev.jp', ...headers }, agent: false }
    const request = http.request(`${front.url}/user/login`, options, response => {
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
