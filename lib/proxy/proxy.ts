import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import { createProxyMiddleware, type Plugin } from 'http-proxy-middleware'
import type { BackendAgent } from '../backend/agent.ts'
import { answerError } from '../http/error-answer.ts'
import { ERRORS, GatewayError, inWords } from '../http/errors.ts'
import type { Log } from '../log.ts'
import type { LoginLimit } from '../login/limits/limit.ts'
import { noteFailure, type Trace } from '../observe/outcome.ts'
import { count, type Tally } from '../observe/tally.ts'
import type { Config } from '../settings/settings.ts'
import { held, takeBody } from './body.ts'
import { EXCHANGE, type Exchange } from './exchange.ts'
import { askFirst, isAskable } from './expect.ts'
import { type Attempt, isUnexecuted, MOST_TRIES, mayBeSentAgain, type Way, wayOf } from './proof.ts'
import { sendHead } from './response.ts'
import { endSilence } from './timeout.ts'

type Parts = {
  readonly config: Config
  readonly agent: BackendAgent
  readonly tally: Tally
  readonly log: Log
  readonly limit?: LoginLimit | undefined
}

/**
 * Sends an admitted request to the backend and its answer back. Whatever goes wrong is answered, never thrown; what
 * became of it is in `trace` when `res` closes.
 */
export type BackendProxy = (req: IncomingMessage, res: ServerResponse, trace: Trace) => void

/**
 * http-proxy-middleware over the pool, with its default plugins ejected: they answer with Host and URL, and take a
 * reset for a timeout. What is between the two sockets is `passOn` and `fail` below.
 */
