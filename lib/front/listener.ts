import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import proxyAddr from 'proxy-addr'
import { answerError } from '../answer.ts'
import type { Config } from '../config.ts'
import { GatewayError } from '../errors.ts'
import type { Life } from '../life.ts'
import { refuseCrossSite } from '../login/cross-site.ts'
import { isBackendPath } from '../login/paths.ts'
import type { BackendProxy } from '../login/proxy.ts'
import { answerHealth } from '../ops/health.ts'
import type { Pages } from '../pages/in-process.ts'
import { admit } from './admission.ts'

/** The public ALB closes a connection that was idle for 60 s; were the front first, a request could cross its close. */
const KEEP_ALIVE_MS = 75_000
const HEADERS_MS = 15_000
const REQUEST_MS = 120_000

type Parts = {
  readonly config: Config
  readonly life: Life
  readonly login: BackendProxy
  readonly pages: Pages
}

/** The public listener: admit, health, login, pages. It is not listening yet. */
export function createFront({ config, life, login, pages }: Parts): http.Server {
  const trust = proxyAddr.compile([...config.TRUSTED_PROXIES])
  const { upgrade } = pages
  const options = {
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: HEADERS_MS,
    requestTimeout: REQUEST_MS,
    // what is not upgraded is taken for the plain request that it also is (RFC 9110 §7.8)
    shouldUpgradeCallback: (req: IncomingMessage) =>
      upgrade !== undefined && /^\/_next\//.test(req.url ?? ''),
  }

  function route(req: IncomingMessage, res: ServerResponse) {
    if (life.phase === 'stopping') res.shouldKeepAlive = false
    admit(req, trust)
    if (answerHealth(req, res, life)) return
    if (isBackendPath(req.url ?? '', config.BACKEND_PATHS)) {
      refuseCrossSite(req, config.ALLOWED_ORIGINS)
      return login(req, res)
    }
    res.setHeader('X-Request-Id', String(req.headers['x-request-id']))
    pages.handle(req, res)
  }

  const server = http.createServer(options, (req, res) => {
    try {
      route(req, res)
    } catch (error) {
      answerError(req, res, error instanceof GatewayError ? error : new GatewayError('INTERNAL', error))
    }
  })
  if (upgrade) server.on('upgrade', upgrade)
  return server
}
