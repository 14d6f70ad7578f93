import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { GatewayError } from '../http/errors.ts'
import type { AddressCache } from './address-cache.ts'
import { createCandidates, type Demotion, knownTo } from './candidates.ts'
import type { Connection } from './connect.ts'
import {
  type AttemptOptions,
  createConnectionAttempts,
  OVERTAKE_MS,
  OVERTAKEN,
} from './connection-attempts.ts'
import type { ConnectionChoice } from './connection-choice.ts'
import { createFailures } from './failing.ts'
import { setOwnTimeout } from './own-time.ts'
import { createWaitingDials, type Waiting } from './waiting-dials.ts'

export type Asker<T> = {
  readonly choice: ConnectionChoice
  /** may end the dial while it waits: takes a connection of the pool, and returns what the dial then comes to */
  readonly reuse: (() => T | undefined) | undefined
  /** whether nobody wants the connection any more: then no further attempt begins */
  readonly hasLeft: () => boolean
}

export type Dialler = ReturnType<typeof createDialler>

type DialOptions = Omit<AttemptOptions, 'failures' | 'known'> & { readonly cache: AddressCache }

/**
 * Connections from the address cache: the least loaded address first, the next one on failure or delay. An address that
 * fails is tried by one attempt at a time for all dials together, with backoff; dials use the others meanwhile, or wait.
 */
export function createDialler(options: DialOptions) {
  const { cache, target, connectTimeoutMs, onFailure, onConnection } = options
  const dialTimeoutMs = 2 * connectTimeoutMs
  const failures = createFailures(connectTimeoutMs)
  const known = () => knownTo(cache)
  /** the dials that try an address and do not wait yet: each tries another, or only where it tries this one */
  const trying = new Set<(address?: string) => void>()
  const attempts = createConnectionAttempts({
    target,
    connectTimeoutMs,
    failures,
    known,
    onFailure(...failure) {
      onFailure(...failure)
      waiting.pursue()
    },
    onConnection(connection) {
      candidates.reached(connection.address)
      onConnection(connection)
    },
  })
  const { attempt, connectedAt } = attempts
  const candidates = createCandidates(cache, target.verify !== undefined, failures, attempts)
  const waiting = createWaitingDials({ cache, failures, candidates, attempt, dialTimeoutMs })

  const hurry = (address?: string) => {
    for (const each of [...trying]) each(address)
  }
  cache.changes.on('added', () => hurry())

  /**
   * A verified connection to one of the address cache's addresses.
   * @throws GatewayError when neither it nor any other dial had one for 2 × CONNECT_TIMEOUT, or sooner when all addresses have failed for
   *   so long, have each failed once more since it was called, and DNS, asked now, names no other: BACKEND_UNKNOWN if DNS has not named any address yet, else
   *   BACKEND_UNREACHABLE with the error of every address as its cause; nothing was sent in either case
   */
  function dial<T = never>({ choice, reuse, hasLeft }: Partial<Asker<T>> = {}): Promise<Connection | T> {
    return new Promise((resolve, reject) => {
      const cameAt = performance.now()
      const run = AsyncLocalStorage.snapshot()
      const losers = new AbortController()
      const running = new Set<string>()
      const errors = new Map<string, unknown>()
      let asked: 'no' | 'asking' | 'late' | 'yes' = 'no'
      let endOvertaking = () => {}
      let newest: string | undefined
      let done = false
      let waiter: Waiting | undefined

      const finish = (settle: () => void, why?: typeof OVERTAKEN) => {
        if (done) return
        done = true
        endOvertaking()
        trying.delete(goOn)
        clearOwnTimeout()
        if (waiter) waiting.remove(waiter)
        losers.abort(why)
        settle()
      }
      const succeed = (value: Connection | T) => finish(() => resolve(value), OVERTAKEN)
      const fail = () => finish(() => reject(reasonOf(errors)))
      const leave = () => finish(() => reject(new Error('the client has left')), OVERTAKEN)
      let clearOwnTimeout = setOwnTimeout(dialTimeoutMs, giveUpUnlessOthersSucceed)

      /** Where others get connections it waits for its turn. */
      function giveUpUnlessOthersSucceed() {
        const restMs = connectedAt() + dialTimeoutMs - performance.now()
        if (restMs > 0) clearOwnTimeout = setOwnTimeout(restMs, giveUpUnlessOthersSucceed)
        else fail()
      }

      /** A new address is in DNS, or the one that is being tried went silent: try the next one now. */
      function goOn(address?: string) {
        if (address === undefined || address === newest) run(next)
      }

      /** Starts the next address. With none left it waits for the attempts under way, its own and those that all dials share. */
      function next(): boolean {
        if (done) return false
        endOvertaking()
        trying.delete(goOn)
        if (isLeft()) return false
        const address = candidates
          .usable(asked === 'late' || asked === 'yes')
          .find(each => !running.has(each))
        if (address === undefined) {
          wait()
          return false
        }
        if (waiter) waiting.remove(waiter)
        start(address)
        trying.add(goOn)
        endOvertaking = setOwnTimeout(OVERTAKE_MS, next)
        return true
      }

      function start(address: string) {
        running.add(address)
        newest = address
        attempt(address, losers.signal).then(
          connection => {
            const isGiven = !done && hasLeft?.() === true && waiting.give(connection)
            if (done) connection.socket.destroy()
            else if (isGiven) leave()
            else succeed(connection)
            // those that are under way may be of clients that have left, and will do for who waits
            if (!isGiven || trying.size === 0) waiting.wake()
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
        waiter ??= {
          run,
          goOn: () => run(next),
          choice,
          reuse: reuse && (() => run(reused)),
          take: succeed,
          isLeft,
          giveUp,
        }
        if (reused()) return
        if (asked === 'no') askDns()
        waiting.add(waiter)
      }

      function reused(): boolean {
        const value = reuse?.()
        if (value === undefined) return false
        succeed(value)
        return true
      }

      /** What is under way goes on: its connection goes to who waits, or into the pool. */
      function isLeft(): boolean {
        if (!hasLeft?.()) return false
        if (waiter) waiting.remove(waiter)
        if (running.size === 0) leave()
        return true
      }

      function giveUp(until: number) {
        if (cameAt < until && running.size === 0 && asked === 'yes') fail()
      }

      /**
       * Rule 4: a failed dial asks DNS again at once. The last resort needs only a recent answer, or to know that DNS has been silent for OVERTAKE_MS;
       * to give up needs an answer to a question that was asked after the dial came.
       */
      async function askDns() {
        asked = 'asking'
        const anew = cache.askAnew()
        await Promise.race([cache.refresh(), sleep(OVERTAKE_MS, undefined, { ref: false })])
        asked = 'late'
        if (waiter && waiting.has(waiter)) next()
        await anew
        asked = 'yes'
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
    if (errors.size === 0) errors.set('', new Error(`no connection within ${dialTimeoutMs} ms`))
    return new GatewayError('BACKEND_UNREACHABLE', new AggregateError([...errors.values()]))
  }

  const failing = () => failures.list(known().length)

  return {
    dial,
    offer: waiting.offer,
    /** It is tried last for a while: a silent one until a connection can be set up there, others until they answer. */
    demote(address: string, why: Demotion) {
      const isNews = !candidates.isDemoted(address)
      candidates.demote(address, why)
      if (isNews) hurry(address)
    },
    answered: candidates.answered,
    failing,
    close: waiting.close,
  }
}
