import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { createProxyMiddleware, type Plugin } from 'http-proxy-middleware'
import { answerError } from '../answer.ts'
import type { BackendAgent } from '../backend/agent.ts'
import type { Config } from '../config.ts'
import { ERRORS, GatewayError, inWords } from '../errors.ts'
import type { Log } from '../log.ts'
import { count, type Tally } from '../tally.ts'
import { takeBody } from './body.ts'
import { sendHead } from './response.ts'

type Parts = {
  readonly config: Config
  readonly agent: BackendAgent
  readonly tally: Tally
  readonly log: Log
}

/** One request on its way to the backend. */
type Exchange = { body?: Readable; address?: string; failure?: GatewayError }

/** Sends an admitted request to the backend and its answer back. Whatever goes wrong is answered, never thrown. */
export type BackendProxy = (req: IncomingMessage, res: ServerResponse) => void

/**
 * http-proxy-middleware over the pool, with its default plugins ejected: they answer with Host and URL, and take a
 * reset for a timeout. What is between the two sockets is `passOn` and `fail` below.
 */
export function createProxy({ config, agent, tally, log }: Parts): BackendProxy {
  const exchanges = new WeakMap<IncomingMessage, Exchange>()
  const target = config.BACKEND_ORIGIN

  function onSocket(proxyReq: ClientRequest, req: IncomingMessage, res: ServerResponse) {
    const exchange = exchanges.get(req)
    if (!exchange) return
    const address = agent.connectionOf(proxyReq.socket)?.address
    if (address !== undefined) exchange.address = address
    proxyReq.setTimeout(config.BACKEND_TIMEOUT, () => proxyReq.destroy(new GatewayError('BACKEND_TIMEOUT')))
    // nobody asked for another protocol; without a listener the client would wait for ever
    proxyReq.once('upgrade', (_answer, socket) => {
      socket.destroy()
      fail(req, res, new GatewayError('BACKEND_BAD_ANSWER', new Error('101 that nobody asked for')))
    })
    const { body } = exchange
    if (body?.errored) proxyReq.destroy(body.errored)
    else body?.once('error', error => proxyReq.destroy(error))
  }

  function passOn(proxyRes: IncomingMessage, req: IncomingMessage, res: ServerResponse) {
    if (res.headersSent || res.destroyed) {
      proxyRes.destroy()
      return
    }
    try {
      sendHead(proxyRes, res, String(req.headers['x-request-id']), target)
    } catch (error) {
      proxyRes.destroy()
      fail(req, res, new GatewayError('BACKEND_BAD_ANSWER', error))
    }
  }

  function fail(req: IncomingMessage, res: ServerResponse, error: unknown) {
    const exchange = exchanges.get(req)
    if (!exchange || exchange.failure || res.writableFinished) return
    exchange.failure = error instanceof GatewayError ? error : new GatewayError(classify(error), error)
    if (req.socket.destroyed) return
    answerError(req, res, exchange.failure)
  }

  const plugin: Plugin<IncomingMessage, ServerResponse> = proxy => {
    proxy.on('proxyReq', onSocket)
    proxy.on('proxyRes', passOn)
    proxy.on('error', (error, req, res) => {
      if (req && res && 'writeHead' in res) fail(req, res, error)
    })
  }

  const middleware = createProxyMiddleware<IncomingMessage, ServerResponse>({
    target,
    agent,
    changeOrigin: true,
    ejectPlugins: true,
    plugins: [plugin],
    // the one hook that may set options of a single request
    router: (req, _res, options) => {
      const body = exchanges.get(req)?.body
      if (body) options.buffer = body
      return target
    },
  })

  function close(req: IncomingMessage, res: ServerResponse, { failure, address }: Exchange) {
    if (!failure) {
      if (res.writableFinished) count(tally.answered, res.statusCode)
      else tally.gone++
      return
    }
    count(tally.failed, failure.code)
    const level = ERRORS[failure.code].status < 500 ? 'info' : 'warn'
    const id = req.headers['x-request-id']
    const cause = failure.cause === undefined ? undefined : inWords(failure.cause)
    log[level](
      { id, method: req.method, code: failure.code, address, cause },
      'request to the backend failed',
    )
  }

  return async (req, res) => {
    const exchange: Exchange = {}
    exchanges.set(req, exchange)
    res.once('close', () => close(req, res, exchange))
    try {
      const body = await takeBody(req, config.MAX_BODY)
      if (body) exchange.body = body
      await middleware(req, res, error => fail(req, res, error ?? new Error('not proxied')))
    } catch (error) {
      fail(req, res, error)
    }
  }
}

/** The table's entry for an error of the connection to the backend after it was set up. */
function classify(error: unknown): 'BACKEND_BAD_ANSWER' | 'BACKEND_BROKE_OFF' | 'INTERNAL' {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code.startsWith('HPE_')) return 'BACKEND_BAD_ANSWER'
  return code.startsWith('ERR_') ? 'INTERNAL' : 'BACKEND_BROKE_OFF'
}
