import type { Backend } from '../backend/backend.ts'
import { errorCodeLabel } from '../http/errors.ts'
import type { WorkerState } from './lifecycle.ts'
import type { Observed } from './observed.ts'

/** What it is about; the first four, `worker` and `life` are marks above the time line. */
export type Kind = 'added' | 'departed' | 'stale' | 'fresh' | 'dial' | 'replay' | 'worker' | 'full' | 'life'

/** Something that happened, as a sentence. */
export type Event = {
  readonly id: number
  /** of its first time */
  readonly at: Date
  readonly kind: Kind
  readonly text: string
  /** how often it happened in a row */
  times: number
  /** counts up with each event and each repetition */
  change: number
}

export type Events = {
  /** Those after a change, oldest first. */
  since(change: number): Event[]
  readonly change: number
  /** Looks at what tells of no change by itself: the page workers, the phase, logins that were retried. */
  look(): void
}

type Watched = Pick<Observed, 'lifecycle' | 'bounds' | 'backends' | 'tallies' | 'workers'>

/** So many are kept; an hour in which addresses change every 20 s has fewer. */
const MOST = 200
/** Of these, the same words within so many ms are one event: a dead address must not push everything else out. */
const REPEATED = new Set<Kind>(['dial', 'replay', 'full'])
const SAME_MS = 60_000

/** Keeps what happened to addresses, DNS, dials and page workers. */
export function watchEvents({ lifecycle, bounds, backends, tallies, workers }: Watched): Events {
  const events: Event[] = []
  const seen = { phase: lifecycle.phase, replayed: 0, turnedAway: 0, workers: new Map<number, WorkerState>() }
  let change = 0

  function note(kind: Kind, text: string, times = 1) {
    change++
    const now = Date.now()
    const same = REPEATED.has(kind) ? events.findLast(each => each.text === text) : undefined
    if (same && now - same.at.getTime() < SAME_MS) {
      same.times += times
      same.change = change
      return
    }
    events.push({ id: change, at: new Date(now), kind, text, times, change })
    if (events.length > MOST) events.shift()
  }

  function watchBackend({ name, cache, pool, dials }: Backend) {
    // with one backend nobody has to be told which
    const add = (kind: Kind, text: string) => note(kind, backends.length === 1 ? text : `${name}: ${text}`)
    cache.changes.on('added', addresses => add('added', `${listOf(addresses)} ${are(addresses)} new in DNS`))
    pool.on('left', (addresses, { closed, busy }) => {
      const idle = closed > 0 ? [`${closed} idle ${closed === 1 ? 'connection' : 'connections'} closed`] : []
      const finishing = busy > 0 ? [`${busy} busy ${busy === 1 ? 'finishes' : 'finish'}`] : []
      const become = [...idle, ...finishing].join(', ')
      add('departed', `${listOf(addresses)} left DNS${become === '' ? '' : `: ${become}`}`)
    })
    cache.changes.on('stale', reason => {
      const silence = cache.addresses.answer ? 'gives no answer' : 'has never answered'
      add(
        'stale',
        `DNS ${silence} (${errorCodeLabel(reason)})${cache.addresses.answer ? ': the last addresses stay' : ''}`,
      )
    })
    cache.changes.on('fresh', () => add('fresh', 'DNS answers'))
    dials.on('failed', (address, error) =>
      add('dial', `${address} cannot be reached (${errorCodeLabel(error)})`),
    )
  }
  for (const each of backends) watchBackend(each)

  function lookAtWorker(state: WorkerState) {
    const { worker, pid, restarts } = state
    const before = seen.workers.get(worker)
    seen.workers.set(worker, state)
    if (!before || pid === undefined || pid === before.pid) {
      if (before && restarts > before.restarts) note('worker', `Page worker ${worker} ended by itself`)
      return
    }
    if (before.pid === undefined) note('worker', `Page worker ${worker} serves again (process ${pid})`)
    else if (restarts > before.restarts)
      note('worker', `Page worker ${worker} ended by itself and was started again (process ${pid})`)
    else note('worker', `Page worker ${worker} was replaced gracefully (process ${pid})`)
  }

  return {
    since: after => events.filter(each => each.change > after),
    get change() {
      return change
    },
    look() {
      for (const each of workers?.() ?? []) lookAtWorker(each)
      const { replayed } = tallies.login
      const times = replayed - seen.replayed
      if (times > 0) note('replay', 'A login found a dead connection and was retried', times)
      seen.replayed = replayed
      const turnedAway = bounds.connections.met - seen.turnedAway
      if (turnedAway > 0)
        note('full', 'A connection was turned away: the connection limit is reached', turnedAway)
      seen.turnedAway = bounds.connections.met
      if (lifecycle.phase !== seen.phase) note('life', PHASES[lifecycle.phase])
      seen.phase = lifecycle.phase
    },
  }
}

const PHASES = {
  starting: 'Starting',
  ready: 'Ready: pages and logins are served',
  stopping: 'Stopping: /readyz says 503, new requests are still served',
}

const are = ({ length }: readonly string[]) => (length === 1 ? 'is' : 'are')

/** A few of them by name: an ALB may have a hundred. */
const listOf = (addresses: readonly string[]) =>
  addresses.length > 6
    ? `${addresses.slice(0, 5).join(', ')} and ${addresses.length - 5} more`
    : addresses.join(', ')
