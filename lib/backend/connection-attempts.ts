import { type Connection, connect, type Target } from './connect.ts'
import type { Failures } from './failing.ts'

export type AttemptOptions = {
  readonly target: Target
  /** milliseconds for TCP and TLS to one address; a dial gives up after twice as long without a connection */
  readonly connectTimeoutMs: number
  readonly failures: Failures
  /** the addresses that DNS names, or has named lately */
  readonly known: () => readonly string[]
  /** called with each attempt that failed, and the ms that it took */
  readonly onFailure: (address: string, error: unknown, ms: number) => void
  /** called with each that succeeded, also where another one was faster */
  readonly onConnection: (connection: Connection) => void
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
export const OVERTAKE_MS = 250
/** Attempts under way at one address: more would take the CPU from each other, and none would end in time. */
const MOST_AT_ONCE = 16
/** Why an attempt is ended: another one was faster, and not that its dial has no time left. */
export const OVERTAKEN = 'overtaken'

/** Single attempts to connect, for all dials: what they find out about an address goes into `failures`. */
export function createConnectionAttempts(options: AttemptOptions) {
  const { target, connectTimeoutMs, failures, known, onFailure, onConnection } = options
  /** attempts under way and connections open, by address */
  const load = new Map<string, number>()
  const underWay = new Map<string, UnderWay>()
  let connectedAt = Number.NEGATIVE_INFINITY

  function count(address: string, change: 1 | -1) {
    const value = (load.get(address) ?? 0) + change
    if (value > 0) load.set(address, value)
    else load.delete(address)
  }

  function noteBegin(address: string, startedAt: number): UnderWay {
    const provenAt = Number.NEGATIVE_INFINITY
    const attempts = underWay.getOrInsert(address, { count: 0, startedAt, quietSince: startedAt, provenAt })
    attempts.count++
    attempts.startedAt = startedAt
    return attempts
  }

  /** A connection was set up there, so the address no longer counts as failing; except where it was slow and there is a better one. */
  function settle(address: string, started: number) {
    const ms = Math.round(performance.now() - started)
    const isSlow = ms >= OVERTAKE_MS && known().some(each => each !== address && !failures.has(each))
    if (!isSlow) failures.clear(address)
    else if (failures.has(address)) {
      const error = new Error(`slow: connected after ${ms} ms`)
      failures.add(address, started, error, known().length)
    }
  }

  return {
    /** Attempts under way at an address and connections open to it. */
    loadOf: (address: string) => load.get(address) ?? 0,

    connectedAt: () => connectedAt,

    /** Whether one more attempt may begin there: up to MOST_AT_ONCE at a time, and only one each OVERTAKE_MS while none has succeeded for a while. */
    hasRoom(address: string): boolean {
      const attempts = underWay.get(address)
      if (!attempts) return true
      const now = performance.now()
      return now - attempts.quietSince < OVERTAKE_MS
        ? attempts.count < MOST_AT_ONCE
        : now - attempts.startedAt >= OVERTAKE_MS
    },

    /**
     * Connects to one address.
     * @param signal ends it; with `OVERTAKEN` as its reason, an attempt that was slow counts as one that failed
     * @throws what `connect` throws, after `onFailure` where it counts as failed
     */
    async attempt(address: string, signal: AbortSignal): Promise<Connection> {
      const started = performance.now()
      const attempts = noteBegin(address, started)
      count(address, 1)
      try {
        const connection = await connect(address, target, connectTimeoutMs, signal)
        connection.socket.once('close', () => count(address, -1))
        connectedAt = performance.now()
        attempts.quietSince = connectedAt
        attempts.provenAt = Math.max(attempts.provenAt, started)
        settle(address, started)
        onConnection(connection)
        return connection
      } catch (error) {
        count(address, -1)
        const ms = performance.now() - started
        if (!signal.aborted || (signal.reason === OVERTAKEN && ms >= OVERTAKE_MS)) {
          // under load single attempts fail though the address works: a later attempt has succeeded, or, if this one was only slow, any since
          const works = signal.aborted ? attempts.quietSince > started : attempts.provenAt >= started
          if (!works) failures.add(address, started, error, known().length)
          onFailure(address, error, ms)
        }
        throw error
      } finally {
        if (--attempts.count === 0) underWay.delete(address)
      }
    },
  }
}

export type ConnectionAttempts = ReturnType<typeof createConnectionAttempts>
