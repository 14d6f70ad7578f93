import { readFileSync } from 'node:fs'

/** A bound for memory, far above what one task can serve. */
const MOST_CONNECTIONS = 8192
/**
 * Connections beyond the bound that get 503, but for health checks: a task that is full would be replaced as if it were ill. What
 * comes beyond these, too, is closed at once.
 */
export const RESERVE = 128
/** What else is open: listeners, log, DNS, page workers, and the pool's spare connections. */
const OWN = 64

/**
 * How many clients may be connected: each may need a second descriptor, for the backend or a page worker. Calls of pages
 * (./open.ts) need two each as well, out of the reserve.
 * @param limit descriptors that this process may have
 */
export const mostConnections = (limit = ownLimit()): number =>
  Math.max(Math.min(Math.floor((limit - RESERVE - OWN) / 2), MOST_CONNECTIONS), 1)

/** The soft limit, which Node raises to the hard one at its start; where there is no /proc, nothing is known. */
function ownLimit(): number {
  try {
    const [, soft] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
