import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import proxyAddr from 'proxy-addr'
import { answerError } from '../answer.ts'
import type { Config } from '../config.ts'
import { GatewayError } from '../errors.ts'
import type { Life } from '../life.ts'
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
  const limits = { keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS }

  function route(req: IncomingMessage, res: ServerResponse) {
    if (life.phase === 'stopping') res.shouldKeepAlive = false
    admit(req, trust)
    if (answerHealth(req, res, life)) return
    if (isBackendPath(req.url ?? '', config.BACKEND_PATHS)) return login(req, res)
    res.setHeader('X-Request-Id', String(req.headers['x-request-id']))
    pages.handle(req, res)
  }

  const server = http.createServer(limits, (req, res) => {
    try {
      route(req, res)
    } catch (error) {
      answerError(req, res, error instanceof GatewayError ? error : new GatewayError('INTERNAL', error))
    }
  })

  // Without a listener Node takes an upgrade for the plain request that it also is (RFC 9110 §7.8)
  const { upgrade } = pages
  if (upgrade) {
    server.on('upgrade', (req, socket, head) => {
      if (req.url?.startsWith('/_next/')) upgrade(req, socket, head)
      else socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    })
  }
  return server
}
