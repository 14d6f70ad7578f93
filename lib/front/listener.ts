import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import proxyAddr from 'proxy-addr'
import { GatewayError } from '../http/errors.ts'
import { isBackendPath } from '../http/paths.ts'
import { allowedOrigin } from '../login/cross-site.ts'
import type { Handler } from '../login/login.ts'
import { answerHealth } from '../observe/health.ts'
import type { Lifecycle } from '../observe/lifecycle.ts'
import { noteFailure, type OnOutcome, type RequestRecord } from '../observe/outcome.ts'
import type { BeginSpans } from '../observe/spans.ts'
import type { Pages } from '../pages/open.ts'
import { availableMemory } from '../settings/page-share.ts'
import type { Config } from '../settings/settings.ts'
import { admit } from './admission.ts'
import { takeAddressBy } from './client-address.ts'
import { serveInTurn } from './connections.ts'
import { RESERVE } from './descriptors.ts'
import { headSizeAt } from './head-size.ts'
import { findPublicIn } from './public-origin.ts'
import { serve } from './serve.ts'
import { limitSlowBodies } from './slow-bodies.ts'

const HEADERS_MS = 15_000
/** The silence of a page that is borne, and what may come before the backend's: dialling, and trying again. */
const PAGE_MS = 60_000
const SLACK_MS = 30_000
/** Node looks at it only so often; its own 30 s would give a slow client three times as long. */
const CHECK_MS = 2_000
/** Next's own, below basePath or assetPrefix. */
const HOT_RELOADER = /^(\/[\w.~-]+)*\/_next\//

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
  const believed = {
    trust: proxyAddr.compile([...config.TRUSTED_PROXIES]),
    findPublic: findPublicIn(config.PUBLIC_ORIGIN),
    takeAddress: takeAddressBy(config),
  }
  const { upgrade } = pages
  const { connections: open } = lifecycle
  const memory = availableMemory()
  /** connections that came when the front was full */
  const reserved = new WeakSet<Socket>()
  const options = {
    keepAliveTimeout: config.KEEP_ALIVE_TIMEOUT,
    maxHeaderSize: config.MAX_HEADER,
    headersTimeout: HEADERS_MS,
    // by ./slow-bodies.ts
    requestTimeout: 0,
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
    const isFull = reserved.has(req.socket) && open.now > open.most
    record.readableBy = allowedOrigin(req, config.ALLOWED_ORIGINS)
    if (lifecycle.phase === 'stopping' || ends || isFull) res.shouldKeepAlive = false
    record.client = admit(req, believed)
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

  const server = http.createServer(options)
  limitSlowBodies(server)
  const connections = serveInTurn(server, {
    begin: ({ req, res, record }) => void serve(req, res, record, onOutcome, () => route(req, res, record)),
    onOutcome,
  })
  server.on('connection', socket => {
    open.now++
    // for the next that comes: Node has made this one's parser
    Object.assign(server, { maxHeaderSize: headSizeAt(open.now + 1, config.MAX_HEADER, memory) })
    if (open.now > open.most) reserved.add(socket)
    socket.once('close', () => open.now--)
  })
  server.maxConnections = open.most + RESERVE
  server.on('drop', () => lifecycle.turnedAway++)
  // a client that reads nothing; whoever waits for the backend or a page has been answered by then
  server.timeout = Math.max(config.BACKEND_TIMEOUT, PAGE_MS) + SLACK_MS
  if (upgrade) server.on('upgrade', upgrade)
  return {
    server,
    cutOff() {
      for (const { res, record } of connections.inProcess())
        if (!res.destroyed && !res.writableFinished) noteCutOff(record)
      server.closeAllConnections()
    },
  }
}

/** Its client did not leave: whoever looks at the figures of a deployment must see that it failed. */
function noteCutOff(record: RequestRecord) {
  const code = record.route === 'login' ? 'BACKEND_BROKE_OFF' : 'PAGE_BROKE_OFF'
  noteFailure(record, new GatewayError(code, new Error('cut off at the end of the front')))
}
