import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { GatewayError } from '../http/errors.ts'
import type { AddressCache } from './address-cache.ts'
import { type Connection, connect, type Target } from './connect.ts'
import { createFailures, type Failing } from './failing.ts'

export type Dialler = {
  /**
   * A verified connection to one of the address cache's addresses.
   * @throws GatewayError when there is none after 2 × CONNECT_TIMEOUT, or sooner when all addresses have failed for
   *   so long, have each failed once more since it was called, and DNS, asked now, names no other: BACKEND_UNKNOWN if DNS has not named any address yet, else
   *   BACKEND_UNREACHABLE with the error of every address as its cause; nothing was sent in either case
   */
  dial(): Promise<Connection>
  /** An address whose connections say nothing is tried last for a while, or until one can be set up there. */
  demote(address: string): void
  /** The addresses that fail at the moment. */
  failing(): readonly Failing[]
  /** Ends the attempts at addresses that fail. */
  close(): void
}

export type DialOptions = {
  readonly cache: AddressCache
  readonly target: Target
  /** milliseconds for TCP and TLS to one address; the whole dial takes twice as long at most */
  readonly connectTimeoutMs: number
  /** called with each attempt that failed, and the ms that it took */
  readonly onFailure: (address: string, error: unknown, ms: number) => void
  /** called with each that succeeded, also where another one was faster */
  readonly onConnection?: (connection: Connection) => void
}

/** A dial for which there is no address to try at the moment. */
type Waiting = {
  /** runs something as a part of the dial, for its trace */
  readonly run: <T>(what: () => T) => T
  /** Tries an address that it is not trying already. @returns whether there is one */
  readonly goOn: () => boolean
  readonly take: (connection: Connection) => void
  /** @param until ends it if it came before, and has nothing left to wait for */
  readonly giveUp: (until: number) => void
}

/** Attempts under way at one address, which those who come now may have to wait for. */
type UnderWay = {
  count: number
  /** of the newest one */
  startedAt: number
  /** since when none has come to anything */
  quietSince: number
  /** when the newest one that succeeded began */
  provenAt: number
}

/** A slow address is overtaken by the next one after this time (RFC 8305 §8: connection attempt delay). */
const OVERTAKE_MS = 250
/** Why an attempt is ended: another one was faster, and not that its dial has no time left. */
const OVERTAKEN = 'overtaken'
/** An address that went silent is tried last for so long, or until a connection is set up there. */
const DEMOTED_MS = 5000
/** So many waiting dials go on with each connection that is had: an API that is back is not run down by all at once. */
const WAKE = 2

/**
 * Connections from the address cache: the least loaded address first, the next one on failure or delay. An address that
 * fails is tried by one attempt at a time for all dials together, with backoff; dials use the others meanwhile, or wait.
 */
