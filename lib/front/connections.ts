import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { inTurn } from '../http/in-turns.ts'
import { joinChunks } from '../http/join-chunks.ts'
import { SAFE } from '../http/methods.ts'
import { type Exchange, judge, type OnOutcome } from '../observe/outcome.ts'
import { closeGracefully, refuseTunnel, refuseUnparsed } from './client-error.ts'
import { isHandedOver, readSerially } from './pipelining.ts'
import { serve } from './serve.ts'

/** What is known of a connection that is open. */
type Connection = {
  readonly socket: Socket
  /** what has been parsed and is not over, in its order; the first is in process, the others wait for their turn */
  readonly exchanges: Exchange[]
  /** reading goes on */
  readonly resume: () => void
  /** the one that was parsed last, until it is answered and whole: an idle connection shall keep no head of 64 KB in memory */
  last: Exchange | undefined
  /** bytes that were read when the last request was over, and when that was, on performance.now()'s clock */
  readTo: number
  idleSince: number
  /** an answer announces its end: what stands behind is never processed (RFC 9112 §9.6) */
  isClosing: boolean
  /** nothing more can be read from it */
  isRefused: boolean
}

export type Connections = ReturnType<typeof serveSerially>

/** Old browsers send a blank line behind a body; more than that is a head that is under way. */
const BLANK_LINE = 2

/**
 * Listens to all that a server says of its connections: of each one request at a time is in process, in their order, and what
 * cannot be parsed is refused in its turn.
 * @param handle begins with a request whose turn it is; whether its connection stays open is known when it returns
 */
export function serveSerially(
  server: Server,
  handle: (exchange: Exchange) => Promise<void> | void,
  onOutcome: OnOutcome,
) {
  // a Map of connections, not of requests: its table is made anew only as connections come and go (lib/proxy/attempt.ts)
  const connections = new Map<Duplex, Connection>()

  function take(req: IncomingMessage, res: ServerResponse) {
    // not `req.socket` from here on: a page in this process may take it off `req` (lib/pages/unread-body.ts)
    const { socket } = req
    const connection = connections.get(socket)
    if (!connection || connection.isClosing) return
    joinChunks(req, () => server.emit('clientError', new Error('a body in too many tiny chunks'), socket))
    const exchange: Exchange = { req, res, record: { route: 'refused' } }
    const { exchanges } = connection
    connection.last = exchange
    exchanges.push(exchange)
    const readTo = () => {
      connection.readTo = socket.bytesRead
      connection.idleSince = performance.now()
      if (connection.last === exchange && req.complete) connection.last = undefined
    }
    res.once('close', () => {
      exchanges.splice(exchanges.indexOf(exchange), 1)
      readTo()
      if (!req.complete) onceWhole(req, readTo)
      if (!res.shouldKeepAlive) connection.isClosing = true
      // in turns: clients with a thousand requests each do not keep the others waiting for all of them
      if (exchanges.length > 0) inTurn(() => goOn(socket, connection), 0)
    })
    if (exchanges.length === 1) start(exchange, connection)
  }

  function start(exchange: Exchange, connection: Connection) {
    exchange.record.readFrom = connection.readTo
    void serve(exchange, onOutcome, handle)
    if (!exchange.res.shouldKeepAlive) connection.isClosing = true
  }

  function goOn(socket: Socket, connection: Connection) {
    const [next] = connection.exchanges
    if (connection.isClosing || !next || !socket.writable) return
    start(next, connection)
    connection.resume()
  }

  server.on('connection', socket => {
    const exchanges: Exchange[] = []
    const connection: Connection = {
      socket,
      exchanges,
      last: undefined,
      readTo: 0,
      idleSince: 0,
      isClosing: false,
      isRefused: false,
      resume: readSerially(socket, {
        isFull: () => exchanges.length > 1,
        isRefused: () => connection.isRefused,
        framing() {
          const { req } = connection.last ?? {}
          if (req?.complete !== false) return undefined
          return req.headers['transfer-encoding'] === undefined ? 'length' : 'chunks'
        },
      }),
    }
    connections.set(socket, connection)
    const { destroySoon } = socket
    // Node's, behind the last answer: what a client has sent behind its last request is unread. What it sends after this meets a close, as with any server
    socket.destroySoon = () => {
      if (!connection.isRefused && socket.readableLength === 0) return Reflect.apply(destroySoon, socket, [])
      connection.isRefused = true
      closeGracefully(socket, '', connection.last?.req.complete === false)
    }
    socket.once('close', () => {
      connections.delete(socket)
      const { req } = connection.last ?? {}
      // Node no longer tells a request that has been answered
      if (req?.complete === false) req.destroy()
    })
    socket.once('end', () => {
      if (endsByFin(exchanges)) socket.destroy()
      // Node's parser lets a request end so that asked for an upgrade: its body would be waited for
      else if (connection.last?.req.complete === false)
        server.emit('clientError', new Error('ended before its body was whole'), socket)
    })
  })
  server.on('request', take)
  // an unknown expectation is no reason to refuse (RFC 9110 §10.1.1); Node's own 417 goes past `take`
  server.on('checkExpectation', take)
  server.on('checkContinue', (req, res) => {
    sayContinue(req, res)
    take(req, res)
  })
  server.on('clientError', (error, socket) => {
    const connection = connections.get(socket)
    // Node says it once more with everything that still comes
    if (!connection || connection.isRefused) return
    connection.isRefused = true
    const peer = 'remoteAddress' in socket ? String(socket.remoteAddress) : undefined
    const status = refuseUnparsed(error, socket, connection.last)
    if (status !== undefined)
      onOutcome(judge({ route: 'refused', peer, status, cause: error, ms: 0, bytes: 0 }))
  })
  server.on('connect', (req, socket) => {
    refuseTunnel(socket, connections.get(socket)?.last)
    onOutcome(judge({ route: 'refused', req, peer: req.socket.remoteAddress, status: 405, ms: 0, bytes: 0 }))
  })
  // Node would close without an answer; here `endsByFin` says what is given up
  Object.assign(server, { httpAllowHalfOpen: true })
  return {
    /** Whether nothing of a connection is in process or waits, and more may come. */
    isIdle(socket: Duplex): boolean {
      const connection = connections.get(socket)
      return connection !== undefined && connection.exchanges.length === 0 && !connection.isClosing
    },
    /**
     * Closes those that have had an answer, whole, and nothing since. Node's own goes by whether an answer has ended, and cuts off what of it is still to be sent.
     * @param leastMs of which nothing has come for so long
     */
    closeIdle(leastMs = 0) {
      const before = performance.now() - leastMs
      for (const { socket, exchanges, last, readTo, idleSince, isRefused } of connections.values()) {
        if (idleSince > before) continue
        const isAnswered = idleSince > 0 && !last && exchanges.length === 0 && socket.writableLength === 0
        // what is refused, or has announced its end, closes by itself; an upgrade is no request any more
        const isEnding = isRefused || !socket.writable || isHandedOver(socket)
        if (isAnswered && !isEnding && socket.bytesRead - readTo <= BLANK_LINE) socket.destroy()
      }
    },
    /** Whether a client waits for an answer that is not all written yet. */
    isWaiting: (socket: Duplex): boolean =>
      connections.get(socket)?.exchanges.some(({ res }) => !res.writableEnded) ?? false,
    /** Where nothing is read from a client that waits, its reset shows only by a write: here of nothing. */
    probeUnread() {
      for (const { socket, exchanges } of connections.values()) {
        const isWaiting = exchanges.some(({ res }) => !res.writableEnded)
        if (isWaiting && socket.isPaused() && socket.writable && socket.writableLength === 0) socket.write('')
      }
    },
    /** Those whose body is not whole yet, one of each connection at most. */
    receiving: () =>
      [...connections.values()].flatMap(({ socket, last, isRefused }) =>
        last && !last.req.complete && !isRefused ? { req: last.req, socket } : [],
      ),
    /** What is in process at the moment, one of each connection. */
    inProcess: () => [...connections.values()].flatMap(({ exchanges: [first] }) => first ?? []),
  }
}

