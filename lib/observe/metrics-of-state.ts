import { Counter, Gauge, type Registry } from 'prom-client'
import type { WorkerState } from './life.ts'
import type { Observed } from './observed.ts'

export type Parts = Pick<Observed, 'life' | 'backend' | 'tallies' | 'limit' | 'workers'>

/** What is so at the moment, read when it is asked for. */
export function showState({ life, backend, tallies, limit, workers }: Parts, registers: Registry[]): void {
  const { book, agent } = backend
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
  gauge('ready', '1 while /readyz says 200', [], each => each.set(life.phase === 'ready' ? 1 : 0))
  gauge('addresses', 'Addresses of the backend, by what DNS said of them last', ['state'], each => {
    const { listed, missing, departed } = book.addresses
    for (const [state, { length }] of Object.entries({ listed, missing, departed }))
      each.set({ state }, length)
  })
  gauge('dns_answer_age_seconds', 'Since DNS last answered', [], each => {
    const { answer } = book.addresses
    if (answer) each.set((Date.now() - answer.at.getTime()) / 1000)
    else each.remove()
  })
  gauge('dns_stale', '1 while DNS gives no answer and the last addresses are in use', [], each =>
    each.set(book.addresses.stale ? 1 : 0),
  )
  gauge('backend_connections', 'Connections to the backend', ['address', 'state'], each => {
    for (const [address, { idle, busy, unused = 0 }] of Object.entries(agent.state())) {
      each.set({ address, state: 'idle' }, idle)
      each.set({ address, state: 'busy' }, busy)
      // set up, and no request has gone over it yet
      each.set({ address, state: 'unused' }, unused)
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
  total(
    'connections_turned_away_total',
    'Connections closed at once or answered 503 FULL: as many as may be were open',
    [],
    each => each.inc(life.turnedAway),
  )
  total(
    'replays_total',
    'Requests sent again, since they provably were not executed or are idempotent',
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
    'Pages under way in a worker',
    ['worker'],
    perWorker(({ inFlight }) => inFlight),
  )
  gauge(
    'page_worker_resident_memory_bytes',
    'What a worker holds',
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
  total('login_limit_refused_total', 'Logins refused with 429, by what was full', ['by'], each => {
    for (const [by, refused] of Object.entries(limit.refused)) each.inc({ by }, refused)
  })
  const { store } = limit
  if (!store) return
  gauge('limit_store_connected', '1 while the store of the login limits is there', [], each =>
    each.set(store.connected ? 1 : 0),
  )
  total(
    'limit_store_outages_total',
    'How often the store went away, or was not there at the start',
    [],
    each => each.inc(store.outages),
  )
}
