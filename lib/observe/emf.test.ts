import assert from 'node:assert/strict'
import { once } from 'node:events'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { pino } from 'pino'
import { z } from 'zod'
import { eventually } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import { createReport, logMetrics } from './emf.ts'
import { createHistory } from './history.ts'
import { judge, type RouteLabel } from './outcome.ts'

/** As AWS describes the format: every metric that is announced is a member, a number or 1 to 100 of them. */
const Line = z
  .looseObject({
    _aws: z.object({
      Timestamp: z.int(),
      CloudWatchMetrics: z
        .array(
          z.object({
            Namespace: z.string().min(1).max(1024),
            Dimensions: z.array(z.array(z.string()).max(30)).min(1),
            Metrics: z
              .array(z.object({ Name: z.string(), Unit: z.enum(['Count', 'Milliseconds']) }))
              .max(100),
          }),
        )
        .length(1),
    }),
  })
  .superRefine(({ _aws, ...members }, context) => {
    const Value = z.union([z.number(), z.array(z.number()).min(1).max(100)])
    for (const { Dimensions, Metrics } of _aws.CloudWatchMetrics) {
      const dimensions = Dimensions.flat().map(name => z.string().min(1).safeParse(members[name]))
      const values = Metrics.map(({ Name }) => Value.safeParse(members[Name]))
      if (![...dimensions, ...values].every(({ success }) => success)) context.addIssue('a member is missing')
    }
  })

/** A front whose clock, for history and report, is turned by the test. */
async function withReports(t: TestContext) {
  const clock = { ms: 1_800_000_000_000 }
  const now = () => clock.ms
  const history = createHistory(now)
  const front = await stage(t)
  const { config, lifecycle, backends } = front
  const report = createReport({ config, lifecycle, backends, history }, now)
  return {
    front,
    clock,
    history,
    /** requests of a route, by the statuses of their answers */
    count(route: RouteLabel, ...statuses: (number | undefined)[]) {
      for (const status of statuses) history.count(judge({ route, req, status, ms: 1, bytes: 1 }))
    },
    report: () => Line.parse(JSON.parse(JSON.stringify(report()))),
  }
}

const req = new IncomingMessage(new Socket())
const login = (status: number, ms: number) => judge({ route: 'login', req, status, ms, bytes: 100 })

test('a report counts each login once, and leaves the span under way to the next', async t => {
  const { clock, history, report } = await withReports(t)
  history.count(login(200, 10))
  history.count(login(401, 10))
  clock.ms += 58_000
  history.count(login(200, 10))
  clock.ms += 1000
  const first = report()
  assert.deepEqual([first.LoginsOk, first.LoginsRefused, first.LoginsFailed], [1, 1, 0])
  clock.ms += 60_000
  const second = report()
  assert.deepEqual([second.LoginsOk, second.LoginsRefused, second.LoginsFailed], [1, 0, 0])
  clock.ms += 60_000
  assert.equal(report().LoginsOk, 0)
})

test('logins that get 404 are told by themselves, and the logins that they are a share of', async t => {
  const { clock, history, report } = await withReports(t)
  for (const status of [404, 404, 404, 401]) history.count(judge({ ...login(status, 10), isLogin: true }))
  history.count(login(404, 10))
  clock.ms += 60_000
  const { LoginsMisrouted, LoginsPosted, LoginsRefused, LoginsFailed } = report()
  assert.deepEqual([LoginsMisrouted, LoginsPosted, LoginsRefused, LoginsFailed], [3, 4, 2, 0])
})

test('durations are told while there are logins, and left out while there are none', async t => {
  const { clock, history, report } = await withReports(t)
  history.count(login(200, 10))
  clock.ms += 5000
  history.count(login(200, 1000))
  clock.ms += 55_000
  const [fast = 0, slow = 0] = z.array(z.number()).length(2).parse(report().LoginP99)
  assert.ok(fast < slow)
  clock.ms += 60_000
  assert.equal(report().LoginP99, undefined)
})

