import type http from 'node:http'
import type { Duplex } from 'node:stream'
import type { Expectations } from './expectation.ts'
import type { Pooled } from './pooled.ts'
import type { Silence } from './silence.ts'

/**
 * Over which connection a request goes. `any`: one of the pool, or a new one. `asked`: one of the pool at an address
 * that has proven that it says 100 before it routes, or one that answered a moment ago where it has refused instead, else as `unused`. `unused`: one that has carried no request, which no
 * backend is closing for being idle. `dialled`: the same, set up now, so that somebody is behind it.
 */
export type Way = 'any' | 'asked' | 'unused' | 'dialled'

/** So many dials at once are enough to find out whether an address is there. */
const MOST_DIALS = 8

/** Shorter than after which any server closes an idle connection: gunicorn's 2 s are the shortest. */
const FRESH_MS = 1000

/** What is known of the connections of a pool, and of their addresses. */
type Known = {
  readonly of: (socket: Duplex) => Pooled | undefined
  readonly silence: Silence
  readonly expectations: Expectations
}

/**
 * The idle connection that was used last, at an address that is not silent; it becomes the last of `idle`, from where
 * Node's agent takes the next one. With many dials under way a request that is asked first, and so loses nothing, takes one at a silent
 * address all the same: where everything is slow, a dial for each request would make it slower.
 * @param dials that are under way
 * @returns undefined where this way has none, and for the ways that want a connection without a request before
 */
export function chooseIdle(way: Way, idle: http.Agent['freeSockets'], pool: Known, dials: number) {
  if (way === 'unused' || way === 'dialled') return undefined
  const { of, silence, expectations } = pool
  const mayBeSilent = way === 'asked' && dials >= MOST_DIALS
  for (const sockets of Object.values(idle)) {
    for (let i = (sockets?.length ?? 0) - 1; i >= 0; i--) {
      const socket = sockets?.[i]
      const pooled = socket && of(socket)
      // Node's agent would hand it out until its `close` (nodejs/node#47130)
      if (!pooled || socket.destroyed || socket.readableEnded) continue
      const { address } = pooled.connection
      if (silence.isSilent(address) && !mayBeSilent) continue
      if (way === 'asked') expectations.want(address)
      if (way === 'asked' && !expectations.isProven(address)) {
        const isFresh = performance.now() - pooled.idleSince < FRESH_MS
        if (!expectations.isRefused(address) || !isFresh) continue
      }
      sockets?.splice(i, 1)
      sockets?.push(socket)
      return socket
    }
  }
  return undefined
}
