import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { messages } from '../../app/_messages/messages.ts'
import { LISTENERS, startFrontProcess } from '../../testing/front-process.ts'
import { authority, startBackend } from '../backend.ts'
import { untilLogged } from '../log-lines.ts'
import { header, recorder } from '../raw.ts'

// docs/server-side.md, with the app's own pages on the production build, in a page worker
const ACCOUNT = JSON.stringify({ name: 'taro', displayName: '山田 太郎', since: '2026-01-01T00:00:00Z' })
let answer: http.RequestListener = (_req, res) => res.end(ACCOUNT)
const { seen, handler } = recorder((req, res) => answer(req, res))

const folder = await mkdtemp(join(tmpdir(), 'gatehouse-server-side-'))
const [caFile, logFile] = [join(folder, 'ca.pem'), join(folder, 'front.log')]
await writeFile(caFile, authority.ca)
const { dns, alb, close } = await startBackend({ handler, count: 2 })
const front = await startFrontProcess(
  {
    BACKEND_ORIGIN: alb.origin,
    DNS_SERVERS: dns.address,
    NODE_EXTRA_CA_CERTS: caFile,
    ...LISTENERS,
    PAGE_WORKERS: '1',
    PUBLIC_ORIGIN: 'https://www.dev.jp',
  },
  logFile,
)
after(async () => {
  await front.stop()
  await close()
  await rm(folder, { recursive: true })
})

const SESSION = { Cookie: 'a=1; session=s%3Ax/+==; signed_in=1' }
const visit = (path: string, init: RequestInit = {}) =>
  fetch(new URL(path, front.url), {
    redirect: 'manual',
    signal: AbortSignal.timeout(20_000),
    ...init,
    headers: { ...SESSION, ...init.headers },
  })

/** The lines of the log that carry an id, once there are as many. */
const logged = (id: string, count: number) =>
  untilLogged(logFile, line => Object.values(line).includes(id), count)

/** What a browser without JavaScript sends for the form of the account page. */
async function logOutForm(): Promise<FormData> {
  const html = await (await visit('/account')).text()
  const [, name = ''] = /name="(\$ACTION_ID_\w+)"/.exec(html) ?? []
  const form = new FormData()
  form.set(name, '')
  return form
}

const places: [place: string, run: (headers: Record<string, string>) => Promise<Response>, call: string][] = [
  ['a server component', headers => visit('/account', { headers }), 'GET /user/me HTTP/1.1'],
  ['a route handler', headers => visit('/account/data', { headers }), 'GET /user/me HTTP/1.1'],
  [
    'a server action',
    async headers => visit('/account', { method: 'POST', body: await logOutForm(), headers }),
    'POST /user/logout HTTP/1.1',
  ],
]
for (const [place, run, call] of places) {
  test(`one id joins ${place}, its call and the API; trace and visitor go along, of the cookies the session`, async () => {
    const id = `id-of-${place.replaceAll(' ', '-')}`
    const sent = {
      Traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      Tracestate: 'rojo=00f067aa0ba902b7',
      'X-Forwarded-For': '192.0.2.1, 203.0.113.7',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': 'www.dev.jp',
    }
    const origin = { Origin: 'https://www.dev.jp' }
    const response = await run({ ...sent, ...origin, 'X-Request-Id': id })
    await response.arrayBuffer()
    assert.ok(response.status < 400, String(response.status))
    assert.equal(response.headers.get('x-request-id'), id)

    const calls = seen.filter(each => header(each, 'x-request-id') === id)
    assert.deepEqual(
      calls.map(each => each.line),
      [call],
    )
    const [atApi] = calls
    assert.equal(header(atApi, 'traceparent'), sent.Traceparent)
    assert.equal(header(atApi, 'tracestate'), sent.Tracestate)
    assert.equal(header(atApi, 'cookie'), 'session=s%3Ax/+==')
    assert.equal(header(atApi, 'x-forwarded-for'), '192.0.2.1, 203.0.113.7, 127.0.0.1, 127.0.0.1')
    assert.equal(header(atApi, 'x-real-ip'), '203.0.113.7')
    assert.equal(header(atApi, 'x-forwarded-proto'), 'https')
    assert.equal(header(atApi, 'x-forwarded-host'), 'www.dev.jp')

    const lines = await logged(id, 2)
    assert.deepEqual(lines.map(each => each.route).sort(), ['egress', 'page'])
    assert.deepEqual(new Set(lines.map(each => each.client)), new Set(['203.0.113.7']))
  })
}

test('a request without an id gets one, which the API sees', async () => {
  const id = (await visit('/account')).headers.get('x-request-id')
  assert.ok(id)
  assert.ok(seen.some(each => header(each, 'x-request-id') === id))
})

for (const coding of ['identity', 'gzip']) {
  test(`an answer goes through egress and a route handler piece by piece (${coding})`, async () => {
    const { promise: read, resolve: goOn } = Promise.withResolvers<void>()
    answer = async (_req, res) => {
      res.write('{"first":1,')
      await read
      res.end('"last":2}')
    }
    const response = await visit('/account/data', { headers: { 'Accept-Encoding': coding } })
    let text = ''
    for await (const piece of response.body ?? []) {
      text += Buffer.from(piece).toString()
      if (text === '{"first":1,') goOn()
    }
    assert.equal(text, '{"first":1,"last":2}')
    assert.equal(response.headers.get('content-disposition'), 'attachment; filename="account.json"')
  })
}

test('where the API does not answer, a route handler sends to the page that says so', async () => {
  answer = req => req.socket.destroy()
  const response = await visit('/account/data')
  assert.deepEqual([response.status, response.headers.get('location')], [307, '/account'])
  const page = await (await visit('/account', { headers: { 'Accept-Language': 'en' } })).text()
  assert.ok(page.includes(messages.en.account.unknownWhy))
})
