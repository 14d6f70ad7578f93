import type { Duplex } from 'node:stream'
import type { Connection } from './connect.ts'

export type Pooled = {
  readonly connection: Connection
  readonly retireAt: number
  /** on performance.now()'s clock; BUSY while a request is under way over it */
  idleSince: number
  /** for a request that wants an unused one each time, so that another shall be ready for the next */
  leavesDemand: boolean
}

/** Under a load that needs all connections, each is used again sooner. */
const SURPLUS_MS = 250

export const BUSY = Number.POSITIVE_INFINITY
const isIdle = ({ idleSince }: Pooled) => idleSince !== BUSY

export type PoolState = { [address: string]: { idle: number; busy: number; unused?: number } }

/**
 * The connections of the pool, busy and idle, and what is known of each.
 * @param idleSockets those that Node's agent has as free, of an address the one that is idle for the longest time first. An API that
 *   hangs has thousands of busy ones, and each of them looks for an idle one
 */
export function createPooled(idleSockets: () => Iterable<Duplex>) {
  const all = new Map<Duplex, Pooled>()
  const at = (address: string) => [...all.values()].filter(each => each.connection.address === address)
  function* idleAt(address: string) {
    for (const socket of idleSockets()) {
      const pooled = all.get(socket)
      if (pooled?.connection.address === address && isIdle(pooled)) yield pooled
    }
  }

  /**
   * Ends the one that is idle for the longest time, and for `ms` at least; plain HTTP. By a reset, as HAProxy does: whoever closes first
   * keeps the port in TIME_WAIT for a minute, and with some 470 of these a second to one address there is none left.
   * @returns whether there was one
   */
  function resetLongestIdle(address: string, ms: number): boolean {
    const [longest] = idleAt(address)
    if (!longest || longest.idleSince > performance.now() - ms) return false
    close(longest, 'resetAndDestroy')
    return true
  }

  /**
   * A server with a worker for each connection (Apache's prefork) serves no further one until an idle one has closed, which it does itself after 5 to 15 s.
   * So while nothing has come over a new connection, one that nobody has used meanwhile is closed, and more of them at growing pauses: an answer
   * that takes its time (a long poll) closes four in its first minute. A new one that is idle itself, since its client has left, is closed.
   */
  function closeSurplus(waiting: Pooled, pauseMs = SURPLUS_MS) {
    setTimeout(() => {
      const { socket, address } = waiting.connection
      if (socket.bytesRead > 0 || socket.destroyed) return
      if (isIdle(waiting)) return close(waiting, 'resetAndDestroy')
      closeSurplus(waiting, resetLongestIdle(address, SURPLUS_MS) ? 4 * pauseMs : pauseMs)
    }, pauseMs).unref()
  }

  return {
    of: (socket: Duplex): Pooled | undefined => all.get(socket),
    /** From now on until it closes. */
    add(pooled: Pooled, onClose: () => void) {
      const { socket } = pooled.connection
      all.set(socket, pooled)
      socket.once('close', () => {
        all.delete(socket)
        onClose()
      })
    },
    has(address: string): boolean {
      for (const { connection } of all.values()) if (connection.address === address) return true
      return false
    },
    idle: (address: string): number => [...idleAt(address)].length,
    resetLongestIdle,
    closeSurplus,
    /** @returns how many were closed, and how many are left that are busy */
    closeIdle(addresses: readonly string[]): { closed: number; busy: number } {
      const idle = addresses.flatMap(each => [...idleAt(each)])
      for (const each of idle) close(each)
      return { closed: idle.length, busy: addresses.flatMap(at).length - idle.length }
    },
    /**
     * How many connections each address has, for people.
     * @param unused how many have carried no request yet, by address; they are in no pool
     */
    state(unused: ReadonlyMap<string, number>): PoolState {
      const state: PoolState = {}
      for (const each of all.values()) {
        const { address } = each.connection
        const counts = state[address] ?? { idle: 0, busy: 0 }
        counts[isIdle(each) ? 'idle' : 'busy']++
        state[address] = counts
      }
      for (const [address, count] of unused)
        state[address] = { idle: 0, busy: 0, ...state[address], unused: count }
      return state
    },
  }
}

function close(pooled: Pooled, how: 'destroy' | 'resetAndDestroy' = 'destroy') {
  const { socket } = pooled.connection
  pooled.idleSince = BUSY
  socket[how]()
  // or the next request could still get it: Node's agent forgets a destroyed socket with its `close` alone
  socket.emit('agentRemove')
}