export function createProxy({ config, agent, tally, log, limit }: Parts): BackendProxy {
  const target = config.BACKEND_ORIGIN
  /** whether the backend answers `Expect: 100-continue`, as far as is known */
  let saysContinue = true
  /** whether it has ever done so: then its silence means that it is slow or gone, not that it never will */
  let hasSaidContinue = false

  function onSocket(proxyReq: ClientRequest, req: IncomingMessage, res: ServerResponse) {
    const exchange = req[EXCHANGE]
    if (!exchange) return
    const { body } = exchange
    const socket = proxyReq.socket
    const writtenBefore = socket?.bytesWritten
    const asked = exchange.way === 'asked' && proxyReq.reusedSocket
    const attempt: Attempt = {
      address: agent.connectionOf(socket)?.address ?? '',
      asked,
      held: asked,
      silent: false,
      answered: false,
      untouched: () => socket?.bytesWritten === writtenBefore,
    }
    exchange.attempt = attempt
    exchange.tries++
    const { trace, tries } = exchange
    Object.assign(trace, { address: attempt.address, reused: proxyReq.reusedSocket, attempts: tries })
    // before the parser's own listener, which takes back that a 100 was an answer
    const hear = () => {
      attempt.answered = true
    }
    socket?.prependListener('data', hear)
    proxyReq.once('close', () => socket?.off('data', hear))
    const onRefused = () => {
      exchange.refused = true
      if (!res.destroyed) sendAgain(req, res, exchange, '417 to Expect: 100-continue')
    }
    if (body && asked) askFirst(proxyReq, { body, attempt, patienceMs: config.CONNECT_TIMEOUT, onRefused })
    else body?.release()
    // an API may answer and read no further; that all has been written proves nothing, for the kernel buffers
    if (body && !body.kept)
      proxyReq.once('response', () => Object.assign(proxyReq, { shouldKeepAlive: false }))
    exchange.span?.sent(proxyReq, { address: attempt.address, port: socket?.remotePort })
    endSilence(proxyReq, body?.stream, config.BACKEND_TIMEOUT)
    // nobody asked for another protocol; without a listener the client would wait for ever
    proxyReq.once('upgrade', (_answer, socket) => {
      socket.destroy()
      fail(req, res, new GatewayError('BACKEND_BAD_ANSWER', new Error('101 that nobody asked for')))
    })
    const stream = body?.stream
    if (stream?.errored) proxyReq.destroy(stream.errored)
    else stream?.once('error', error => proxyReq.destroy(error))
  }

  function passOn(proxyRes: IncomingMessage, req: IncomingMessage, res: ServerResponse) {
    if (res.headersSent || res.destroyed) {
      proxyRes.destroy()
      return
    }
    const exchange = req[EXCHANGE]
    if (exchange) learn(proxyRes.statusCode, exchange)
    try {
      sendHead(proxyRes, res, String(req.headers['x-request-id']), target)
      if (exchange) exchange.answer = proxyRes
    } catch (error) {
      proxyRes.destroy()
      fail(req, res, new GatewayError('BACKEND_BAD_ANSWER', error))
    }
  }

  function onError(error: unknown, req: IncomingMessage, res: ServerResponse) {
    const exchange = req[EXCHANGE]
    const { attempt, body, tries = 0 } = exchange ?? {}
    if (!exchange || !attempt || res.headersSent || res.destroyed) return fail(req, res, error)
    const hasBytes = body === undefined || body.kept !== undefined
    if (attempt.silent) {
      exchange.silent = attempt.address
      agent.closeIdle([attempt.address])
    }
    if (config.REPLAY === 'on' && hasBytes && mayBeSentAgain(error, attempt, req.method ?? '', tries)) {
      exchange.begun ||= !isUnexecuted(attempt)
      sendAgain(req, res, exchange, inWords(error))
    } else if (isUnexecuted(attempt)) fail(req, res, new GatewayError('BACKEND_UNREACHABLE', error))
    else fail(req, res, error)
  }

  /** @param cause what was wrong with the attempt before */
  function sendAgain(req: IncomingMessage, res: ServerResponse, exchange: Exchange, cause: string) {
    const { attempt, body, tries } = exchange
    tally.replayed++
    log.info(
      { id: req.headers['x-request-id'], address: attempt?.address, tries, cause },
      'attempt failed, sent again',
    )
    if (body?.kept) exchange.body = held(body.kept)
    // there is no further one, or it must not be asked again: an idempotent request that may have been executed, one
    // whose question was refused, or two connections were dead
    exchange.fresh = exchange.begun || exchange.refused || tries === MOST_TRIES - 1
    // what is not connected is no attempt, and this one says nothing of it
    delete exchange.attempt
    void send(req, res)
  }

  /** What an answer tells of how the backend takes `Expect`. A 417 that comes without it, too, is the API's own. */
  function learn(status: number | undefined, { attempt, silent, refused }: Exchange) {
    hasSaidContinue ||= attempt?.asked === true && !attempt.held
    const wordless = !hasSaidContinue && attempt?.address === silent
    if (saysContinue && attempt?.asked === false && (wordless || (refused && status !== 417))) {
      saysContinue = false
      log.warn(
        { address: attempt.address },
        'the backend does not take Expect: 100-continue; it is not asked any more',
      )
    }
  }

  function wayTo(req: IncomingMessage, { body, fresh }: Exchange): Way {
    if (fresh) return 'unused'
    if (config.REPLAY === 'off') return 'any'
    return wayOf(req.method ?? '', saysContinue && isAskable(req, body, config.BACKEND_PATHS))
  }

  async function send(req: IncomingMessage, res: ServerResponse) {
    const exchange = req[EXCHANGE]
    const { trace } = exchange ?? {}
    const way = exchange ? wayTo(req, exchange) : 'any'
    if (exchange) exchange.way = way
    // one that is asked first finds out by itself, and a dead connection costs it nothing but the try
    if (way === 'any') await agent.weed()
    if (!req[EXCHANGE] || req.socket.destroyed) return
    const proxy = () => middleware(req, res, error => fail(req, res, error ?? new Error('not proxied')))
    const span = trace?.spans?.attempt()
    if (exchange && span) exchange.span = span
    await (span ? span.run(proxy) : proxy())
  }

  function fail(req: IncomingMessage, res: ServerResponse, error: unknown) {
    const exchange = req[EXCHANGE]
    // an answer that is complete stays good, whatever comes after it: a body where none may be, for one
    if (!exchange || exchange.failure || exchange.answer?.complete || res.writableFinished) return
    const said = error instanceof GatewayError ? error : new GatewayError(classify(error), error)
    const isDenied = exchange.begun && ERRORS[said.code].retry
    const failure = isDenied ? new GatewayError('BACKEND_BROKE_OFF', said) : said
    exchange.failure = failure
    noteFailure(exchange.trace, failure)
    if (req.socket.destroyed) return
    answerError(req, res, failure)
  }

  const plugin: Plugin<IncomingMessage, ServerResponse> = proxy => {
    proxy.on('proxyReq', onSocket)
    proxy.on('proxyRes', passOn)
    proxy.on('error', (error, req, res) => {
      if (req && res && 'writeHead' in res) onError(error, req, res)
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
      const { body, way } = req[EXCHANGE] ?? {}
      if (body) options.buffer = body.stream
      if (way === 'unused') options.agent = agent.fresh
      return target
    },
  })

  function close(req: IncomingMessage, res: ServerResponse, { answer, failure, trace }: Exchange) {
    req[EXCHANGE] = undefined
    limit?.settle(req, answer?.statusCode ?? (failure && ERRORS[failure.code].status))
    if (failure) count(tally.failed, failure.code)
    // cut off by the end of the front (lib/front/listener.ts); a 4xx there is a client that left within its request
    else if (trace.code && ERRORS[trace.code].status >= 500) count(tally.failed, trace.code)
    else if (res.writableFinished) count(tally.answered, res.statusCode)
    else tally.gone++
  }

  return async (req, res, trace) => {
    const exchange: Exchange = { trace, tries: 0 }
    req[EXCHANGE] = exchange
    res.once('close', () => close(req, res, exchange))
    try {
      const body = await takeBody(req, config.MAX_BODY)
      if (body) exchange.body = body
      await limit?.check(req, body, trace.client)
      await send(req, res)
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
