import type { Connection } from './connect.ts'
import { holdsReads } from './paced-reads.ts'

/** Beyond these, servers with few workers would be held up by connections over which nothing comes. */
const MOST_AT_AN_ADDRESS = 8
/** Shorter than the time that any server gives a connection for its first request. */
const UNUSED_MS = 5000
/** Demand is recent for so long: one more spare connection is kept for each request that could use it. */
const DEMAND_MS = 5000

type Options = {
  readonly dial: () => Promise<Connection>
  /** whether a request may go to the address */
  readonly isGood: (address: string) => boolean
  /** one was closed that nobody has taken */
  readonly onDrop: (address: string) => void
}

export type SpareConnections = ReturnType<typeof createSpareConnections>

/** Spare connections: they have carried no request yet, and are for requests that cannot be retried. */
export function createSpareConnections({ dial, isGood, onDrop }: Options) {
  /** the oldest first, and what lets go of each */
  const spares = new Map<Connection, () => void>()
  let dialling = 0
  let demandAt = Number.NEGATIVE_INFINITY
  let isClosed = false

  const count = (address: string) => [...spares.keys()].filter(each => each.address === address).length

  function add(connection: Connection) {
    const { socket } = connection
    // a 408 that nobody asked for, a close, or no demand
    const end = () => drop(connection)
    const timer = setTimeout(end, UNUSED_MS).unref()
    socket.on('data', end).once('end', end).once('close', end).once('error', end)
    spares.set(connection, () => {
      clearTimeout(timer)
      socket.off('data', end).off('end', end).off('close', end).off('error', end)
      spares.delete(connection)
    })
  }

  function drop(connection: Connection) {
    spares.get(connection)?.()
    connection.socket.on('error', () => {}).destroy()
    onDrop(connection.address)
  }

  function close(isOne: (address: string) => boolean): number {
    const closing = [...spares.keys()].filter(({ address }) => isOne(address))
    closing.forEach(drop)
    return closing.length
  }

  return {
    /**
     * A spare connection whose address is good: the oldest, for a server with one worker serves that one first.
     * @param mayUse whether the request may go there over a connection whose machine may be gone
     */
    take(mayUse: (address: string) => boolean): Connection | undefined {
      for (const [connection, leave] of spares) {
        const { socket, address } = connection
        if (socket.destroyed || socket.readableEnded || holdsReads(socket)) continue
        if (!isGood(address) || !mayUse(address)) continue
        leave()
        return { ...connection, wasSpare: true }
      }
      return undefined
    },
    /** A request has used one and its server keeps connections: from the second in a few seconds on, another spare is set up. */
    async replenish(address: string): Promise<void> {
      const now = performance.now()
      const isRecent = now - demandAt < DEMAND_MS
      demandAt = now
      if (!isRecent || isClosed || count(address) + dialling >= MOST_AT_AN_ADDRESS) return
      dialling++
      try {
        const connection = await dial()
        if (!isClosed && isGood(connection.address) && count(connection.address) < MOST_AT_AN_ADDRESS)
          add(connection)
        else connection.socket.on('error', () => {}).destroy()
      } catch {
        // the dialler has told; a request dials for itself
      } finally {
        dialling--
      }
    },
    /** @returns how many were closed */
    closeAt: (addresses: readonly string[]) => close(each => addresses.includes(each)),
    counts(): ReadonlyMap<string, number> {
      return new Map([...spares.keys()].map(({ address }) => [address, count(address)]))
    },
    destroy() {
      isClosed = true
      close(() => true)
    },
  }
}
