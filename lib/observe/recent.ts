import { now as clock } from '../clock.ts'
import { ERRORS, type ErrorCode } from '../http/errors.ts'
import type { Outcome, RouteLabel } from './outcome.ts'

/**
 * What is told by itself where it fails. `login`: what the login limits count, and each POST to the login path itself. Failed are those that were refused before
 * anybody looked at their password: by the front's own 4xx, or the backend's 413 or 429.
 */
const KINDS = ['login', 'page', 'egress', 'api', 'upgrade'] as const
export type Kind = (typeof KINDS)[number]
export type OtherKind = Exclude<Kind, 'login'>

/** So many, and how many of them failed; those that their client gave up are neither. */
export type Count = { readonly all: number; readonly failed: number }

/** Why a login was refused; no code: the backend refused it. */
export type Refusal = { readonly status: number; readonly code: ErrorCode | undefined }

export type Recent = ReturnType<typeof createRecent>

const SLOT_MS = 5000
/** The one under way is the seventh. */
const SLOTS = 7

const isOther = (route: RouteLabel): route is OtherKind =>
  route !== 'login' && KINDS.some(each => each === route)

/** Whether a login was refused before anybody looked at its password. */
function refusalOf({ status, code }: Outcome): Refusal | undefined {
  if (status === undefined) return undefined
  const isRefusal = code === undefined ? status === 413 || status === 429 : ERRORS[code].status < 500
  return isRefusal ? { status, code } : undefined
}

/**
 * Logins, pages, calls that pages make to the API, and other requests to the API, of the last 30 to 35 s. A request costs a few
 * additions.
 * @param now milliseconds since 1970
 */
export function createRecent(now = clock) {
  const ring = () => ({
    all: new Uint32Array(SLOTS),
    failed: new Uint32Array(SLOTS),
    total: { all: 0, failed: 0 },
  })
  const rings = { login: ring(), page: ring(), egress: ring(), api: ring(), upgrade: ring() }
  let current = Math.floor(now() / SLOT_MS)
  let lastRefusal: Refusal | undefined

  /** Empties what has passed since. */
  function roll() {
    const next = Math.floor(now() / SLOT_MS)
    for (let slot = Math.max(current + 1, next - SLOTS + 1); slot <= next; slot++)
      for (const { all, failed } of Object.values(rings)) all[slot % SLOTS] = failed[slot % SLOTS] = 0
    current = Math.max(current, next)
  }

  function add(kind: Kind, isFailed: boolean) {
    roll()
    const { all, failed, total } = rings[kind]
    const slot = current % SLOTS
    all[slot] = (all[slot] ?? 0) + 1
    total.all++
    if (!isFailed) return
    failed[slot] = (failed[slot] ?? 0) + 1
    total.failed++
  }

  const sum = (counts: Uint32Array) => counts.reduce((total, each) => total + each, 0)
  return {
    count(outcome: Outcome) {
      const { route, result, isLogin, isLimited, status } = outcome
      if (result === 'gone') return
      if (isLogin || isLimited) {
        const refusal = refusalOf(outcome)
        lastRefusal = refusal ?? lastRefusal
        add('login', refusal !== undefined)
      }
      if (isOther(route) && !(route === 'upgrade' && status === 101)) add(route, result === 'failed')
    },
    /** Counts a WebSocket whose handshake the API took: its outcome comes when it is closed, perhaps hours later. */
    opened: () => add('upgrade', false),
    /** in the last half minute */
    of(kind: Kind): Count {
      roll()
      return { all: sum(rings[kind].all), failed: sum(rings[kind].failed) }
    },
    /** since the start */
    total: (kind: Kind): Count => ({ ...rings[kind].total }),
    /** the newest of a login */
    get lastRefusal() {
      return lastRefusal
    },
  }
}
