import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { after, afterEach, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import { fileURLToPath } from 'node:url'
import { listen } from '../lib/front/listen.ts'
import { listening } from '../test/listening.ts'
import { eventually } from '../test/raw.ts'
import { type Balancer, expectNoLoginLost, type Front, startBalancer, startFront } from './index.ts'

/** The kit as an app's tests use it, with node:test, on the pages of this repository as they are built. */
const APP = fileURLToPath(new URL('..', import.meta.url))

let balancer: Balancer
let front: Front
/** The same with little patience, for logins that have to fail. */
let impatient: Front

before(async () => {
  balancer = await startBalancer()
  const settings = { CONNECT_TIMEOUT: '500ms', BACKEND_TIMEOUT: '1s' }
  ;[front, impatient] = await Promise.all([
    startFront({ app: APP, balancer, settings: { DNS_MAX_TTL: '0.3' } }),
    startFront({ app: APP, balancer, settings }),
  ])
})
after(async () => {
  await Promise.all([front?.stop(), impatient?.stop()])
  await balancer?.close()
})
afterEach(() => balancer.restore())

async function logIn(to: { url: string } = front, body: object = balancer.account) {
  const { status, headers } = await fetch(new URL('/user/login', to.url), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status, id: headers.get('x-request-id') ?? '' }
}

test('a login reaches the API, and balancer, log, status and metrics have it', async () => {
  const { status, id } = await logIn()
  assert.equal(status, 200)
  assert.equal(balancer.seen.executed(id), 1)
  const one = balancer.seen.requests.find(each => each.id === id)
  assert.deepEqual([one?.path, one?.status, one?.method], ['/user/login', 200, 'POST'])
  assert.ok(balancer.addresses.includes(one?.node ?? ''))
  await eventually(() => front.logOf(id).length > 0)
  assert.match(JSON.stringify(await front.status()), /"path":"\/user\/login"/)
  assert.match(await front.metrics(), /^gatehouse_/m)
})

test('no login is lost while nodes come, leave, and are all replaced by others', async () => {
  const logins = await expectNoLoginLost(
    async () => {
      await balancer.scaleOut()
      await balancer.scaleIn(1, { drainMs: 100 })
      await balancer.replace()
      await balancer.replace({ old: 'drop' })
    },
    { front, balancer, perSecond: 20 },
  )
  assert.ok(logins.length > 10)
  assert.deepEqual(balancer.seen.executedMoreThanOnce(), [])
})

for (const fault of ['nxdomain', 'empty'] as const) {
  test(`no login is lost while DNS is ${fault}`, async () => {
    const asked = balancer.dns.questions
    await expectNoLoginLost(
      async () => {
        balancer.dns[fault]()
        await eventually(() => balancer.dns.questions > asked)
      },
      { front, balancer },
    )
  })
}

test('what is lost is named by id, answer, log lines and the reason', async () => {
  const lost = expectNoLoginLost(() => balancer.kill(), { front: impatient, balancer })
  await assert.rejects(lost, ({ message }: Error) => {
    assert.match(message, /^\d+ of \d+ logins failed/)
    assert.match(message, /^Login [\w-]+ at \S+, after \d+ ms: 502 .*BACKEND_UNREACHABLE/m)
    assert.match(message, /^ {4}\{.*"code":"BACKEND_UNREACHABLE"/m)
    assert.match(message, /Last done to the balancer.*killed/)
    return true
  })
})

test('logins that go past the balancer are no proof: expectNoLoginLost says where their route leads', async t => {
  const elsewhere = http.createServer((_request, response) => response.end('{}'))
  t.after(() => elsewhere.close())
  const port = await listen(elsewhere, 0, '127.0.0.1')
  const to = 'https://login.dev.jp'
  const status = async () => ({ routes: [{ path: '/user/login', kind: 'login', to }] })
  const past = { url: `http://127.0.0.1:${port}`, log: [], logOf: () => [], status }
  await assert.rejects(
    expectNoLoginLost(() => balancer.replace(), { front: past, balancer }),
    /^Error: \d+ logins worked, and none of them came to the balancer\n- .* leads to https:\/\/login\.dev\.jp, and not/,
  )
})

test('nodes that refuse, hang, or have a certificate of another name fail logins until they are restored', async () => {
  const faults = [
    () => balancer.refuse(),
    () => balancer.dropPackets(),
    () => balancer.certificateOf('another.example'),
  ]
  for (const fault of faults) {
    await fault()
    assert.equal((await logIn(impatient)).status, 502, String(fault))
    await balancer.restore()
    assert.equal((await logIn(impatient)).status, 200, String(fault))
  }
})

test('a node whose packets are dropped is silent on connections that are open, too', async t => {
  await using one = await startBalancer({ nodes: 1 })
  const [host = ''] = one.addresses
  const { port, hostname } = new URL(one.origin)
  const socket = tls.connect({ host, port: Number(port), servername: hostname, rejectUnauthorized: false })
  t.after(() => socket.destroy())
  await once(socket, 'secureConnect')
  const ask = () => socket.write('GET /user/login/ping HTTP/1.1\r\nHost: api\r\n\r\n')
  ask()
  await once(socket, 'data')
  await one.dropPackets()
  let heard = 0
  for (const event of ['data', 'end', 'error', 'close']) socket.on(event, () => heard++)
  ask()
  // an answer takes some 2 ms here
  await sleep(200)
  assert.equal(heard, 0)
  assert.equal(one.seen.requests.length, 1)
})

test('a real API is reached behind the balancer by the routes of a test, and its redirects come back', async t => {
  const api = http.createServer((request, response) => {
    response
      .writeHead(303, { Location: `http://${request.headers.host}/account`, 'X-Path': request.url })
      .end()
  })
  await using before = await startBalancer({ target: `http://127.0.0.1:${await listening(t, api)}` })
  // in place of the app's gatehouse.config
  const config = { routes: [{ path: '/sign-in', to: `${before.origin}/user/login`, kind: 'login' }] }
  await using own = await startFront({ app: APP, balancer: before, config })
  const answer = await fetch(new URL('/sign-in?a=b', own.url), { method: 'POST', redirect: 'manual' })
  assert.deepEqual(
    [answer.status, answer.headers.get('location'), answer.headers.get('x-path')],
    [303, '/account', '/user/login?a=b'],
  )
})