test('a report tells of addresses, DNS and the phase as they are', async t => {
  const { front, report } = await withReports(t)
  const stale = once(front.backend.cache.changes, 'stale')
  const { AddressesListed, DnsStale, Ready, Backend } = report()
  assert.deepEqual([AddressesListed, DnsStale, Ready], [2, 0, 1])
  assert.equal(Backend, front.config.BACKEND_ORIGIN.host)
  front.dns.behave('servfail')
  await stale
  front.lifecycle.phase = 'stopping'
  await eventually(() => front.backend.cache.addresses.stale !== undefined)
  const then = report()
  assert.deepEqual([then.AddressesListed, then.DnsStale, then.Ready], [2, 1, 0])
})

test('an API beside that of the logins without an address, or with DNS that is stale, is told', async t => {
  const to = 'http://other.dev.jp:1'
  const { config, lifecycle, backends, history } = await stage(t, {
    config: origin => ({
      routes: [
        { path: '/user/login', to: origin },
        { path: '/reports', to },
      ],
    }),
  })
  const report = createReport({ config, lifecycle, backends, history })
  await eventually(() =>
    backends.every(
      ({ cache }) => cache.addresses.answer !== undefined || cache.addresses.stale !== undefined,
    ),
  )
  const { AddressesListed, DnsStale } = Line.parse(JSON.parse(JSON.stringify(report())))
  assert.equal(backends[0]?.cache.addresses.listed.length, 2)
  assert.deepEqual([AddressesListed, DnsStale], [0, 1])
})

test('pages and calls of pages are counted by whether they failed, each once; what the client gave up is neither', async t => {
  const { count, report } = await withReports(t)
  count('page', 200, 404, 500, 502, undefined)
  count('egress', 200, 401, 504, undefined)
  count('login', 502)
  assert.partialDeepStrictEqual(report(), { PagesOk: 2, PagesFailed: 2, EgressOk: 2, EgressFailed: 1 })
  assert.partialDeepStrictEqual(report(), { PagesOk: 0, PagesFailed: 0, EgressOk: 0, EgressFailed: 0 })
})

test('other requests to the API are counted, and a WebSocket when it opens, not when it is closed', async t => {
  const { history, count, report } = await withReports(t)
  count('api', 200, 404, 502, undefined)
  history.recent.opened()
  count('upgrade', 101, 401, 502)
  assert.partialDeepStrictEqual(report(), { ApiOk: 4, ApiFailed: 2 })
  assert.partialDeepStrictEqual(report(), { ApiOk: 0, ApiFailed: 0 })
})

test('the series are those of the service in its environment with its backend', async t => {
  const env = { SERVICE_NAME: 'shop', SERVICE_ENVIRONMENT: 'staging' }
  const { config, lifecycle, backends, history } = await stage(t, { env })
  const line = Line.parse(createReport({ config, lifecycle, backends, history })())
  assert.deepEqual(line._aws.CloudWatchMetrics[0]?.Dimensions, [['Service', 'Environment', 'Backend']])
  const { Service, Environment, Backend } = line
  const expected = { Service: 'shop', Environment: 'staging', Backend: config.BACKEND_ORIGIN.host }
  assert.deepEqual({ Service, Environment, Backend }, expected)
})

test('METRICS=emf writes lines, though the log is silent; without it there are none', async t => {
  const front = await stage(t, { env: { METRICS: 'emf' } })
  const { config, lifecycle, backends, history } = front
  const parts = { config, lifecycle, backends, history }
  const written: { on: string[]; off: string[] } = { on: [], off: [] }
  const logTo = (lines: string[]) =>
    pino({ level: 'silent', base: null }, { write: line => void lines.push(line) })
  logMetrics({ ...parts, config: { ...config, METRICS: 'prometheus' } }, logTo(written.off), 10)
  logMetrics(parts, logTo(written.on), 10)
  await eventually(() => written.on.length === 3)
  for (const line of written.on) Line.parse(JSON.parse(line))
  assert.deepEqual(written.off, [])
})
