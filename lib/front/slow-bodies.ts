import type http from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

/** How long a client may let the front wait for its body. */
export type Patience = {
  /** in ms: between two reads, and for all that comes below the rate */
  readonly ms: number
  /** so many bytes make up for a second */
  readonly bytesPerSecond: number
}

const PATIENCE_MS = 60_000
const PATIENCE: Patience = { ms: PATIENCE_MS, bytesPerSecond: 1024 }
const MOST_TICK_MS = 1000

type Connection = { req: IncomingMessage | undefined; read: number; leftMs: number }

/**
 * Ends requests whose body comes too slowly, as Node's `requestTimeout` does: with `clientError` and its code. That one bounds
 * the whole, and so an upload by its size. Here a client has 60 s of waiting, which 1 KB buys a second of again and nothing
 * more than full: an upload may take hours, while a byte now and then ends after 60 s. While the backend or a page takes
 * nothing, nobody waits for the client.
 */
export function limitSlowBodies(server: http.Server, patience: Patience = PATIENCE): void {
  /** its table is made anew only as connections come and go, not with each request */
  const connections = new Map<Socket, Connection>()
  server.on('connection', (socket: Socket) => {
    connections.set(socket, { req: undefined, read: 0, leftMs: 0 })
    socket.once('close', () => connections.delete(socket))
  })
  const begin = (req: IncomingMessage) => {
    const connection = connections.get(req.socket)
    if (!connection) return
    connection.req = req
    connection.read = req.socket.bytesRead
    connection.leftMs = patience.ms
  }
  for (const event of ['request', 'checkContinue', 'checkExpectation']) server.on(event, begin)

  const tickMs = Math.min(MOST_TICK_MS, patience.ms / 10)
  let before = performance.now()
  const ticking = setInterval(() => {
    const now = performance.now()
    // an event loop that was blocked read nothing
    const ms = Math.min(now - before, 2 * tickMs)
    before = now
    for (const [socket, connection] of connections) {
      const { req } = connection
      if (!req || req.complete) continue
      const came = socket.bytesRead - connection.read
      connection.read = socket.bytesRead
      connection.leftMs += (came / patience.bytesPerSecond) * 1000 - (isAwaited(req) ? ms : 0)
      connection.leftMs = Math.min(connection.leftMs, patience.ms)
      if (connection.leftMs > 0) continue
      connection.req = undefined
      const error = Object.assign(new Error('body too slow'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
      server.emit('clientError', error, socket)
    }
  }, tickMs)
  ticking.unref()
  server.once('close', () => clearInterval(ticking))
}

/** Whether the next piece of a body is the client's turn: somebody reads it, has taken all, and has not paused it. */
const isAwaited = (req: IncomingMessage) =>
  req.listenerCount('data') + req.listenerCount('readable') > 0 && req.readableLength === 0 && !req.isPaused()
