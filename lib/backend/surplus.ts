import type { Socket } from 'node:net'

/** Under a load that needs all connections, each is used again sooner. */
export const SURPLUS_MS = 250

/**
 * A server with a worker for each connection (Apache's prefork) serves no further one until an idle one has closed, which it does itself after 5 to 15 s.
 * So for as long as nothing has come over a new connection, those that nobody has used meanwhile are closed one after the other.
 * @param closeOne closes one that is idle for SURPLUS_MS, if there is any
 */
export function closeSurplus(waiting: Socket, closeOne: () => void) {
  setTimeout(() => {
    if (waiting.bytesRead > 0 || waiting.destroyed) return
    closeOne()
    closeSurplus(waiting, closeOne)
  }, SURPLUS_MS).unref()
}
