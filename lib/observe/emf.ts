import { now as clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Config } from '../settings/settings.ts'
import { BUCKET_SECONDS } from './history.ts'
import type { Observed } from './observed.ts'
import { RESULTS } from './outcome.ts'
import type { Kind } from './recent.ts'

const EVERY_MS = 60_000

type Parts = Pick<Observed, 'config' | 'lifecycle' | 'backends' | 'history' | 'workers'>

/**
 * METRICS=emf: a line a minute in CloudWatch's embedded metric format, which CloudWatch Logs turns into metrics of the
 * namespace Gatehouse by itself; for teams without Prometheus. The level of the log does not hold it back. A front that stops
 * takes what was since its last line with it.
 */
export function logMetrics(parts: Parts, log: Log, everyMs = EVERY_MS): void {
  if (parts.config.METRICS !== 'emf') return
  const report = createReport(parts)
  const always = log.child({}, { level: 'info' })
  setInterval(() => always.info(report(), 'metrics'), everyMs).unref()
}

type Metric = {
  readonly name: string
  readonly unit: 'Count' | 'Milliseconds'
  readonly value: number | number[]
}

/** What is told besides logins: of each how many ended well, and how many failed. */
const OTHERS: readonly { readonly name: string; readonly kinds: readonly Kind[] }[] = [
  { name: 'Pages', kinds: ['page'] },
  { name: 'Egress', kinds: ['egress'] },
  { name: 'Api', kinds: ['api', 'upgrade'] },
]

/**
 * What became of logins, pages, egress and other requests to the API since the last report, and everything else as it is at the
 * moment.
 * @param now the history's clock
 */
export function createReport({ config, lifecycle, backends, history, workers }: Parts, now = clock) {
  // of a bucket that is under way only a part would be told, or all of it twice
  const wholeUntil = () => Math.floor(now() / 1000 / BUCKET_SECONDS) * BUCKET_SECONDS
  let from = wholeUntil()
  /** by name, up to the last report */
  const told = new Map(OTHERS.map(({ name }) => [name, { all: 0, failed: 0 }]))

  return function report() {
    const until = wholeUntil()
    const buckets = history.buckets().filter(({ at }) => at >= from && at < until)
    from = until
    const states = backends.map(({ cache }) => cache.addresses)
    const pages = workers?.()
    const logins = RESULTS.map((result): Metric => {
      const value = buckets.reduce((sum, each) => sum + each[result], 0)
      return { name: `Logins${result.charAt(0).toUpperCase()}${result.slice(1)}`, unit: 'Count', value }
    })
    const posted = buckets.reduce((sum, each) => sum + each.posted, 0)
    const others = OTHERS.flatMap(({ name, kinds }): Metric[] => {
      const totals = kinds.map(history.recent.total)
      const all = totals.reduce((sum, each) => sum + each.all, 0)
      const failed = totals.reduce((sum, each) => sum + each.failed, 0)
      const before = told.get(name) ?? { all: 0, failed: 0 }
      told.set(name, { all, failed })
      const newlyFailed = failed - before.failed
      return [
        { name: `${name}Ok`, unit: 'Count', value: all - before.all - newlyFailed },
        { name: `${name}Failed`, unit: 'Count', value: newlyFailed },
      ]
    })
    const metrics: Metric[] = [
      ...logins,
      ...others,
      { name: 'LoginsPosted', unit: 'Count', value: posted },
      { name: 'LoginP50', unit: 'Milliseconds', value: buckets.flatMap(({ p50 }) => p50 ?? []) },
      { name: 'LoginP99', unit: 'Milliseconds', value: buckets.flatMap(({ p99 }) => p99 ?? []) },
      { name: 'Ready', unit: 'Count', value: Number(lifecycle.phase === 'ready') },
      // of several backends those of the one that has fewest
      { name: 'AddressesListed', unit: 'Count', value: Math.min(...states.map(each => each.listed.length)) },
      { name: 'DnsStale', unit: 'Count', value: Number(states.some(({ stale }) => stale !== undefined)) },
    ]
    if (pages) {
      const ready = pages.filter(({ phase }) => phase === 'ready').length
      metrics.push({ name: 'PageWorkersReady', unit: 'Count', value: ready })
    }
    // CloudWatch's clock is the wall clock
    return inFormat(config, Date.now(), metrics)
  }
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
