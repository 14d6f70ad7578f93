import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { toAdmin } from '../../test/admin.ts'
import { ask, eventually, header, request, wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import type { WorkerState } from '../observe/lifecycle.ts'

const stateOf = async ({ adminPort }: { adminPort: number }) =>
  JSON.parse((await ask(adminPort, toAdmin('GET /state'))).body)

for (const line of ['GET /state', 'GET /']) {
  test(`${line} is the state as JSON`, async t => {
    const front = await stage(t, { count: 2 })
    const answer = await ask(front.adminPort, toAdmin(line, ['Accept: */*']))
    assert.equal(answer.status, 200)
    assert.equal(header(answer, 'content-type'), 'application/json; charset=utf-8')
    assert.equal(header(answer, 'cache-control'), 'no-store')
    const state = JSON.parse(answer.body)
    assert.equal(state.phase, 'ready')
    assert.equal(state.backend.origin, front.alb.origin)
    assert.deepEqual(state.backend.listed.toSorted(), [...front.alb.listed].sort())
    assert.equal(state.backend.answer.ttlSeconds, 1)
  })
}

test('it shows the page workers, where there are any', async t => {
  const worker: WorkerState = { worker: 1, pid: 7, phase: 'ready', inFlight: 2, restarts: 0, rssMb: 120 }
  assert.deepEqual((await stateOf(await stage(t, { workers: () => [worker] }))).pages, [worker])
  assert.equal('pages' in (await stateOf(await stage(t))), false)
})

test('it counts what became of the requests', async t => {
  const handler: NonNullable<Parameters<typeof stage>[1]>['handler'] = (req, res) => {
    if (req.url === '/user/login/bad') req.socket.destroy()
    else res.writeHead(401).end()
  }
  const front = await stage(t, { handler })
  await ask(front.port, request('POST /user/login'))
  await ask(front.port, request('POST /user/login'))
  await ask(front.port, request('POST /user/login/bad'))
  await eventually(() => front.tally.answered[401] === 2)
  const { requests } = await stateOf(front)
  assert.deepEqual(requests.login.answered, { 401: 2 })
  assert.deepEqual(requests.login.failed, { BACKEND_BROKE_OFF: 1 })
  assert.deepEqual(requests.egress.answered, {})
})

test('the API fails for the calls of pages alone, and nobody logs in: the headline says so', async t => {
  const front = await stage(t, { handler: (_req, res) => res.writeHead(503).end() })
  for (let i = 0; i < 5; i++) await (await fetch(`${front.egressUrl}/items`)).text()
  await eventually(async () => {
    const { level, text, runbook } = (await stateOf(front)).headline
    return level === 'bad' && text === 'Every call of a page to the API fails.' && runbook === 'logins-fail'
  })
})

test('it shows the connections of the pool by address, busy and idle', async t => {
  const { promise: go, resolve } = Promise.withResolvers<void>()
  const front = await stage(t, { count: 1, handler: (_req, res) => void go.then(() => res.end('late')) })
  const address = front.alb.listed[0] ?? ''
  const client = await wire(t, front.port)
  client.send(request('GET /user/login'))
  await eventually(() => front.alb.nodes.get(address)?.requests === 1)
  assert.deepEqual((await stateOf(front)).backend.connections, { [address]: { idle: 0, busy: 1 } })
  resolve()
  await client.answer()
  await eventually(() => front.backend.agent.state()[address]?.idle === 1)
  assert.deepEqual((await stateOf(front)).backend.connections, { [address]: { idle: 1, busy: 0 } })
})

test('it says of an address that cannot be reached why, since when and when it is tried again', async t => {
  const front = await stage(t, { count: 1 })
  const [address = ''] = front.alb.listed
  assert.deepEqual((await stateOf(front)).backend.failing, [])
  await front.alb.fault(address, 'refuse')
  const login = ask(front.port, request('POST /user/login'))
  await eventually(() => front.backend.failing().length === 1)
  const { backend, headline } = await stateOf(front)
  const [failing] = backend.failing
  assert.equal(failing.address, address)
  assert.match(failing.error, /^ECONNREFUSED/)
  assert.ok(Date.parse(failing.since) < Date.parse(failing.nextAttempt) && failing.attempts >= 1)
  assert.equal(headline.level, 'bad')
  await front.alb.heal(address)
  assert.equal((await login).status, 200)
  assert.deepEqual((await stateOf(front)).backend.failing, [])
})

test('it says since when and why DNS gives no answer', async t => {
  const front = await stage(t)
  assert.equal((await stateOf(front)).backend.stale, undefined)
  front.dns.behave('servfail')
  await once(front.backend.cache.changes, 'stale')
  const { stale, listed } = (await stateOf(front)).backend
  assert.ok(Date.now() - Date.parse(stale.since) < 60_000)
  assert.match(stale.reason, /ESERVFAIL/)
  assert.deepEqual(listed.toSorted(), [...front.alb.listed].sort())
})

test('an address that is no name has no TTL', async t => {
  const front = await stage(t, { env: { BACKEND_ORIGIN: 'http://127.0.0.1:9' } })
  assert.equal((await stateOf(front)).backend.answer.ttlSeconds, null)
})

test('health is answered here as well', async t => {
  const front = await stage(t)
  front.lifecycle.phase = 'starting'
  const { status, body } = await ask(front.adminPort, toAdmin('GET /readyz'))
  assert.deepEqual([status, body], [503, 'starting\n'])
  assert.equal((await ask(front.adminPort, toAdmin('GET /healthz'))).status, 200)
})

test('/metrics is what Prometheus reads', async t => {
  const { adminPort } = await stage(t)
  const answer = await ask(adminPort, toAdmin('GET /metrics'))
  assert.equal(answer.status, 200)
  assert.match(header(answer, 'content-type') ?? '', /^text\/plain; version=0\.0\.4/)
  assert.match(answer.body, /^gatehouse_ready 1$/m)
})

test('HEAD of the state has its length and no body', async t => {
  const { adminPort } = await stage(t)
  const client = await wire(t, adminPort)
  client.send(toAdmin('HEAD /', ['Connection: close']))
  const head = await client.answer(true)
  assert.equal(head.status, 200)
  assert.ok(Number(header(head, 'content-length')) > 100)
  assert.equal(await client.closed(), '')
})

for (const line of ['POST /', 'GET /user/login', 'GET /x', 'GET /?a', 'DELETE /']) {
  test(`${line} gets 404`, async t => {
    const { adminPort, alb } = await stage(t)
    const { status, body } = await ask(adminPort, toAdmin(line))
    assert.deepEqual([status, body], [404, ''])
    assert.ok([...alb.nodes.values()].every(node => node.requests === 0))
  })
}

test('none of it is on the public listener', async t => {
  const { port } = await stage(t)
  const { body } = await ask(port, request('GET /'))
  assert.equal(body, 'page')
})