/**
 * Whether a FIN of the client ends its connection at once. A browser that leaves a page sends one, and so does a client that has sent everything and
 * still reads (RFC 9293 §3.6). For a request that may change something the second case counts: the backend has executed it, so the client gets its
 * answer (docs/decisions/0008).
 * @param exchanges those under way on the connection; requests whose body is not complete are handled elsewhere
 */
function endsByFin(exchanges: readonly Exchange[]): boolean {
  // an answer that is all here is only to be sent
  const open = exchanges.filter(({ req, res }) => req.complete && !res.writableEnded)
  return open.length > 0 && open.every(({ req, res }) => res.headersSent || SAFE.has(req.method ?? ''))
}

/** Calls back when the last of a body has come, also where the request is destroyed by then, and has told its `close` (lib/pages/unread-body.ts). */
function onceWhole(req: IncomingMessage, whole: () => void) {
  const push = req.push.bind(req)
  req.push = (chunk: unknown) => {
    if (chunk === null) whole()
    return push(chunk)
  }
}

/**
 * A client that waits for 100 before it sends its body is told to go on when somebody begins to read that: what its head alone
 * decides, as 413 or 403, is said without (RFC 9110 §10.1.1). Node then ends the connection, since it is unknown whether the
 * body still comes.
 */
function sayContinue(req: IncomingMessage, res: ServerResponse) {
  const say = () => {
    if (!res.headersSent && res.socket) res.writeContinue()
  }
  req.once('resume', say)
  // for await reads without flowing
  req.on('newListener', event => {
    if (event === 'readable') say()
  })
}
