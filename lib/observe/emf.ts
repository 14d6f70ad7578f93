import type { Log } from '../log.ts'
import { BUCKET_SECONDS } from './history.ts'
import type { Observed } from './observed.ts'
import { RESULTS } from './outcome.ts'

const EVERY_MS = 60_000

type Parts = Pick<Observed, 'config' | 'lifecycle' | 'backend' | 'history' | 'workers'>

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

/**
 * What is said of the logins since the last report, and of everything else at the moment.
 * @param now milliseconds since 1970
 */
export function createReport(
  { config, lifecycle, backend, history, workers }: Parts,
  now: () => number = Date.now,
) {
  // of a bucket that is under way only a part would be told, or all of it twice
  const wholeUntil = () => Math.floor(now() / 1000 / BUCKET_SECONDS) * BUCKET_SECONDS
  let from = wholeUntil()

  return () => {
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
    const metrics: Metric[] = [
      ...logins,
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
    return inFormat(config.BACKEND_ORIGIN.host, now(), metrics)
  }
}

/** A list without a value is left out: CloudWatch would refuse the whole line. */
function inFormat(backend: string, timestamp: number, metrics: readonly Metric[]) {
  const told = metrics.filter(({ value }) => typeof value === 'number' || value.length > 0)
  return {
    _aws: {
      Timestamp: timestamp,
      CloudWatchMetrics: [
        {
          Namespace: 'Gatehouse',
          Dimensions: [['Backend']],
          Metrics: told.map(({ name, unit }) => ({ Name: name, Unit: unit })),
        },
      ],
    },
    Backend: backend,
    ...Object.fromEntries(told.map(({ name, value }) => [name, value])),
  }
}
