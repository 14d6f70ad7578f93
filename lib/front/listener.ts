import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import proxyAddr from 'proxy-addr'
import { GatewayError } from '../http/errors.ts'
import { isBackendPath } from '../http/paths.ts'
import type { Handler } from '../login/login.ts'
import { answerHealth } from '../observe/health.ts'
import type { Lifecycle } from '../observe/lifecycle.ts'
import { judge, noteFailure, type OnOutcome, type RequestRecord } from '../observe/outcome.ts'
import type { BeginSpans } from '../observe/spans.ts'
import type { Pages } from '../pages/open.ts'
import type { Config } from '../settings/settings.ts'
import { admit } from './admission.ts'
import { type Exchange, refuseTunnel, refuseUnparsed } from './client-error.ts'
import { endsByFin } from './leaving.ts'
import { serve } from './serve.ts'

/** The public ALB closes a connection that was idle for 60 s; were the front first, a request could cross its close. */
const KEEP_ALIVE_MS = 75_000
const HEADERS_MS = 15_000
const REQUEST_MS = 60_000
/** The silence of a page that is borne, and what may come before the backend's: dialling, and trying again. */
const PAGE_MS = 60_000
const SLACK_MS = 30_000
/** Node looks at these two only so often; its own 30 s would give a slow client three times as long. */
const CHECK_MS = 2_000
/** Next's own, below basePath or assetPrefix. */
const HOT_RELOADER = /^(\/[\w.~-]+)*\/_next\//
/** A bound for memory, far above what one task can serve. */
const MOST_CONNECTIONS = 8192
/**
 * Connections beyond it that get 503, but for health checks: a task that is full would be replaced as if it were ill. What
 * comes beyond these, too, is closed at once.
 */
const RESERVE = 128

type Parts = {
  readonly config: Config
  readonly lifecycle: Lifecycle
  readonly login: Handler
  readonly pages: Pages
  readonly onOutcome: OnOutcome
  readonly spans?: BeginSpans | undefined
}

/** The public listener. */
export type Listener = {
  readonly server: http.Server
  /** Closes every connection; a request under way counts as failed. */
  cutOff(): void
}

