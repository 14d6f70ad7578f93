import type http from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { Connections } from './connections.ts'

/** For the head of a request. */
export const HEADERS_MS = 15_000
/** Between two reads of a body, and for all that comes below the rate: so many bytes make up for a second. */
export const PATIENCE_MS = 60_000
const PATIENCE = { ms: PATIENCE_MS, bytesPerSecond: 1024 }
/** A connection on which nothing moves for so long, while there is something to send, has a client that reads no more. */
export const STALLED_MS = 90_000
const MOST_TICK_MS = 1000

/**
 * Ends requests whose body comes too slowly, in the way of Node's `requestTimeout`: by `clientError` with its code. Node limits the whole time, and so
 * the size of an upload. Here a client may let us wait for 60 s in all, and each KB that arrives gives one second back, up to 60: an upload may take
 * hours, and one byte now and then ends after 60 s. The time during which the backend or a page takes nothing does not count;
 * whether the client is still there is looked at then.
 */
export function limitSlowBodies(
  server: http.Server,
  connections: Pick<Connections, 'receiving' | 'probeUnread'>,
  patience = PATIENCE,
): void {
  /** what each request had at the last tick: one that is whole before the next is never looked at */
  let before = new Map<IncomingMessage, { readonly read: number; readonly leftMs: number }>()
  const tickMs = Math.min(MOST_TICK_MS, patience.ms / 10)
  let tickedAt = performance.now()
  const ticking = setInterval(() => {
    const now = performance.now()
    // an event loop that was blocked read nothing
    const ms = Math.min(now - tickedAt, 2 * tickMs)
    tickedAt = now
    connections.probeUnread()
    const after: typeof before = new Map()
    for (const { req, socket } of connections.receiving()) {
      const { bytesRead: read } = socket
      const last = before.get(req) ?? { read, leftMs: patience.ms }
      const gainedMs = ((read - last.read) / patience.bytesPerSecond) * 1000
      const leftMs = Math.min(last.leftMs + gainedMs - (isAwaited(req) ? ms : 0), patience.ms)
      after.set(req, { read, leftMs })
      if (leftMs > 0) continue
      const error = Object.assign(new Error('body too slow'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
      server.emit('clientError', error, socket)
    }
    before = after
  }, tickMs)
  ticking.unref()
  server.once('close', () => clearInterval(ticking))
}

/**
 * Whether the next piece of a body is the client's turn: somebody reads it, has taken all, and has not paused it. What is read for nobody
 * flows without a listener, behind an answer; or the request is destroyed, and its connection is not.
 */
const isAwaited = (req: IncomingMessage) =>
  req.destroyed ||
  (req.readableLength === 0 && (req.readableFlowing === true || req.listenerCount('readable') > 0))
