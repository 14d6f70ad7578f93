import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { startDemoBackend } from '../../testing/backend.ts'
import { type FrontProcess, LISTENERS, startFrontProcess } from '../../testing/front-process.ts'
import { logIn } from '../log-in.ts'
import { FAILED, KIND, type ReceivedSpan, startCollector, treeOf } from './collector.ts'

const backend = await startDemoBackend({ scryptCost: 2 ** 10 })
const folder = await mkdtemp(join(tmpdir(), 'gatehouse-traces-'))
after(async () => {
  await backend.close()
  await rm(folder, { recursive: true, force: true })
})
let fronts = 0

/** The production build with one worker; its log is in `logFile`. */
async function start(t: TestContext, env: Record<string, string> = {}) {
  const settings = { PAGE_WORKERS: '1', STOP_DELAY: '0s', STOP_TIMEOUT: '2s' }
  const logFile = join(folder, `log-${fronts++}`)
  const front = await startFrontProcess({ ...backend.env, ...LISTENERS, ...settings, ...env }, logFile)
  t.after(() => front.stop())
  return { front, logFile }
}

const get = (front: FrontProcess, path: string, cookie: string) =>
  fetch(front.url + path, { headers: { Cookie: cookie }, redirect: 'manual' })

/** From the root down to a span. */
function wayTo(span: ReceivedSpan | undefined, spans: readonly ReceivedSpan[]): string[] {
  if (!span) return []
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId)
  return [...wayTo(parent, spans), span.name]
}

const named = (spans: readonly ReceivedSpan[], name: string) => spans.filter(each => each.name === name)

for (const PAGE_WORKERS of ['1', '0']) {
  test(`with ${PAGE_WORKERS} workers, a page, Next's spans and its call to the API are one trace`, async t => {
    const collector = await startCollector(t)
    const { front } = await start(t, { PAGE_WORKERS, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
    const { cookie } = await logIn(front, backend.account)
    assert.equal((await get(front, '/account', cookie)).status, 200)
    const spans = await collector.until(
      all => named(all, 'GET page').length > 0 && named(all, 'GET /account').length > 0,
    )
    const [egress] = named(spans, 'GET egress')
    const call = `fetch GET ${front.egressUrl}/user/me`
    const way = wayTo(egress, spans)
    assert.equal(way[0], 'GET page', treeOf(spans))
    for (const name of ['GET /account', 'render route (app) /account', call])
      assert.ok(way.includes(name), way.join())
    assert.deepEqual(way.slice(-2), [call, 'GET egress'])
    assert.equal(named(spans, 'GET /account').length, 1)
    const below = spans.filter(({ parentSpanId }) => parentSpanId === egress?.spanId)
    assert.deepEqual(
      below.map(({ kind }) => kind),
      [KIND.client],
    )
  })
}

const REFUSED = 'http://127.0.0.1:9'
test('a collector that is not there costs no login and no time at the end, and is in the log', async t => {
  const { front, logFile } = await start(t, {
    OTEL_EXPORTER_OTLP_ENDPOINT: REFUSED,
    OTEL_EXPORTER_OTLP_TIMEOUT: '500',
  })
  const statuses = new Set<number>()
  // by tens: a cold front and a busy machine are slow to set up 200 TLS connections at once
  for (let sent = 0; sent < 200; sent += 10) {
    const logins = await Promise.all(Array.from({ length: 10 }, () => logIn(front, backend.account)))
    for (const { status } of logins) statuses.add(status)
  }
  assert.deepEqual([...statuses], [200])
  while (!(await readFile(logFile, 'utf8')).includes('spans were lost')) await get(front, '/login', '')
  await logIn(front, backend.account)
  front.process.kill('SIGTERM')
  // one that is not done in time ends with 1
  assert.equal(await front.exited, 0)
  assert.match(
    await readFile(logFile, 'utf8'),
    /"spans":\d+,"cause":"ECONNREFUSED: [^"]+","msg":"spans were lost/,
  )
})

test('a collector that never answers costs no login, and a second at the end', async t => {
  const collector = await startCollector(t, () => {})
  const { front } = await start(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
  assert.equal((await logIn(front, backend.account)).status, 200)
  await get(front, '/login', '')
  await collector.until(() => collector.requests() > 0)
  assert.equal((await logIn(front, backend.account)).status, 200)
  front.process.kill('SIGTERM')
  // its 10 s are more than the front has for all its end
  assert.equal(await front.exited, 0)
})

test('no password, cookie, query or token is in what is sent', async t => {
  const collector = await startCollector(t)
  const { front } = await start(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
  const { cookie } = await logIn(front, backend.account, '/user/login?token=in-the-query')
  const headers = { Authorization: 'Bearer in-the-header', Cookie: cookie }
  for (const path of ['/account?token=in-the-query', '/nowhere?token=in-the-query'])
    await fetch(front.url + path, { headers })
  await fetch(`${front.egressUrl}/user/me?token=in-the-query`, { headers })
  for (const address of backend.alb.listed) await backend.alb.fault(address, 'refuse')
  t.after(async () => {
    for (const address of backend.alb.listed) await backend.alb.heal(address)
  })
  assert.equal((await logIn(front, backend.account, '/user/login?token=in-the-query')).status, 502)
  await get(front, '/account?token=in-the-query', cookie)
  await front.stop()
  const sent = collector.bytes.join('\n')
  assert.ok(collector.spans.some(({ status }) => status?.code === FAILED))
  assert.ok(collector.spans.some(({ scope }) => scope === 'next.js'))
  const session = cookie.split(/[=;]/)[1] ?? ''
  for (const secret of [backend.account.password, session, 'in-the-query', 'in-the-header']) {
    assert.ok(secret.length > 8)
    assert.ok(!sent.includes(secret), secret)
  }
})

for (const [how, isOn] of [
  ['on', true],
  ['off for want of a collector', false],
] as const) {
  test(`traces are ${how}: OpenTelemetry is ${isOn ? 'loaded' : 'not even loaded'}, by front and worker, and what is not sent yet when they stop is sent then`, async t => {
    const collector = await startCollector(t)
    const preload = new URL('./tell-loaded.mjs', import.meta.url).href
    const { front, logFile } = await start(t, {
      NODE_OPTIONS: `--import=${preload}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: isOn ? collector.url : ' ',
    })
    assert.equal((await logIn(front, backend.account)).status, 200)
    await get(front, '/login', '')
    front.process.kill('SIGTERM')
    assert.equal(await front.exited, 0)
    // but for its API, which prom-client loads at any rate
    assert.equal(/^loaded .*@opentelemetry\/(?!api\/)/m.test(await readFile(logFile, 'utf8')), isOn)
    for (const name of ['GET page', 'GET /login'])
      assert.equal(named(collector.spans, name).length, isOn ? 1 : 0)
  })
}
