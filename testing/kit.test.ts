import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import { createInterface } from 'node:readline'
import { after, afterEach, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import { fileURLToPath } from 'node:url'
import { listen } from '../lib/front/listen.ts'
import { eventually } from '../test/raw.ts'
import { freePort } from './command.ts'
import { type Balancer, expectNoLoginLost, type Front, startBalancer, startFront } from './index.ts'
import { webServer } from './web-server-config.ts'

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
  await once(api.listen(0, '127.0.0.1'), 'listening')
  t.after(() => api.close())
  const address = api.address()
  assert.ok(typeof address === 'object' && address)
  await using before = await startBalancer({ target: `http://127.0.0.1:${address.port}` })
  // in place of the app's gatehouse.config
  const config = { routes: [{ path: '/sign-in', to: `${before.origin}/user/login`, kind: 'login' }] }
  await using own = await startFront({ app: APP, balancer: before, config })
  const answer = await fetch(new URL('/sign-in?a=b', own.url), { method: 'POST', redirect: 'manual' })
  assert.deepEqual(
    [answer.status, answer.headers.get('location'), answer.headers.get('x-path')],
    [303, '/account', '/user/login?a=b'],
  )
})

test('a target with a path is refused', async () => {
  await assert.rejects(startBalancer({ target: 'http://localhost/v1' }), /an origin without a path/)
})

test('more nodes than the loopback has addresses are refused', async () => {
  await assert.rejects(
    startBalancer({ addresses: ['127.0.0.1'], nodes: 2 }),
    /no loopback address left besides 127\.0\.0\.1/,
  )
})

test('where the loopback has two addresses the API moves from one to the other, and back', async () => {
  await using two = await startBalancer({ addresses: ['127.0.0.1', '127.0.0.2'] })
  assert.deepEqual(two.addresses, ['127.0.0.1'])
  assert.deepEqual(await two.replace({ dnsLagMs: 0 }), ['127.0.0.2'])
  assert.deepEqual(await two.replace({ dnsLagMs: 0 }), ['127.0.0.1'])
})

test('where the loopback has one address the API goes away and comes back there, and no login is lost', async () => {
  await using one = await startBalancer({ addresses: ['127.0.0.1'] })
  await using own = await startFront({ app: APP, balancer: one })
  await expectNoLoginLost(() => one.replace(), { front: own, balancer: one })
  assert.match(one.events.at(-1)?.what ?? '', /no other loopback address/)
})

/** Passes a login on over a new connection, as `https.request` does where nobody has set it up. */
const PLAIN = `
  const { HOST, PORT, BACKEND_ORIGIN } = process.env
  require('node:http').createServer((req, res) => {
    const options = { method: req.method, headers: { ...req.headers, host: new URL(BACKEND_ORIGIN).host }, agent: false }
    const passed = require('node:https').request(BACKEND_ORIGIN + req.url, options, answer => {
      res.writeHead(answer.statusCode, answer.headers)
      answer.pipe(res)
    })
    passed.on('error', error => res.writeHead(502).end(error.message))
    req.pipe(passed)
  }).listen(PORT, HOST)`

test('another program takes the place of Gatehouse: it finds the API by the system, and loses logins while addresses change', async () => {
  await using plain = await startFront({ balancer, command: ['--input-type=commonjs', '-e', PLAIN] })
  await expectNoLoginLost(() => balancer.scaleOut(), { front: plain, balancer })
  await assert.rejects(
    expectNoLoginLost(() => balancer.replace(), { front: plain, balancer }),
    /logins failed/,
  )
  assert.equal(await plain.status(), undefined)
})

test('webServer of playwright.config starts both at a port that is known before, and a signal ends them', async t => {
  const port = Number(await freePort())
  const { command, env, url } = webServer({ port })
  // as Playwright does it: by a shell, in the folder of its configuration, and the signal goes to all of its process group
  const child = spawn(command, {
    shell: true,
    cwd: fileURLToPath(new URL('../e2e', import.meta.url)),
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const signalAll = (signal: NodeJS.Signals) => child.pid && process.kill(-child.pid, signal)
  const ended = once(child, 'close')
  t.after(() => {
    if (child.exitCode === null && child.signalCode === null) signalAll('SIGKILL')
  })
  const [said = '']: string[] = await once(createInterface({ input: child.stdout }), 'line')
  const { name, password } = balancer.account
  assert.equal(said, `http://localhost:${port} (account: ${name} / ${password})`)
  assert.equal((await fetch(url)).status, 200)
  signalAll('SIGTERM')
  await ended
  await assert.rejects(fetch(url))
})

test('a folder that has no app is named', async () => {
  await assert.rejects(startFront({ app: '/no/app' }), /no package\.json in \/no\/app: `app` /)
})

test('the front ends with the process that started it, however that ends', async () => {
  const program = `
    const { startBalancer, startFront } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)})
    const balancer = await startBalancer()
    const front = await startFront({ app: ${JSON.stringify(APP)}, balancer })
    console.log(front.url)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [url = '']: string[] = await once(createInterface({ input: child.stdout }), 'line')
  assert.equal((await fetch(new URL('/healthz', url))).status, 200)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const answers = () =>
    fetch(new URL('/healthz', url)).then(
      () => true,
      () => false,
    )
  await eventually(async () => !(await answers()))
})
