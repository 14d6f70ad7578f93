import type { Socket } from 'node:net'

/** Under a load that needs all connections, each is used again sooner. */
export const SURPLUS_MS = 250

/**
 * A server with a worker for each connection (Apache's prefork) serves no further one until an idle one has closed, which it does itself after 5 to 15 s.
 * So while nothing has come over a new connection, one that nobody has used meanwhile is closed, and more of them at growing pauses: an answer
 * that takes its time (a long poll) closes four in its first minute.
 * @param closeOne closes one that is idle for SURPLUS_MS. @returns whether there was one
 */
export function closeSurplus(waiting: Socket, closeOne: () => boolean, pauseMs = SURPLUS_MS) {
  setTimeout(() => {
    if (waiting.bytesRead > 0 || waiting.destroyed) return
    closeSurplus(waiting, closeOne, closeOne() ? 4 * pauseMs : pauseMs)
  }, pauseMs).unref()
}