/** The public listener: admit, health, login, pages. It is not listening yet. */
export function createFront({ config, lifecycle, login, pages, onOutcome, spans }: Parts): Listener {
  const trust = proxyAddr.compile([...config.TRUSTED_PROXIES])
  const { upgrade } = pages
  /** connections whose end an answer announces */
  const closing = new WeakSet<Duplex>()
  /** those that nothing more can be read from */
  const unparsed = new WeakSet<Duplex>()
  /** of each connection that is open; its table is made anew only as connections come and go, not with each request (lib/proxy/attempt.ts) */
  const last = new Map<Duplex, Exchange>()
  /** of each such connection, in their order; several only where a client does not wait for the answer */
  const underWay = new WeakMap<Duplex, Exchange[]>()
  let open = 0
  /** connections that came when the front was full */
  const reserved = new WeakSet<Duplex>()
  const mostServed = () => server.maxConnections - RESERVE
  const options = {
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: HEADERS_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: CHECK_MS,
    // or Node itself would answer, past what is kept here of a connection; admission looks at Host
    requireHostHeader: false,
    // what is not upgraded is taken for the plain request that it also is (RFC 9110 §7.8)
    shouldUpgradeCallback: (req: IncomingMessage) =>
      upgrade !== undefined && HOT_RELOADER.test(req.url ?? ''),
  }

  function route(req: IncomingMessage, res: ServerResponse, record: RequestRecord): Promise<void> | void {
    const { upgrade, connection = '' } = req.headers
    // Node loses what comes right behind a request that asks for an upgrade, and in HTTP/1.0 goes by keep-alive alone
    const ends = upgrade !== undefined || /(^|,)\s*close\s*(,|$)/i.test(connection)
    const isFull = reserved.has(req.socket) && open > mostServed()
    if (lifecycle.phase === 'stopping' || ends || isFull) res.shouldKeepAlive = false
    record.client = admit(req, trust)
    // RFC 6797 §7.2: not over plain http. An answer that has one of the app's own keeps that
    if (config.HSTS !== '' && req.headers['x-forwarded-proto'] === 'https')
      res.setHeader('Strict-Transport-Security', config.HSTS)
    if (answerHealth(req, res, lifecycle)) {
      record.route = 'health'
      return
    }
    if (isFull) {
      lifecycle.turnedAway++
      throw new GatewayError('FULL')
    }
    if (spans) record.spans = spans(req)
    if (isBackendPath(req.url ?? '', config.BACKEND_PATHS)) {
      return login(req, res, record)
    }
    record.route = 'page'
    res.setHeader('X-Request-Id', String(req.headers['x-request-id']))
    pages.handle(req, res, record)
  }

  function take(req: IncomingMessage, res: ServerResponse) {
    // RFC 9112 §9.6: never processed, for its answer could not be sent
    if (closing.has(req.socket)) return
    const record: RequestRecord = { route: 'refused' }
    const exchange = { req, res, record }
    const exchanges = underWay.get(req.socket)
    last.set(req.socket, exchange)
    exchanges?.push(exchange)
    res.once('close', () => exchanges?.splice(exchanges.indexOf(exchange), 1))
    void serve(req, res, record, onOutcome, () => route(req, res, record))
    if (!res.shouldKeepAlive) closing.add(req.socket)
  }

  const server = http.createServer(options, take)
  server.on('connection', socket => {
    open++
    if (open > mostServed()) reserved.add(socket)
    const exchanges: Exchange[] = []
    underWay.set(socket, exchanges)
    socket.once('close', () => {
      open--
      const req = last.get(socket)?.req
      last.delete(socket)
      // Node no longer tells a request that has been answered
      if (req?.complete === false) req.destroy()
    })
    socket.once('end', () => {
      if (endsByFin(exchanges)) socket.destroy()
      // Node's parser lets a request end so that asked for an upgrade: its body would be waited for
      else if (last.get(socket)?.req.complete === false)
        server.emit('clientError', new Error('ended before its body was whole'), socket)
    })
  })
  // an expectation that nobody knows is no reason to refuse (RFC 9110 §10.1.1); Node's own 417 goes past `take`
  server.on('checkExpectation', take)
  server.on('checkContinue', (req, res) => {
    sayContinue(res)
    take(req, res)
  })
  server.on('clientError', (error, socket) => {
    // Node says it once more with everything that still comes
    if (unparsed.has(socket)) return
    unparsed.add(socket)
    const peer = socket instanceof Socket ? socket.remoteAddress : undefined
    const status = refuseUnparsed(error, socket, last.get(socket))
    if (status !== undefined) onOutcome(judge({ route: 'refused', peer, status, ms: 0, bytes: 0 }))
  })
  server.on('connect', (req, socket) => {
    refuseTunnel(socket, last.get(socket))
    onOutcome(judge({ route: 'refused', req, peer: req.socket.remoteAddress, status: 405, ms: 0, bytes: 0 }))
  })
  server.maxConnections = MOST_CONNECTIONS + RESERVE
  server.on('drop', () => lifecycle.turnedAway++)
  // a client that reads nothing; whoever waits for the backend or a page has been answered by then
  server.timeout = Math.max(config.BACKEND_TIMEOUT, PAGE_MS) + SLACK_MS
  // Node would close without an answer; here ./leaving.ts says what is given up
  Object.assign(server, { httpAllowHalfOpen: true })
  if (upgrade) server.on('upgrade', upgrade)
  return {
    server,
    cutOff() {
      for (const { res, record } of last.values())
        if (!res.destroyed && !res.writableFinished) noteCutOff(record)
      server.closeAllConnections()
    },
  }
}

/**
 * A request behind another one is told to go on when its turn has come, and is the last of its connection. Node would
 * queue the 100 at once, but then puts the head of the answer before it (`_send` unshifts): it stood in the middle of
 * that answer. An answer without a 100 ends the connection, for nobody knows whether the body still comes.
 */
function sayContinue(res: ServerResponse) {
  if (res.socket) return res.writeContinue()
  res.shouldKeepAlive = false
  res.once('socket', () => {
    if (!res.headersSent) res.writeContinue()
  })
}

/** Its client did not leave: whoever looks at the figures of a deployment must see that it failed. */
function noteCutOff(record: RequestRecord) {
  const code = record.route === 'login' ? 'BACKEND_BROKE_OFF' : 'PAGE_BROKE_OFF'
  noteFailure(record, new GatewayError(code, new Error('cut off at the end of the front')))
}
