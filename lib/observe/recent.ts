import type { OnOutcome, RouteLabel } from './outcome.ts'

/** What goes through the front besides logins, and is told by itself where it fails. */
const KINDS = ['page', 'egress', 'api'] as const
export type OtherKind = (typeof KINDS)[number]

/** So many in the last half minute, and how many of them failed; those that their client gave up are neither. */
export type Recent = { readonly all: number; readonly failed: number }

export type RecentOthers = {
  readonly count: OnOutcome
  of(kind: OtherKind): Recent
}

const SLOT_MS = 5000
/** The one under way is the seventh. */
const SLOTS = 7

const isKind = (route: RouteLabel): route is OtherKind => KINDS.some(each => each === route)

/**
 * Pages, calls that pages make to the API, and other requests to the API, of the last 30 to 35 s. A request costs two additions.
 * @param now milliseconds since 1970
 */
export function createRecentOthers(now: () => number = Date.now): RecentOthers {
  const ring = () => ({ all: new Uint32Array(SLOTS), failed: new Uint32Array(SLOTS) })
  const rings = { page: ring(), egress: ring(), api: ring() }
  let current = Math.floor(now() / SLOT_MS)

  /** Empties what has passed since. A clock that is set back goes on with the slot under way. */
  function roll() {
    const next = Math.floor(now() / SLOT_MS)
    for (let slot = Math.max(current + 1, next - SLOTS + 1); slot <= next; slot++)
      for (const { all, failed } of Object.values(rings)) all[slot % SLOTS] = failed[slot % SLOTS] = 0
    current = Math.max(current, next)
  }

  const sum = (counts: Uint32Array) => counts.reduce((total, each) => total + each, 0)
  return {
    count({ route, result }) {
      if (!isKind(route) || result === 'gone') return
      roll()
      const { all, failed } = rings[route]
      const slot = current % SLOTS
      all[slot] = (all[slot] ?? 0) + 1
      if (result === 'failed') failed[slot] = (failed[slot] ?? 0) + 1
    },
    of(kind) {
      roll()
      return { all: sum(rings[kind].all), failed: sum(rings[kind].failed) }
    },
  }
}
