import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import type http from 'node:http'
import { test } from 'node:test'
import { ask, eventually, request, wire } from '../../test/raw.ts'
import { type Stage, stage } from '../../test/stage.ts'

const PROMTOOL = '/usr/bin/promtool'

/** The value of a metric, with its labels as they are printed; undefined where it is not there. */
async function metric({ metrics }: Stage, name: string): Promise<number | undefined> {
  const line = (await metrics.read()).text.split('\n').find(each => each.startsWith(`${name} `))
  return line === undefined ? undefined : Number(line.slice(name.length + 1))
}

const login = ({ port }: Stage) => ask(port, request('POST /user/login', [], 'abc'))

test('requests are counted by route and status', async t => {
  const front = await stage(t, { handler: (_req, res) => res.writeHead(401).end() })
  for (let i = 0; i < 3; i++) await login(front)
  await ask(front.port, request('GET /'))
  await ask(front.port, request('GET /healthz'))
  await ask(front.port, request('TRACE /'))
  assert.equal(await metric(front, 'gatehouse_requests_total{route="login",status="401"}'), 3)
  assert.equal(await metric(front, 'gatehouse_requests_total{route="page",status="200"}'), 1)
  assert.equal(await metric(front, 'gatehouse_requests_total{route="health",status="200"}'), 1)
  assert.equal(await metric(front, 'gatehouse_requests_total{route="refused",status="405"}'), 1)
  assert.equal(await metric(front, 'gatehouse_errors_total{route="refused",code="METHOD_NOT_ALLOWED"}'), 1)
  assert.equal(await metric(front, 'gatehouse_request_duration_seconds_count{route="login",status="4xx"}'), 3)
})

test('logins that find no login at the backend are counted by themselves; below the path and by GET there are none', async t => {
  const front = await stage(t, { handler: (_req, res) => res.writeHead(404).end() })
  for (let i = 0; i < 3; i++) await login(front)
  await ask(front.port, request('POST /user/login?next=/', [], 'abc'))
  await ask(front.port, request('POST /user/login/wp-admin', [], 'abc'))
  await ask(front.port, request('GET /user/login'))
  assert.equal(await metric(front, 'gatehouse_logins_total{result="misrouted"}'), 4)
  assert.equal(await metric(front, 'gatehouse_logins_total{result="refused"}'), 0)
  assert.equal(await metric(front, 'gatehouse_requests_total{route="login",status="404"}'), 6)
  // a bucket may end between two of them
  const sum = (key: 'misrouted' | 'posted' | 'refused') =>
    front.history.buckets().reduce((all, bucket) => all + bucket[key], 0)
  assert.deepEqual([sum('misrouted'), sum('posted'), sum('refused')], [4, 4, 2])
})

test("what another site's page sends to the login path is no login in any figure, and is told all the same", async t => {
  const front = await stage(t, { handler: (_req, res) => res.writeHead(404).end() })
  await ask(front.port, request('POST /user/login', ['Sec-Fetch-Site: cross-site'], 'abc'))
  await login(front)
  assert.equal(await metric(front, 'gatehouse_requests_total{route="refused",status="403"}'), 1)
  assert.equal(await metric(front, 'gatehouse_logins_total{result="refused"}'), 0)
  assert.equal(await metric(front, 'gatehouse_logins_total{result="misrouted"}'), 1)
  assert.deepEqual(front.history.recent.of('login'), { all: 2, failed: 1 })
})

test('the login path is /user/login where the backend has several, else the first', async t => {
  const handler: http.RequestListener = (_req, res) => res.writeHead(404).end()
  for (const [paths, misrouted] of [
    ['/api, /user/login', 1],
    ['/sign/in, /api', 2],
  ] as const) {
    const front = await stage(t, { handler, env: { BACKEND_PATHS: paths } })
    for (const path of ['/api', '/user/login', '/sign/in', '/sign/in'])
      await ask(front.port, request(`POST ${path}`, [], 'abc'))
    assert.equal(await metric(front, 'gatehouse_logins_total{result="misrouted"}'), misrouted)
  }
})

test('a client that leaves is counted as gone', async t => {
  const front = await stage(t, { handler: () => {} })
  const client = await wire(t, front.port)
  client.send(request('GET /user/login'))
  await once(front.server, 'request')
  await eventually(() => Object.values(front.backend.agent.state()).some(each => each.busy === 1))
  client.abort()
  await eventually(() => front.tally.gone === 1)
  assert.equal(await metric(front, 'gatehouse_requests_total{route="login",status="gone"}'), 1)
})

