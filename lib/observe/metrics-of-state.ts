import { Counter, Gauge, type Registry } from 'prom-client'
import type { Backend } from '../backend/backend.ts'
import { now } from '../clock.ts'
import type { Bounds } from './bounds.ts'
import type { WorkerState } from './lifecycle.ts'
import type { Observed } from './observed.ts'
import type { LimitTally } from './tally.ts'

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
    exceededName: 'connections_turned_away_total',
    exceededHelp: 'Connections closed at once or answered 503 FULL: the connection limit was reached',
  },
  {
    of: 'requests',
    name: 'backend_requests_in_flight',
    help: 'Requests under way to the backend',
    exceededName: 'backend_requests_shed_total',
    exceededHelp: 'Requests answered 503 BACKEND_FULL: MAX_BACKEND_REQUESTS were under way to the backend',
  },
  {
    of: 'bodies',
    name: 'held_body_bytes',
    help: 'Request bodies held in memory',
    exceededName: 'bodies_not_held_total',
    exceededHelp:
      'Request bodies that were streamed, since BODY_MEMORY was full: their requests cannot be retried',
  },
] as const satisfies readonly { of: keyof Bounds; [text: string]: string }[]

type Series = readonly [labels: Readonly<Record<string, string | number>>, value: number]

type Options = {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
  readonly registers: Registry[]
  collect(this: Counter | Gauge): void
}

/** Makes metrics of one kind, each read when it is asked for. */
const makerOf =
  (Kind: new (options: Options) => unknown, registers: Registry[]) =>
  (name: string, help: string, labelNames: readonly string[], read: () => Series[]) =>
    new Kind({
      name: `gatehouse_${name}`,
      help,
      labelNames,
      registers,
      collect() {
        this.reset()
        const series = read()
        // without labels there would be one that says 0
        if (series.length === 0 && labelNames.length === 0) this.remove()
        for (const [labels, value] of series) this.inc(labels, value)
      },
    })

type Makers = { readonly gauge: ReturnType<typeof makerOf>; readonly total: ReturnType<typeof makerOf> }

/** What is so at the moment, read when it is asked for. */
export function showState(parts: Parts, registers: Registry[]): void {
  const { lifecycle, backends, tallies, bounds, limit, workers } = parts
  const makers = { gauge: makerOf(Gauge, registers), total: makerOf(Counter, registers) }
  const { gauge, total } = makers
  gauge('ready', '1 while /readyz says 200', [], () => [[{}, lifecycle.phase === 'ready' ? 1 : 0]])
  showBackends(backends, makers)
  for (const { of, name, help, exceededName, exceededHelp } of BOUNDS) {
    const bound = bounds[of]
    gauge(name, help, [], () => [[{}, bound.now]])
    gauge(`${name}_limit`, `${help}: the limit`, [], () => [[{}, bound.most]])
    total(exceededName, exceededHelp, [], () => [[{}, bound.exceeded]])
  }
  total(
    'replays_total',
    'Retries of requests that provably were not executed or are idempotent',
    ['route'],
    () => Object.entries(tallies).map(([route, { replayed }]) => [{ route }, replayed]),
  )
  showWorkers(() => workers?.() ?? [], makers)
  if (limit) showLimit(limit, makers)
}

function showBackends(backends: readonly Backend[], { gauge }: Makers) {
  const { names, labelsOf } = labelsFor(backends)
  const of = (name: string, help: string, labelNames: string[], read: (backend: Backend) => Series[]) =>
    gauge(name, help, [...labelNames, ...names], () =>
      backends.flatMap(each =>
        read(each).map(([labels, value]): Series => [{ ...labels, ...labelsOf(each) }, value]),
      ),
    )
  of(
    'addresses',
    'Addresses of the backend, by state: listed in the last DNS answer, missing from it, departed',
    ['state'],
    ({ cache }) => {
      const { listed, missing, departed } = cache.addresses
      return Object.entries({ listed, missing, departed }).map(([state, { length }]) => [{ state }, length])
    },
  )
  of(
    'address_failing_seconds',
    'For how long every attempt to connect to an address has failed; absent: it can be reached',
    ['address'],
    backend => backend.failing().map(({ address, since }) => [{ address }, (now() - since.getTime()) / 1000]),
  )
  of('dns_answer_age_seconds', 'Seconds since the last DNS answer', [], ({ cache }) => {
    const { answer } = cache.addresses
    return answer ? [[{}, (now() - answer.at.getTime()) / 1000]] : []
  })
  of('dns_stale', '1 while DNS gives no answer and the last addresses are in use', [], ({ cache }) => [
    [{}, cache.addresses.stale ? 1 : 0],
  ])
  of(
    'backend_certificate_expiration_timestamp_seconds',
    'Until when the certificate of the backend is valid, in seconds since 1970; absent for plain HTTP and before the first connection',
    [],
    ({ certificate }) => {
      const notAfter = certificate.notAfter()
      return notAfter ? [[{}, notAfter.getTime() / 1000]] : []
    },
  )
  of('backend_connections', 'Connections to the backend', ['address', 'state'], ({ agent }) =>
    Object.entries(agent.state()).flatMap(([address, { idle, busy, unused = 0 }]) =>
      // unused: set up, and no request has gone over it yet
      Object.entries({ idle, busy, unused }).map(([state, count]): Series => [{ address, state }, count]),
    ),
  )
}

function showWorkers(workers: () => readonly WorkerState[], { gauge, total }: Makers) {
  const of = (make: typeof gauge, name: string, help: string, read: (worker: WorkerState) => number) =>
    make(name, help, ['worker'], () => workers().map((each): Series => [{ worker: each.worker }, read(each)]))
  of(gauge, 'page_worker_up', '1 while a page worker is ready', ({ phase }) => Number(phase === 'ready'))
  of(
    gauge,
    'page_worker_requests_in_flight',
    'Requests in flight in a page worker',
    ({ inFlight }) => inFlight,
  )
  of(
    gauge,
    'page_worker_resident_memory_bytes',
    'Resident memory of a page worker in bytes',
    each => (each.rssMb ?? 0) * 1024 ** 2,
  )
  of(
    total,
    'page_worker_restarts_total',
    'How often a worker ended by itself or had to be killed',
    each => each.restarts,
  )
}

function showLimit({ refused, store }: LimitTally, { gauge, total }: Makers) {
  total(
    'login_limit_refused_total',
    'Logins refused with 429, by the rate limit that was reached: address, account',
    ['by'],
    () => Object.entries(refused).map(([by, count]) => [{ by }, count]),
  )
  if (!store) return
  gauge('limit_store_connected', '1 while LIMIT_STORE (Valkey or Redis) can be reached', [], () => [
    [{}, store.connected ? 1 : 0],
  ])
  total(
    'limit_store_outages_total',
    'How often LIMIT_STORE became unreachable, or was unreachable at the start',
    [],
    () => [[{}, store.outages]],
  )
}
