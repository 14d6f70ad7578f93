import { Counter, Gauge, type Registry } from 'prom-client'
import type { Backend } from '../backend/backend.ts'
import type { Bounds } from './bounds.ts'
import type { WorkerState } from './lifecycle.ts'
import type { Observed } from './observed.ts'

export type Parts = Pick<Observed, 'lifecycle' | 'backends' | 'tallies' | 'bounds' | 'limit' | 'workers'>

/** The label `backend` is there where there are several: with one, all series are its own. */
export function labelsFor(backends: readonly Backend[]) {
  const isOne = backends.length === 1
  return {
    names: isOne ? [] : ['backend'],
    labelsOf: ({ name }: Backend): { backend?: string } => (isOne ? {} : { backend: name }),
  }
}

/** Each with its three metrics: how much there is, how much there may be, how often there was no room. */
const BOUNDS = [
  {
    of: 'connections',
    name: 'client_connections',
    help: 'Connections of clients that are open',
    metName: 'connections_turned_away_total',
    metHelp: 'Connections closed at once or answered 503 FULL: the connection limit was reached',
  },
  {
    of: 'requests',
    name: 'backend_requests_in_flight',
    help: 'Requests under way to the backend',
    metName: 'backend_requests_shed_total',
    metHelp: 'Requests answered 503 BACKEND_FULL: MAX_BACKEND_REQUESTS were under way to the backend',
  },
  {
    of: 'bodies',
    name: 'held_body_bytes',
    help: 'Request bodies held in memory',
    metName: 'bodies_not_held_total',
    metHelp:
      'Request bodies that were streamed, since BODY_MEMORY was full: their requests cannot be retried',
  },
] as const satisfies readonly { of: keyof Bounds; [text: string]: string }[]

/** What is so at the moment, read when it is asked for. */
export function showState(
  { lifecycle, backends, tallies, bounds, limit, workers }: Parts,
  registers: Registry[],
): void {
  const { names, labelsOf } = labelsFor(backends)
  const gauge = (name: string, help: string, labelNames: string[], read: (gauge: Gauge) => void) =>
    new Gauge({
      name: `gatehouse_${name}`,
      help,
      labelNames,
      registers,
      collect() {
        this.reset()
        read(this)
      },
    })
  gauge('ready', '1 while /readyz says 200', [], each => each.set(lifecycle.phase === 'ready' ? 1 : 0))
  gauge(
    'addresses',
    'Addresses of the backend, by state: listed in the last DNS answer, missing from it, departed',
    ['state', ...names],
    gaugeOf => {
      for (const each of backends) {
        const { listed, missing, departed } = each.cache.addresses
        for (const [state, { length }] of Object.entries({ listed, missing, departed }))
          gaugeOf.set({ state, ...labelsOf(each) }, length)
      }
    },
  )
  gauge(
    'address_failing_seconds',
    'For how long every attempt to connect to an address has failed; absent: it can be reached',
    ['address', ...names],
    gaugeOf => {
      for (const each of backends)
        for (const { address, since } of each.failing())
          gaugeOf.set({ address, ...labelsOf(each) }, (Date.now() - since.getTime()) / 1000)
    },
  )
  gauge('dns_answer_age_seconds', 'Seconds since the last DNS answer', names, gaugeOf => {
    if (names.length === 0) gaugeOf.remove()
    for (const each of backends) {
      const { answer } = each.cache.addresses
      if (answer) gaugeOf.set(labelsOf(each), (Date.now() - answer.at.getTime()) / 1000)
    }
  })
  gauge('dns_stale', '1 while DNS gives no answer and the last addresses are in use', names, gaugeOf => {
    for (const each of backends) gaugeOf.set(labelsOf(each), each.cache.addresses.stale ? 1 : 0)
  })
  gauge('backend_connections', 'Connections to the backend', ['address', 'state', ...names], gaugeOf => {
    for (const each of backends) {
      for (const [address, { idle, busy, unused = 0 }] of Object.entries(each.agent.state())) {
        gaugeOf.set({ address, state: 'idle', ...labelsOf(each) }, idle)
        gaugeOf.set({ address, state: 'busy', ...labelsOf(each) }, busy)
        // set up, and no request has gone over it yet
        gaugeOf.set({ address, state: 'unused', ...labelsOf(each) }, unused)
      }
    }
  })
  const total = (name: string, help: string, labelNames: string[], read: (counter: Counter) => void) =>
    new Counter({
      name: `gatehouse_${name}`,
      help,
      labelNames,
      registers,
      collect() {
        this.reset()
        read(this)
      },
    })
  for (const { of, name, help, metName, metHelp } of BOUNDS) {
    const bound = bounds[of]
    gauge(name, help, [], each => each.set(bound.now))
    gauge(`${name}_limit`, `${help}: the limit`, [], each => each.set(bound.most))
    total(metName, metHelp, [], each => each.inc(bound.met))
  }
  total(
    'replays_total',
    'Retries of requests that provably were not executed or are idempotent',
    ['route'],
    each => {
      for (const [route, { replayed }] of Object.entries(tallies)) each.inc({ route }, replayed)
    },
  )
  const perWorker = (read: (worker: WorkerState) => number) => (each: Counter | Gauge) => {
    for (const worker of workers?.() ?? []) each.inc({ worker: worker.worker }, read(worker))
  }
  gauge(
    'page_worker_up',
    '1 while a page worker is ready',
    ['worker'],
    perWorker(({ phase }) => (phase === 'ready' ? 1 : 0)),
  )
  gauge(
    'page_worker_requests_in_flight',
    'Requests in flight in a page worker',
    ['worker'],
    perWorker(({ inFlight }) => inFlight),
  )
  gauge(
    'page_worker_resident_memory_bytes',
    'Resident memory of a page worker in bytes',
    ['worker'],
    perWorker(({ rssMb = 0 }) => rssMb * 1024 ** 2),
  )
  total(
    'page_worker_restarts_total',
    'How often a worker ended by itself or had to be killed',
    ['worker'],
    perWorker(({ restarts }) => restarts),
  )
  if (!limit) return
  total(
    'login_limit_refused_total',
    'Logins refused with 429, by the rate limit that was reached: address, account',
    ['by'],
    each => {
      for (const [by, refused] of Object.entries(limit.refused)) each.inc({ by }, refused)
    },
  )
  const { store } = limit
  if (!store) return
  gauge('limit_store_connected', '1 while LIMIT_STORE (Valkey or Redis) can be reached', [], each =>
    each.set(store.connected ? 1 : 0),
  )
  total(
    'limit_store_outages_total',
    'How often LIMIT_STORE became unreachable, or was unreachable at the start',
    [],
    each => each.inc(store.outages),
  )
}
