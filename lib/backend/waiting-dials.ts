import { AsyncLocalStorage } from 'node:async_hooks'
import type { AddressCache } from './address-cache.ts'
import { type Candidates, knownTo } from './candidates.ts'
import type { Connection } from './connect.ts'
import { type ConnectionAttempts, OVERTAKE_MS } from './connection-attempts.ts'
import type { ConnectionChoice } from './connection-choice.ts'
import type { Failures } from './failing.ts'

/** A dial for which there is no address to try at the moment. */
export type Waiting = {
  /** runs something as a part of the dial, for its trace */
  readonly run: <T>(what: () => T) => T
  /** Tries an address that it is not trying already. @returns whether there is one */
  readonly goOn: () => boolean
  readonly choice: ConnectionChoice | undefined
  /** Takes a connection of the pool. @returns whether there is one that it may take; absent where it wants a new one */
  readonly reuse: (() => boolean) | undefined
  readonly take: (connection: Connection) => void
  /** Whether its client has left: the dial has ended, or ends with its attempts under way. */
  readonly isLeft: () => boolean
  /** Ends the dial if it came before `until` and has no attempt under way. */
  readonly giveUp: (until: number) => void
}

type WaitingOptions = {
  readonly cache: AddressCache
  readonly failures: Failures
  readonly candidates: Candidates
  readonly attempt: ConnectionAttempts['attempt']
  /** milliseconds that every address has to fail for before dials give up */
  readonly dialTimeoutMs: number
}

/** Waiting dials that go on with each connection that succeeds: a few, so that an API that is back is not overloaded by all at once. */
const WAKE = 2

/**
 * The dials that wait, and what they wait for: one attempt at a time at each address that fails, for all of them together,
 * with backoff. It goes on without them until the address works again.
 */
export function createWaitingDials({ cache, failures, candidates, attempt, dialTimeoutMs }: WaitingOptions) {
  /** the one attempt at each failing address */
  const probes = new Set<string>()
  /** in the order in which they came */
  const waiting = new Set<Waiting>()
  const closing = new AbortController()
  const outside = AsyncLocalStorage.snapshot()
  let timer: NodeJS.Timeout | undefined
  let tickedAt = Number.NEGATIVE_INFINITY
  cache.changes.on('added', addresses => {
    for (const each of addresses) failures.clear(each)
    wake(WAKE * addresses.length)
  })

  /** Starts what is due at failing addresses, and comes back when the next is. */
  function pursue() {
    clearTimeout(timer)
    if (closing.signal.aborted) return
    failures.keep([...knownTo(cache), ...cache.addresses.departed])
    const isWaitedFor = waiting.size > 0
    const all = candidates.all(isWaitedFor)
    const now = performance.now()
    let soonest = isWaitedFor ? Math.max(tickedAt + OVERTAKE_MS - now, 0) : Number.POSITIVE_INFINITY
    for (const each of all) {
      if (!failures.has(each) || probes.has(each)) continue
      const inMs = failures.dueAt(each, all.length, isWaitedFor) - now
      if (inMs <= 0) probe(each)
      else soonest = Math.min(soonest, inMs)
    }
    if (soonest === Number.POSITIVE_INFINITY) return
    // rounded up: a timer that fires a fraction of a millisecond early would find nothing due
    timer = outside(() => setTimeout(tick, Math.ceil(soonest))).unref()
  }

  function tick() {
    tickedAt = performance.now()
    if (waiting.size > 0) {
      // rule 4, for as long as somebody waits
      cache.refresh().then(review)
      for (const each of waiting) each.isLeft()
      wake()
    }
    pursue()
    review()
  }

  /** The one attempt at an address that fails. Who has waited longest gets the connection, and has the attempt in its trace. */
  function probe(address: string) {
    probes.add(address)
    const begin = () => attempt(address, closing.signal)
    const dialled = oldest()?.run(begin) ?? outside(begin)
    dialled.then(
      connection => {
        probes.delete(address)
        if (!give(connection)) connection.socket.on('error', () => {}).destroy()
        pursue()
        wake()
      },
      () => {
        probes.delete(address)
        pursue()
        review()
      },
    )
  }

  /** Who has waited longest, and still does. */
  function oldest(): Waiting | undefined {
    for (const each of waiting) if (!each.isLeft()) return each
    return undefined
  }

  /** A connection goes to who has waited longest. @returns whether anybody does */
  function give(connection: Connection): boolean {
    const taker = oldest()
    taker?.take(connection)
    return taker !== undefined
  }

  /** Those that have waited longest go on, so many of them. */
  function wake(most = WAKE) {
    let left = most
    for (const each of waiting) {
      if (left === 0 || candidates.usable(true).length === 0) return
      if (each.goOn()) left--
    }
  }

  function review() {
    const since = hopelessUntil()
    if (since > Number.NEGATIVE_INFINITY) for (const each of [...waiting]) each.giveUp(since)
  }

  /**
   * The time (of performance.now()) up to which waiting dials give up: every address has failed for 2 × CONNECT_TIMEOUT, and each once more after that
   * time.
   */
  function hopelessUntil(): number {
    const known = knownTo(cache)
    const isHopeless = known.length > 0 && known.every(each => failures.lastingMs(each) >= dialTimeoutMs)
    return isHopeless ? Math.min(...candidates.everyone().map(failures.newestAt)) : Number.NEGATIVE_INFINITY
  }

  return {
    /** From now on a dial waits. It is told at once where there is nothing to wait for. */
    add(dial: Waiting) {
      waiting.add(dial)
      pursue()
      dial.giveUp(hopelessUntil())
    },
    has: (dial: Waiting) => waiting.has(dial),
    remove: (dial: Waiting) => void waiting.delete(dial),
    give,
    /** Call when a connection of the pool has come free: who has waited longest of those whom it fits takes it. */
    offer() {
      // one look at the pool for each choice, and not for each of thousands that wait
      const unfit = new Set<ConnectionChoice | undefined>()
      for (const { choice, reuse, isLeft } of waiting) {
        if (!reuse || unfit.has(choice) || isLeft()) continue
        if (reuse()) return
        unfit.add(choice)
      }
    },
    pursue,
    wake: () => wake(),
    close() {
      clearTimeout(timer)
      closing.abort()
    },
  }
}
