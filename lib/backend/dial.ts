import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { GatewayError } from '../http/errors.ts'
import type { AddressBook } from './addresses.ts'
import { type Connection, connect, type Target } from './connect.ts'

export type Dialler = {
  /**
   * A verified connection to one of the book's addresses.
   * @throws GatewayError when there is none before the deadline: BACKEND_UNKNOWN if DNS has not named any address yet,
   *   else BACKEND_UNREACHABLE with every attempt's error as its cause; nothing was sent in either case
   */
  dial(): Promise<Connection>
  /** An address whose connections say nothing is tried last for a while, as one that failed. */
  demote(address: string): void
}

export type DialOptions = {
  readonly book: AddressBook
  readonly target: Target
  /** milliseconds for TCP and TLS to one address; the whole dial takes twice as long at most */
  readonly connectTimeoutMs: number
  /** called with each attempt that failed, and the ms that it took */
  readonly onFailure: (address: string, error: unknown, ms: number) => void
  /** called with each that succeeded, also where another one was faster */
  readonly onConnection?: (connection: Connection) => void
}

/** A slow address is overtaken by the next one after this time (RFC 8305 §8: connection attempt delay). */
const OVERTAKE_MS = 250
/** An address that failed is tried last for so long. */
const PENALTY_MS = 5000
/** Between two rounds over all addresses; doubled each time. */
const FIRST_PAUSE_MS = 50

/** Connections from the address book: the least loaded address first, the next one on failure or delay. */
export function createDialler(options: DialOptions): Dialler {
  const { book, target, connectTimeoutMs, onFailure, onConnection = () => {} } = options
  /** attempts under way and connections open, by address */
  const load = new Map<string, number>()
  const failedAt = new Map<string, number>()
  /** dials that have tried every address; a new one ends their pause */
  const pausing = new Set<() => void>()
  book.changes.on('added', () => {
    for (const goOn of [...pausing]) goOn()
  })

  /**
   * Whom to try, best first. A departed address comes only as the last resort, and only where TLS proves that it is
   * still the backend: over plain HTTP a password could reach a stranger (0004).
   */
  function candidates(lastResort: boolean): string[] {
    const { listed, missing, departed } = book.addresses
    const now = performance.now()
    const rank = (address: string) =>
      (now - (failedAt.get(address) ?? Number.NEGATIVE_INFINITY) < PENALTY_MS ? 2 : 0) +
      (listed.includes(address) ? 0 : 1)
    const best = [...listed, ...missing]
      .map(address => ({ address, rank: rank(address), load: load.get(address) ?? 0, dice: Math.random() }))
      .sort((a, b) => a.rank - b.rank || a.load - b.load || a.dice - b.dice)
      .map(each => each.address)
    return lastResort && target.verify !== undefined ? [...best, ...departed] : best
  }

  function count(address: string, change: 1 | -1) {
    const value = (load.get(address) ?? 0) + change
    if (value > 0) load.set(address, value)
    else load.delete(address)
  }

  async function attempt(address: string, signal: AbortSignal): Promise<Connection> {
    const started = performance.now()
    count(address, 1)
    try {
      const connection = await connect(address, target, connectTimeoutMs, signal)
      connection.socket.once('close', () => count(address, -1))
      failedAt.delete(address)
      onConnection(connection)
      return connection
    } catch (error) {
      count(address, -1)
      const now = performance.now()
      if (!signal.aborted || now - started >= OVERTAKE_MS) {
        failedAt.set(address, now)
        onFailure(address, error, now - started)
      }
      throw error
    }
  }

  function dial(): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const losers = new AbortController()
      const tried = new Set<string>()
      const errors: unknown[] = []
      const running = new Set<string>()
      let asked: 'no' | 'asking' | 'yes' = 'no'
      let pauseMs = FIRST_PAUSE_MS
      let timer: NodeJS.Timeout | undefined
      let done = false
      // whoever dials stays the one who does, in the trace, when it goes on because of an answer of DNS
      let wake = goOn

      const finish = (settle: () => void) => {
        if (done) return
        done = true
        clearTimeout(timer)
        clearTimeout(end)
        pausing.delete(wake)
        losers.abort()
        settle()
      }
      const giveUp = () =>
        book.addresses.answer
          ? new GatewayError('BACKEND_UNREACHABLE', new AggregateError(errors.slice(-8)))
          : new GatewayError('BACKEND_UNKNOWN', book.addresses.stale?.reason)
      const end = setTimeout(() => finish(() => reject(giveUp())), 2 * connectTimeoutMs)

      /** Starts the next address that this round has not tried; with none left, what is under way is waited for. */
      function next() {
        if (done) return
        clearTimeout(timer)
        // the last resort is for when DNS has been asked and no address of it is left, not for when one is slow
        const { listed, missing } = book.addresses
        const lastResort = asked === 'yes' && [...listed, ...missing].every(each => !running.has(each))
        const address = candidates(lastResort).find(each => !tried.has(each))
        if (address !== undefined) {
          tried.add(address)
          start(address)
          timer = setTimeout(next, OVERTAKE_MS)
          return
        }
        if (asked === 'no') askDns()
        else if (running.size === 0 && asked === 'yes') pause()
      }

      function start(address: string) {
        running.add(address)
        attempt(address, losers.signal).then(
          connection => {
            if (done) connection.socket.destroy()
            else finish(() => resolve(connection))
          },
          error => {
            running.delete(address)
            errors.push(error)
            if (asked === 'no') askDns()
            next()
          },
        )
      }

      /** Rule 4: a failed dial asks DNS again, now. A silent resolver holds the last resort up no longer than this. */
      async function askDns() {
        asked = 'asking'
        await Promise.race([book.refresh(), sleep(OVERTAKE_MS, undefined, { ref: false })])
        asked = 'yes'
        next()
      }

      /** Every address failed and DNS knows no other, or none at all: all over again, until the deadline. */
      function pause() {
        wake = AsyncLocalStorage.bind(goOn)
        pausing.add(wake)
        timer = setTimeout(goOn, pauseMs)
        pauseMs *= 2
      }

      function goOn() {
        pausing.delete(wake)
        tried.clear()
        asked = 'no'
        next()
      }

      next()
    })
  }

  return { dial, demote: address => void failedAt.set(address, performance.now()) }
}
