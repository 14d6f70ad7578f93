import type { Log } from '../log.ts'
import type { Config } from '../settings/settings.ts'
import { BUCKET_SECONDS } from './history.ts'
import type { Observed } from './observed.ts'
import { type OnOutcome, RESULTS } from './outcome.ts'

const EVERY_MS = 60_000

type Parts = Pick<Observed, 'config' | 'lifecycle' | 'backend' | 'history' | 'workers'>

/**
 * METRICS=emf: a line a minute in CloudWatch's embedded metric format, which CloudWatch Logs turns into metrics of the
 * namespace Gatehouse by itself; for teams without Prometheus. The level of the log does not hold it back. A front that stops
 * takes what was since its last line with it.
 * @returns what counts a request that is over; undefined where METRICS is not `emf`
 */
export function logMetrics(parts: Parts, log: Log, everyMs = EVERY_MS): OnOutcome | undefined {
  if (parts.config.METRICS !== 'emf') return undefined
  const { count, report } = createReport(parts)
  const always = log.child({}, { level: 'info' })
  setInterval(() => always.info(report(), 'metrics'), everyMs).unref()
  return count
}

type Metric = {
  readonly name: string
  readonly unit: 'Count' | 'Milliseconds'
  readonly value: number | number[]
}

/**
 * `report`: what became of logins, pages and egress since the last report, and everything else as it is at the moment.
 * `count`: a page or a call that is over; one that its client gave up counts as neither.
 * @param now milliseconds since 1970
 */
export function createReport(
  { config, lifecycle, backend, history, workers }: Parts,
  now: () => number = Date.now,
) {
  // of a bucket that is under way only a part would be told, or all of it twice
  const wholeUntil = () => Math.floor(now() / 1000 / BUCKET_SECONDS) * BUCKET_SECONDS
  let from = wholeUntil()
  /** what is counted here besides logins, which the history counts: pages, and the calls that pages make to the backend */
  const counted = [
    { route: 'page', name: 'Pages', ok: 0, failed: 0 },
    { route: 'egress', name: 'Egress', ok: 0, failed: 0 },
  ]

  const count: OnOutcome = ({ route, result }) => {
    const own = counted.find(each => each.route === route)
    if (own && result !== 'gone') own[result === 'failed' ? 'failed' : 'ok'] += 1
  }

  function report() {
    const until = wholeUntil()
    const buckets = history.buckets().filter(({ at }) => at >= from && at < until)
    from = until
    const { listed, stale } = backend.cache.addresses
    const pages = workers?.()
    const logins = RESULTS.map((result): Metric => {
      const value = buckets.reduce((sum, each) => sum + each[result], 0)
      return { name: `Logins${result.charAt(0).toUpperCase()}${result.slice(1)}`, unit: 'Count', value }
    })
    const posted = buckets.reduce((sum, each) => sum + each.posted, 0)
    const others = counted.flatMap(({ name, ok, failed }): Metric[] => [
      { name: `${name}Ok`, unit: 'Count', value: ok },
      { name: `${name}Failed`, unit: 'Count', value: failed },
    ])
    for (const each of counted) Object.assign(each, { ok: 0, failed: 0 })
    const metrics: Metric[] = [
      ...logins,
      ...others,
      { name: 'LoginsPosted', unit: 'Count', value: posted },
      { name: 'LoginP50', unit: 'Milliseconds', value: buckets.flatMap(({ p50 }) => p50 ?? []) },
      { name: 'LoginP99', unit: 'Milliseconds', value: buckets.flatMap(({ p99 }) => p99 ?? []) },
      { name: 'Ready', unit: 'Count', value: Number(lifecycle.phase === 'ready') },
      { name: 'AddressesListed', unit: 'Count', value: listed.length },
      { name: 'DnsStale', unit: 'Count', value: Number(stale !== undefined) },
    ]
    if (pages) {
      const ready = pages.filter(({ phase }) => phase === 'ready').length
      metrics.push({ name: 'PageWorkersReady', unit: 'Count', value: ready })
    }
    return inFormat(config, now(), metrics)
  }
  return { count, report }
}

/**
 * In one set of dimensions, since each further set is paid for like as many metrics more. A list without a value is left out:
 * CloudWatch would refuse the whole line.
 */
function inFormat(config: Config, timestamp: number, metrics: readonly Metric[]) {
  const dimensions = {
    Service: config.SERVICE_NAME,
    Environment: config.SERVICE_ENVIRONMENT,
    Backend: config.BACKEND_ORIGIN.host,
  }
  const told = metrics.filter(({ value }) => typeof value === 'number' || value.length > 0)
  return {
    _aws: {
      Timestamp: timestamp,
      CloudWatchMetrics: [
        {
          Namespace: 'Gatehouse',
          Dimensions: [Object.keys(dimensions)],
          Metrics: told.map(({ name, unit }) => ({ Name: name, Unit: unit })),
        },
      ],
    },
    ...dimensions,
    ...Object.fromEntries(told.map(({ name, value }) => [name, value])),
  }
}
