import { now } from '../clock.ts'

/** An address that every attempt to connect has failed with since a time. */
export type Failing = {
  readonly address: string
  readonly since: Date
  /** when the next attempt begins at the latest, which all requests share */
  readonly nextAttempt: Date
  /** those that failed, one after the other */
  readonly attempts: number
  readonly error: unknown
}

type Failure = {
  /** of performance.now(), as all times here */
  readonly since: number
  readonly startedAt: number
  /** of the last attempt that began after the one before had failed */
  readonly failedAt: number
  readonly newestAt: number
  readonly pauseMs: number
  readonly jitter: number
  readonly attempts: number
  readonly error: unknown
}

/** All failing addresses together are tried so far apart: at most 16 attempts in any second. */
const APART_MS = 64
/** The longest pause of an address while requests wait for it, jitter not included; CONNECT_TIMEOUT where that is less. */
const WAITED_FOR_MS = 512
/** And while no request does: another address works, or there are no requests. */
const LONGEST_MS = 4000

/**
 * What the dialler remembers of addresses that fail, and when each is due for its next attempt: exponential backoff from
 * the start of the last attempt, and up to a quarter more by chance, so that neither addresses nor tasks keep step.
 * @param connectTimeoutMs a request that waits for twice as long sees an attempt
 */
export function createFailures(connectTimeoutMs: number) {
  const waitedForMs = Math.min(WAITED_FOR_MS, connectTimeoutMs)
  const known = new Map<string, Failure>()

  /** @param addresses how many there are in all: with more of them each is tried less often */
  function dueAt(address: string, addresses: number, waitedFor: boolean): number {
    const failure = known.get(address)
    if (!failure) return Number.NEGATIVE_INFINITY
    const { startedAt, pauseMs, jitter } = failure
    const most = Math.max(waitedFor ? waitedForMs : LONGEST_MS, APART_MS * addresses)
    return startedAt + Math.min(pauseMs, most) * jitter
  }

  return {
    dueAt,
    has: (address: string) => known.has(address),
    clear: (address: string) => known.delete(address),
    /** When an address failed last; -Infinity: it works, or has not been tried. */
    newestAt: (address: string) => known.get(address)?.newestAt ?? Number.NEGATIVE_INFINITY,
    /** For how many milliseconds an address has been failing; 0: it is not. */
    lastingMs(address: string): number {
      const failure = known.get(address)
      return failure ? performance.now() - failure.since : 0
    },
    /**
     * @param startedAt of the attempt that failed
     * @param addresses how many there are in all
     */
    add(address: string, startedAt: number, error: unknown, addresses: number) {
      const failedAt = performance.now()
      const apart = APART_MS * addresses
      const before = known.get(address)
      // attempts that were under way together fail together, and are one step of the backoff
      const step = before && startedAt < before.failedAt ? before : { startedAt, failedAt }
      const factor = step === before ? 1 : 2
      known.set(address, {
        since: before?.since ?? failedAt,
        startedAt: step.startedAt,
        failedAt: step.failedAt,
        pauseMs: before ? Math.min(before.pauseMs * factor, Math.max(LONGEST_MS, apart)) : apart,
        jitter: 1 + Math.random() / 4,
        newestAt: failedAt,
        attempts: (before?.attempts ?? 0) + 1,
        error,
      })
    },
    keep(addresses: readonly string[]) {
      for (const each of known.keys()) if (!addresses.includes(each)) known.delete(each)
    },
    list(addresses: number): Failing[] {
      const date = (ms: number) => new Date(now() - performance.now() + ms)
      return [...known].map(([address, { since, attempts, error }]) => ({
        address,
        since: date(since),
        nextAttempt: date(dueAt(address, addresses, false)),
        attempts,
        error,
      }))
    },
  }
}

export type Failures = ReturnType<typeof createFailures>