test('the pool, its hits and the dials are there', async t => {
  // so that all go over the first one's connection
  const front = await stage(t, { count: 1, env: { REPLAY: 'off' } })
  const [address] = front.alb.listed
  for (let i = 0; i < 3; i++) await login(front)
  assert.equal(await metric(front, 'gatehouse_backend_requests_total{connection="new"}'), 1)
  assert.equal(await metric(front, 'gatehouse_backend_requests_total{connection="reused"}'), 2)
  assert.equal(await metric(front, `gatehouse_backend_connections{address="${address}",state="idle"}`), 1)
  assert.equal(await metric(front, 'gatehouse_dials_total{result="ok"}'), 1)
  assert.equal(await metric(front, 'gatehouse_dial_duration_seconds_count{step="tcp"}'), 1)
  assert.equal(await metric(front, 'gatehouse_dial_duration_seconds_count{step="tls"}'), 1)
})

test('a dial that fails is counted by its cause', async t => {
  const front = await stage(t, { count: 1, env: { CONNECT_TIMEOUT: '100ms' } })
  await front.alb.fault(front.alb.listed[0] ?? '', 'refuse')
  assert.equal((await login(front)).status, 502)
  assert.ok(((await metric(front, 'gatehouse_dials_total{result="ECONNREFUSED"}')) ?? 0) >= 1)
  assert.equal(await metric(front, 'gatehouse_errors_total{route="login",code="BACKEND_UNREACHABLE"}'), 1)
})

test('an address that cannot be reached is there until it can', async t => {
  const front = await stage(t, { count: 1, env: { CONNECT_TIMEOUT: '100ms' } })
  const [address = ''] = front.alb.listed
  const failing = () => metric(front, `gatehouse_address_failing_seconds{address="${address}"}`)
  await login(front)
  assert.equal(await failing(), undefined)
  await front.alb.fault(address, 'refuse')
  await login(front)
  assert.ok(Number(await failing()) > 0)
  await front.alb.heal(address)
  await eventually(() => front.backend.failing().length === 0)
  assert.equal(await failing(), undefined)
})

test('the addresses, their changes and the answers of DNS are there', async t => {
  const front = await stage(t, { count: 2 })
  const { alb, backend, dns } = front
  assert.equal(await metric(front, 'gatehouse_addresses{state="listed"}'), 2)
  assert.equal(await metric(front, 'gatehouse_dns_stale'), 0)
  assert.ok(((await metric(front, 'gatehouse_dns_answer_age_seconds')) ?? -1) >= 0)
  const [old = ''] = alb.listed
  const departed = once(backend.cache.changes, 'departed')
  await alb.add(1)
  alb.drain(old)
  await departed
  assert.equal(await metric(front, 'gatehouse_addresses{state="departed"}'), 1)
  assert.equal(await metric(front, 'gatehouse_address_changes_total{change="departed"}'), 1)
  const stale = once(backend.cache.changes, 'stale')
  dns.behave('servfail')
  await stale
  await eventually(() => backend.cache.addresses.stale !== undefined)
  assert.equal(await metric(front, 'gatehouse_dns_stale'), 1)
  assert.ok(((await metric(front, 'gatehouse_dns_queries_total{result="ESERVFAIL"}')) ?? 0) >= 1)
})

test('logins that a limit refused are counted by what was full', async t => {
  const front = await stage(t, {
    handler: (_req, res) => res.writeHead(401).end(),
    env: { LOGIN_LIMIT: '1/1m' },
  })
  await login(front)
  assert.equal((await login(front)).status, 429)
  assert.equal(await metric(front, 'gatehouse_login_limit_refused_total{by="address"}'), 1)
})

const skip = existsSync(PROMTOOL) ? false : `${PROMTOOL} is not installed`
test('promtool finds nothing to mend', { skip }, async t => {
  const front = await stage(t, { env: { LOGIN_LIMIT: '1/1m' } })
  await login(front)
  // the process' own metrics have the names that they have in every Node
  const own = (await front.metrics.read()).text.split('\n').filter(line => line.includes('gatehouse_'))
  const { status, stdout, stderr } = spawnSync(PROMTOOL, ['check', 'metrics'], {
    input: `${own.join('\n')}\n`,
    encoding: 'utf8',
  })
  assert.deepEqual([status, stdout, stderr], [0, '', ''])
})