export function createDialler(options: DialOptions): Dialler {
  const { cache, target, connectTimeoutMs, onFailure, onConnection = () => {} } = options
  const patienceMs = 2 * connectTimeoutMs
  /** attempts under way and connections open, by address */
  const load = new Map<string, number>()
  const underWay = new Map<string, UnderWay>()
  /** when each address went silent */
  const demotedAt = new Map<string, number>()
  const failures = createFailures(connectTimeoutMs)
  /** the one attempt at each failing address: when it began */
  const probes = new Map<string, number>()
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

  const current = () => [...cache.addresses.listed, ...cache.addresses.missing]
  /** Only where TLS proves that it is still the backend: over plain HTTP a password could reach a stranger (0004). */
  const departed = () => (target.verify === undefined ? [] : cache.addresses.departed)

  /**
   * Whom a dial may try, best first. Departed addresses come only when DNS has been asked and every other fails, not
   * when one is slow.
   */
  function usable(askedDns: boolean): string[] {
    const { missing } = cache.addresses
    const known = current()
    const all = askedDns && known.every(failures.has) ? [...known, ...departed()] : known
    const isDemoted = (address: string) =>
      performance.now() - (demotedAt.get(address) ?? Number.NEGATIVE_INFINITY) < DEMOTED_MS
    const rank = (address: string) =>
      (isDemoted(address) ? 3 : 0) + (missing.includes(address) ? 1 : known.includes(address) ? 0 : 2)
    return all
      .filter(each => !failures.has(each) && !isStuck(each))
      .map(address => ({
        address,
        rank: rank(address),
        load: load.get(address) ?? 0,
        dice: Math.random(),
      }))
      .sort((a, b) => a.rank - b.rank || a.load - b.load || a.dice - b.dice)
      .map(each => each.address)
  }

  /** Nothing has come of the attempts there for a while, and it is not known yet to fail: one more now and then will do. */
  function isStuck(address: string): boolean {
    const attempts = underWay.get(address)
    const now = performance.now()
    return !!attempts && now - attempts.quietSince >= OVERTAKE_MS && now - attempts.startedAt < OVERTAKE_MS
  }

  function count(address: string, change: 1 | -1) {
    const value = (load.get(address) ?? 0) + change
    if (value > 0) load.set(address, value)
    else load.delete(address)
  }

  function noteBegin(address: string, startedAt: number): UnderWay {
    const attempts = underWay.get(address) ?? {
      count: 0,
      startedAt,
      quietSince: startedAt,
      provenAt: Number.NEGATIVE_INFINITY,
    }
    attempts.count++
    attempts.startedAt = startedAt
    underWay.set(address, attempts)
    return attempts
  }

  async function attempt(address: string, signal: AbortSignal): Promise<Connection> {
    const started = performance.now()
    const attempts = noteBegin(address, started)
    count(address, 1)
    try {
      const connection = await connect(address, target, connectTimeoutMs, signal)
      connection.socket.once('close', () => count(address, -1))
      attempts.quietSince = performance.now()
      attempts.provenAt = Math.max(attempts.provenAt, started)
      demotedAt.delete(address)
      settle(address, started)
      onConnection(connection)
      return connection
    } catch (error) {
      count(address, -1)
      const ms = performance.now() - started
      if (!signal.aborted || (signal.reason === OVERTAKEN && ms >= OVERTAKE_MS)) {
        // one that began later has succeeded: some fail under load, and the address works
        if (attempts.provenAt < started) failures.add(address, started, error, current().length)
        onFailure(address, error, ms)
        pursue()
      }
      throw error
    } finally {
      if (--attempts.count === 0) underWay.delete(address)
    }
  }

  /** It can be connected to. One that was overtaken, and is slow still, stays what it was while there is a better one. */
  function settle(address: string, started: number) {
    const ms = Math.round(performance.now() - started)
    const isSlow = ms >= OVERTAKE_MS && current().some(each => each !== address && !failures.has(each))
    if (!isSlow) failures.clear(address)
    else if (failures.has(address)) {
      const error = new Error(`slow: connected after ${ms} ms`)
      failures.add(address, started, error, current().length)
    }
  }

  /** Starts what is due at failing addresses, and comes back when the next is. */
  function pursue() {
    clearTimeout(timer)
    if (closing.signal.aborted) return
    const known = current()
    failures.keep([...known, ...cache.addresses.departed])
    const isWaitedFor = waiting.size > 0
    const all = isWaitedFor && known.every(failures.has) ? [...known, ...departed()] : known
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
      wake()
    }
    pursue()
    review()
  }

  /** The one attempt at an address that fails. Who has waited longest gets the connection, and has the attempt in its trace. */
  function probe(address: string) {
    probes.set(address, performance.now())
    const begin = () => attempt(address, closing.signal)
    const dialled = oldest()?.run(begin) ?? outside(begin)
    dialled.then(
      connection => {
        probes.delete(address)
        const taker = oldest()
        if (taker) taker.take(connection)
        else connection.socket.on('error', () => {}).destroy()
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

  const oldest = (): Waiting | undefined => waiting.values().next().value

  /** Those that have waited longest go on, so many of them. */
  function wake(most = WAKE) {
    let left = usable(true).length > 0 ? most : 0
    for (const each of waiting) {
      if (left === 0) return
      if (each.goOn()) left--
    }
  }

  function review() {
    const since = hopelessUntil()
    if (since > Number.NEGATIVE_INFINITY) for (const each of [...waiting]) each.giveUp(since)
  }

  /**
   * Dials that came before this time (of performance.now()) need wait no longer: every address has failed for
   * 2 × CONNECT_TIMEOUT, and each of them once more since then.
   */
  function hopelessUntil(): number {
    const known = current()
    const isHopeless = known.length > 0 && known.every(each => failures.lastingMs(each) >= patienceMs)
    return isHopeless
      ? Math.min(...[...known, ...departed()].map(failures.newestAt))
      : Number.NEGATIVE_INFINITY
  }

  function dial(): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const cameAt = performance.now()
      const losers = new AbortController()
      const running = new Set<string>()
      const errors = new Map<string, unknown>()
      let asked: 'no' | 'asking' | 'late' | 'yes' = 'no'
      let overtaking: NodeJS.Timeout | undefined
      let done = false
      let waiter: Waiting | undefined

      const finish = (settle: () => void, why?: typeof OVERTAKEN) => {
        if (done) return
        done = true
        clearTimeout(overtaking)
        clearTimeout(end)
        if (waiter) waiting.delete(waiter)
        losers.abort(why)
        settle()
      }
      const succeed = (connection: Connection) => finish(() => resolve(connection), OVERTAKEN)
      const fail = () => finish(() => reject(reasonOf(errors)))
      const end = setTimeout(fail, patienceMs)

      /** Starts the next address; with none left, what is under way is waited for, its own and what all dials share. */
      function next(): boolean {
        if (done) return false
        clearTimeout(overtaking)
        const address = usable(asked === 'late' || asked === 'yes').find(each => !running.has(each))
        if (address === undefined) {
          wait()
          return false
        }
        if (waiter) waiting.delete(waiter)
        start(address)
        overtaking = setTimeout(next, OVERTAKE_MS)
        return true
      }

      function start(address: string) {
        running.add(address)
        attempt(address, losers.signal).then(
          connection => {
            if (done) connection.socket.destroy()
            else succeed(connection)
            wake()
          },
          error => {
            if (done) return
            running.delete(address)
            errors.set(address, error)
            if (asked === 'no') askDns()
            next()
          },
        )
      }

      function wait() {
        const run = AsyncLocalStorage.snapshot()
        waiter ??= { run, goOn: () => run(next), take: succeed, giveUp }
        waiting.add(waiter)
        if (asked === 'no') askDns()
        pursue()
        giveUp(hopelessUntil())
      }

      function giveUp(until: number) {
        if (cameAt < until && running.size === 0 && asked === 'yes') fail()
      }

      /** Rule 4: a failed dial asks DNS again, now. A silent resolver holds the last resort up no longer than this. */
      async function askDns() {
        asked = 'asking'
        const answered = cache.refresh().then(() => {
          asked = 'yes'
        })
        await Promise.race([answered, sleep(OVERTAKE_MS, undefined, { ref: false })])
        if (asked === 'asking') asked = 'late'
        if (waiter && waiting.has(waiter)) next()
      }

      next()
    })
  }

  /** @param errors of a dial's own attempts, by address; what is known of the addresses by others comes in addition */
  function reasonOf(errors: Map<string, unknown>): GatewayError {
    const { answer, stale } = cache.addresses
    if (!answer) return new GatewayError('BACKEND_UNKNOWN', stale?.reason)
    for (const { address, error } of failing()) errors.set(address, error)
    if (errors.size === 0) errors.set('', new Error(`no connection within ${patienceMs} ms`))
    return new GatewayError('BACKEND_UNREACHABLE', new AggregateError([...errors.values()]))
  }

  const failing = () => failures.list(current().length)

  return {
    dial,
    demote: address => void demotedAt.set(address, performance.now()),
    failing,
    close() {
      clearTimeout(timer)
      closing.abort()
    },
  }
}
