import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import type { Backend } from '../backend/backend.ts'
import { errorCodeLabel } from '../http/errors.ts'
import { labelsFor, type Parts, showState } from './metrics-of-state.ts'
import { createExemplars, OPENMETRICS, toOpenMetrics, wantsOpenMetrics } from './openmetrics.ts'
import { isProperLogin, type Outcome, RESULTS } from './outcome.ts'

export type Metrics = ReturnType<typeof createMetrics>

/** From what a login takes on a quiet day, 1 ms, to BACKEND_TIMEOUT; in seconds. */
const REQUEST_SECONDS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60]
const DIAL_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1]

/**
 * The front's metrics, by Prometheus's conventions for names and units. The sets of label values are bounded: routes,
 * statuses, codes of the table of errors, codes of the operating system, and the addresses that the address cache or the pool
 * knows at the moment.
 */
export function createMetrics(parts: Parts) {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const requests = new Counter({
    name: 'gatehouse_requests_total',
    help: 'Finished requests, by route and status; `gone`: the client left before the response, `cut`: the response was cut off',
    labelNames: ['route', 'status'],
    registers,
  })
  const errors = new Counter({
    name: 'gatehouse_errors_total',
    help: 'Requests that Gatehouse answered with an error of its own, or cut off, by its code',
    labelNames: ['route', 'code'],
    registers,
  })
  const logins = new Counter({
    name: 'gatehouse_logins_total',
    help: 'POSTs to the login path itself that are over and were not refused as cross-site, by result: ok, refused (4xx), limited (429), misrouted (404, 405, 415 or 421 from the backend: no wrong password), failed (5xx), gone',
    labelNames: ['result'],
    registers,
  })
  for (const result of RESULTS) logins.inc({ result }, 0)
  const seconds = new Histogram({
    name: 'gatehouse_request_duration_seconds',
    help: 'Request duration in seconds, from the request head to the end of the response',
    labelNames: ['route', 'status'],
    buckets: REQUEST_SECONDS,
    registers,
  })
  const carried = new Counter({
    name: 'gatehouse_backend_requests_total',
    help: 'Requests to the backend that are over, by the connection that carried them last: reused (from the pool) or new',
    labelNames: ['connection'],
    registers,
  })
  const denied = new Counter({
    name: 'gatehouse_admin_denied_total',
    help: 'Requests that the admin listener denied: missing (no token), wrong, limited (10 wrong ones of an address within a minute)',
    labelNames: ['reason'],
    registers,
  })
  watchBackends(parts.backends, registers)
  showState(parts, registers)

  const exemplars = createExemplars(REQUEST_SECONDS)

  return {
    /** All of it, as Prometheus reads it or as OpenMetrics, which has the ids of logins: whichever the scraper takes. */
    async read(accept?: string): Promise<{ type: string; text: string }> {
      const text = await registry.metrics()
      if (!wantsOpenMetrics(accept)) return { type: registry.contentType, text }
      return { type: OPENMETRICS, text: toOpenMetrics(text, exemplars) }
    },
    /** Counts a request that the admin listener denied. */
    denied: (reason: string) => denied.inc({ reason }),
    /** Counts a request that is over. */
    count(outcome: Outcome) {
      const { route, status, ms, code, reused, end, result } = outcome
      const ended = end === 'cut off' ? 'cut' : 'gone'
      requests.inc({ route, status: status ?? ended })
      const group = status === undefined ? ended : `${Math.floor(status / 100)}xx`
      seconds.observe({ route, status: group }, ms / 1000)
      exemplars.note(outcome, group)
      if (isProperLogin(outcome)) logins.inc({ result })
      if (code !== undefined) errors.inc({ route, code })
      if (reused !== undefined) carried.inc({ connection: reused ? 'reused' : 'new' })
    },
  }
}

/** What happens on the way to the backends, counted as it happens. */
function watchBackends(backends: readonly Backend[], registers: Registry[]) {
  const { names, labelsOf } = labelsFor(backends)
  const queries = new Counter({
    name: 'gatehouse_dns_queries_total',
    help: 'DNS queries, by result: ok, or the error code',
    labelNames: ['result', ...names],
    registers,
  })
  const changes = new Counter({
    name: 'gatehouse_address_changes_total',
    help: 'Addresses that the backend got (added) and lost (departed)',
    labelNames: ['change', ...names],
    registers,
  })
  const attempts = new Counter({
    name: 'gatehouse_dials_total',
    help: 'Attempts to connect to an address of the backend, by result: ok, or the code of the failure',
    labelNames: ['result', ...names],
    registers,
  })
  const dialSeconds = new Histogram({
    name: 'gatehouse_dial_duration_seconds',
    help: 'Duration in seconds of successful connection attempts, by step: TCP, TLS',
    labelNames: ['step', ...names],
    buckets: DIAL_SECONDS,
    registers,
  })
  for (const each of backends) {
    const { cache, events } = each
    const own = labelsOf(each)
    for (const change of ['added', 'departed'] as const) {
      changes.inc({ change, ...own }, 0)
      cache.changes.on(change, addresses => changes.inc({ change, ...own }, addresses.length))
    }
    changes.inc({ change: 'added', ...own }, cache.addresses.listed.length)
    cache.changes.on('asked', failure =>
      queries.inc({ result: failure === undefined ? 'ok' : errorCodeLabel(failure), ...own }),
    )
    events.on('failed', (_address, error) => attempts.inc({ result: errorCodeLabel(error), ...own }))
    events.on('connected', ({ connectMs, tlsMs }) => {
      attempts.inc({ result: 'ok', ...own })
      dialSeconds.observe({ step: 'tcp', ...own }, connectMs / 1000)
      if (tlsMs !== undefined) dialSeconds.observe({ step: 'tls', ...own }, tlsMs / 1000)
    })
  }
}
