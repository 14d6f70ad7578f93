import http, { type IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { abortResponse } from '../http/error-answer.ts'
import { GatewayError } from '../http/errors.ts'
import { hasOption } from '../http/headers.ts'
import type { Log } from '../log.ts'
import { allowedOrigin, refuseForeignSocket } from '../login/cross-site.ts'
import { findFor, type Handler } from '../login/login.ts'
import { type Bound, noteExceeded } from '../observe/bounds.ts'
import { answerHealth } from '../observe/health.ts'
import type { Lifecycle } from '../observe/lifecycle.ts'
import {
  type Exchange,
  isToBackend,
  noteFailure,
  type OnOutcome,
  type RequestRecord,
} from '../observe/outcome.ts'
import type { BeginSpans } from '../observe/spans.ts'
import type { Pages } from '../pages/pages.ts'
import { isHandshake } from '../proxy/handshake.ts'
import type { Upgrade } from '../proxy/upgrade.ts'
import type { FindRoute, Found } from '../routes/table.ts'
import { availableMemory } from '../settings/memory.ts'
import type { Config } from '../settings/settings.ts'
import { admit } from './admission.ts'
import { answerOver } from './answer-over.ts'
import { trustOf } from './client.ts'
import { takeAddressBy } from './client-address.ts'
import { serveSerially } from './connections.ts'
import { RESERVE } from './descriptors.ts'
import { headSizeAt } from './head-size.ts'
import { findPublicIn } from './public-origin.ts'
import { serve } from './serve.ts'
import { HEADERS_MS, limitSlowBodies, STALLED_MS } from './slow-clients.ts'

/** Node looks at it only so often; its own 30 s would give a slow client three times as long. */
const CHECK_MS = 2_000
/** Next's own, below basePath or assetPrefix. */
const HOT_RELOADER = /^(\/[\w.~-]+)*\/_next\//

type Parts = {
  readonly config: Config
  readonly log: Log
  readonly lifecycle: Lifecycle
  readonly open: Bound
  readonly find: FindRoute
  /** what a route takes */
  readonly api: Handler
  /** what `api` routes do with WebSockets */
  readonly upgrade: Upgrade
  readonly pages: Pages
  readonly onOutcome: OnOutcome
  readonly spans?: BeginSpans | undefined
}

export type Listener = ReturnType<typeof createListener>

/** The public listener: admit, health, then the route's own: login, api or pages. It is not listening yet. */
export function createListener(parts: Parts) {
  const { config, log, lifecycle, open, find, api, upgrade, pages, onOutcome, spans } = parts
  const admission = {
    trust: trustOf(config.TRUSTED_PROXIES),
    findPublic: findPublicIn(config.PUBLIC_ORIGIN),
    takeAddress: takeAddressBy(config, log),
  }
  const memory = availableMemory()
  /** connections that are a WebSocket's, or would be one */
  const tunnels = new Map<Duplex, Exchange>()
  /** connections that came when the front was full */
  const reserved = new WeakSet<Socket>()
  const options = {
    keepAliveTimeout: config.KEEP_ALIVE_TIMEOUT,
    maxHeaderSize: config.MAX_HEADER,
    // finds clients that are gone without a word, while a page takes its time
    keepAlive: true,
    keepAliveInitialDelay: config.KEEP_ALIVE_TIMEOUT,
    headersTimeout: HEADERS_MS,
    // by ./slow-clients.ts
    requestTimeout: 0,
    connectionsCheckingInterval: CHECK_MS,
    // or Node itself would answer, past what is kept here of a connection; admission looks at Host
    requireHostHeader: false,
    // what is not upgraded is taken for the plain request that it also is (RFC 9110 §7.8)
    shouldUpgradeCallback: (req: IncomingMessage) => isForHotReloader(req) || isForTunnel(req),
  }

  const isForHotReloader = ({ url = '' }: IncomingMessage) =>
    pages.hotReloader !== undefined && HOT_RELOADER.test(url)

  /** Node hands an upgrade over at once, so one behind a request that is not answered yet is no more than a plain request. */
  function isForTunnel(req: IncomingMessage): boolean {
    if (!isHandshake(req) || !connections.isIdle(req.socket)) return false
    try {
      const found = findFor(req, find)
      if (found) return found.route.upgrade
      // before admission an absolute form may be any route's
      return pages.upgrade !== undefined && req.url?.startsWith('/') === true
    } catch {
      // refused as the plain request that it also is
      return false
    }
  }

  const isFull = ({ socket }: IncomingMessage) => reserved.has(socket) && open.now > open.most

  function turnAway(): never {
    noteExceeded(open)
    throw new GatewayError('FULL')
  }

  /** What every request begins with. @returns whether it was a health check, which is answered by then */
  function admitOrAnswerHealth({ req, res, record }: Exchange): boolean {
    record.readableBy = allowedOrigin(req, config)
    const { client, isSecure } = admit(req, admission)
    record.client = client
    // RFC 6797 §7.2: not over plain http. An answer that has one of the app's own keeps that
    if (config.HSTS !== '' && isSecure) res.setHeader('Strict-Transport-Security', config.HSTS)
    if (answerHealth(req, res, lifecycle, config.HEALTH_PREFIX)) {
      record.route = 'health'
      return true
    }
    if (isFull(req)) turnAway()
    if (spans) record.spans = spans(req)
    return false
  }

  function findRoute({ req, record }: Exchange): Found | undefined {
    const found = findFor(req, find)
    if (found) record.ofRoute = found.route.responseHeaders
    return found
  }

  function route(exchange: Exchange): Promise<void> | void {
    const { req, res, record } = exchange
    const { upgrade, connection = '' } = req.headers
    // Node loses what comes right behind a request that asks for an upgrade; it goes by Proxy-Connection, too, and in HTTP/1.0 by keep-alive alone
    const isKept = req.httpVersion === '1.1' || hasOption(connection, 'keep-alive')
    const ends = upgrade !== undefined || !isKept || hasOption(connection, 'close')
    if (lifecycle.phase === 'stopping' || ends || isFull(req)) res.shouldKeepAlive = false
    if (admitOrAnswerHealth(exchange)) return
    const found = findRoute(exchange)
    if (found) return api(req, res, record, found)
    record.route = 'page'
    pages.handle(req, res, record)
  }

  /** A function of its own: its listeners stay for as long as the connection is open, and would keep the handshake's headers in memory. */
  function follow(socket: Socket, exchange: Exchange) {
    tunnels.set(socket, exchange)
    // Node takes its own off
    socket.on('timeout', () => server.emit('timeout', socket))
    socket.once('close', () => tunnels.delete(socket)).on('error', () => socket.destroy())
  }

  function takeUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer) {
    if (!(socket instanceof Socket)) return void socket.destroy()
    const exchange: Exchange = { req, res: answerOver(socket, req), record: { route: 'refused' } }
    follow(socket, exchange)
    void serve(exchange, onOutcome, () => {
      if (admitOrAnswerHealth(exchange)) return
      // half of the connections is left to logins and pages
      if (tunnels.size > open.most / 2) turnAway()
      const { res, record } = exchange
      const found = findRoute(exchange)
      if (found?.route.upgrade) {
        refuseForeignSocket(req, config)
        return upgrade(req, { socket, head, res }, record, found)
      }
      // a page's WebSocket goes to another server, which looks at Origin, as under `next start`
      if (found || !pages.upgrade) throw new GatewayError('BAD_REQUEST', 'no WebSocket is taken here')
      record.route = 'page'
      return pages.upgrade(req, { socket, head, res }, record)
    })
  }

  const server = http.createServer(options)
  const connections = serveSerially(server, route, onOutcome)
  limitSlowBodies(server, connections)
  server.on('connection', socket => {
    open.now++
    // for the next that comes: Node has made this one's parser
    Object.assign(server, { maxHeaderSize: headSizeAt(open.now + 1, config.MAX_HEADER, memory) })
    if (open.now > open.most) reserved.add(socket)
    socket.once('close', () => open.now--)
  })
  server.maxConnections = open.most + RESERVE
  server.on('drop', () => noteExceeded(open))
  server.timeout = STALLED_MS
  // whoever waits for a page or the backend, which have bounds of their own, stays
  server.on('timeout', socket => {
    const isWaiting = connections.isWaiting(socket) || tunnels.get(socket)?.res.writableEnded === false
    if (isWaiting && socket.writableLength === 0) socket.setTimeout(server.timeout)
    else socket.destroy()
  })
  server.on('upgrade', (req, socket, head) => {
    if (isForHotReloader(req)) pages.hotReloader?.(req, socket, head)
    else takeUpgrade(req, socket, head)
  })
  return {
    server,
    connections,
    /** Closes every connection; a request under way counts as failed. */
    closeAllConnections() {
      for (const { res, record } of [...connections.inProcess(), ...tunnels.values()]) {
        if (res.destroyed || res.writableFinished) continue
        noteAborted(record)
        abortResponse(res)
      }
      server.closeAllConnections()
      for (const socket of tunnels.keys()) socket.destroy()
    },
  }
}

/** Its client did not leave: whoever looks at the figures of a deployment must see that it failed. */
function noteAborted(record: RequestRecord) {
  const code = isToBackend(record.route) ? 'BACKEND_BROKE_OFF' : 'PAGE_BROKE_OFF'
  noteFailure(record, new GatewayError(code, new Error('cut off: Gatehouse stopped')))
}
