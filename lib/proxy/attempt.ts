import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import type { Stream } from 'node:stream'
import { createProxyMiddleware, type Plugin } from 'http-proxy-middleware'
import type { Backend } from '../backend/backend.ts'
import type { Way } from '../backend/way.ts'
import { GatewayError } from '../http/errors.ts'
import { joinChunks } from '../http/join-chunks.ts'
import type { RequestRecord } from '../observe/outcome.ts'
import type { Found } from '../routes/table.ts'
import type { Config } from '../settings/settings.ts'
import type { Body } from './body.ts'
import { askFirst } from './expect.ts'
import type { Attempt } from './proof.ts'
import { setHeaders } from './request-head.ts'
import type { Answered } from './response.ts'
import { endSilence } from './timeout.ts'

/** What one attempt needs to know. */
export type Order = {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly record: RequestRecord
  /** absent where the request has none */
  readonly body: Body | undefined
  readonly way: Way
  readonly found: Found
  /** in place of the origin's */
  readonly host: string | undefined
  /** whether an earlier attempt, which was given up, has been answered since: then this one is not sent */
  hasRunLate(): boolean
}

/** There is no answer. */
type Unanswered = {
  readonly error: unknown
  /** absent where no connection could be set up: nothing was sent */
  readonly attempt: Attempt | undefined
  /** 417 came in place of 100: it refuses the question alone (RFC 9110 §10.1.1) */
  readonly refused?: true
}

/** How an attempt came out. */
export type Ended = Answered | Unanswered

/** Sends a request once. Resolves when an answer begins or none will come; never rejects. */
export type SendOnce = (order: Order) => Promise<Ended>

/** What the middleware's events tell of one attempt. */
type Call = {
  readonly stream: Stream | undefined
  readonly way: Way
  readonly target: string
  readonly host: string | undefined
  onConnected(proxyReq: ClientRequest): void
  onAnswer(answer: IncomingMessage): void
  onError(error: unknown): void
}

/**
 * Where the middleware's events find the attempt that they belong to. Not a Map or WeakMap: at each growth the old table
 * keeps pointing at the new one, and young collections then keep every request (9 KB a login, pauses of 3 ms; measured).
 */
const CALL = Symbol('attempt')
declare module 'node:http' {
  interface IncomingMessage {
    [CALL]?: Call
  }
}

/** NTLM and Negotiate, by which IIS and others log in a connection and not a request. */
const LOGS_CONNECTION_IN = /^\s*(?:ntlm|nego)/i

/**
 * One attempt by http-proxy-middleware over the pool. Its default plugins are ejected: they answer with host and URL, and
 * take a reset for a timeout (docs/decisions/0001). It only sends: the answer is handed to the caller.
 */
export function createSender(config: Config, { origin, agent }: Backend): SendOnce {
  const { protocol, host: name, hostname, port } = origin
  const plugin: Plugin<IncomingMessage, ServerResponse> = proxy => {
    proxy.on('proxyReq', (proxyReq, req) => req[CALL]?.onConnected(proxyReq))
    proxy.on('proxyRes', (answer, req) => req[CALL]?.onAnswer(answer))
    proxy.on('error', (error, req) => req?.[CALL]?.onError(error))
  }
  const middleware = createProxyMiddleware<IncomingMessage, ServerResponse>({
    target: origin,
    changeOrigin: true,
    selfHandleResponse: true,
    ejectPlugins: true,
    plugins: [plugin],
    // the one hook that may set options of a single request
    router: (req, _res, options) => {
      const call = req[CALL]
      if (!call) return origin
      if (call.stream) options.buffer = call.stream
      options.agent = agent.over(call.way)
      // what httpxy begins the options of http.request with, by http: as well; it writes into it. The dialler has the name for SNI
      options.ssl = { maxHeaderSize: config.MAX_HEADER, servername: '' }
      if (call.host !== undefined) {
        options.changeOrigin = false
        options.headers = { host: call.host }
      }
      // a URL would be parsed: what it is made of goes to the API byte for byte
      options.ignorePath = true
      return { protocol, host: name, hostname, port, pathname: call.target }
    },
    pathFilter: () => true,
  })

  return ({ req, res, record, body, way, found, host, hasRunLate }) =>
    new Promise(resolve => {
      const { route, target, itself } = found
      const span = record.spans?.attempt(origin)
      let attempt: Attempt | undefined
      let received: IncomingMessage | undefined
      let failure: unknown
      const end = (ended: Ended) => {
        res.off('close', leave)
        resolve(ended)
      }
      // httpxy says nothing of a reset that comes when the client is gone
      const leave = () => end({ error: new Error('the client has left'), attempt })

      function onConnected(proxyReq: ClientRequest) {
        if (hasRunLate()) {
          proxyReq.destroy(
            new GatewayError('BACKEND_BROKE_OFF', new Error('an earlier attempt was answered')),
          )
          return
        }
        setHeaders(proxyReq, route)
        // httpxy asks to close behind chunks: an API that answers before it has read all of them would reset its own answer
        if (body && !body.kept) proxyReq.setHeader('Connection', 'keep-alive')
        const made = attemptOver(proxyReq, way, agent)
        const { address } = made
        attempt = made
        record.address = address
        record.reused = proxyReq.reusedSocket
        record.attempts = (record.attempts ?? 0) + 1
        agent.silence.sent(address)
        const sentAt = performance.now()
        noteFirstByte(proxyReq, made, () => agent.answered(address, !proxyReq.reusedSocket))
        if (body && made.held)
          askFirst(proxyReq, body, made, {
            agent,
            connectTimeoutMs: config.CONNECT_TIMEOUT,
            isLogin: itself && route.kind === 'login',
            onRefused: () => end({ error: new Error('417 to Expect: 100-continue'), attempt, refused: true }),
            onSilent: error => end({ error, attempt }),
          })
        else body?.release()
        span?.sent(proxyReq, { address, port: proxyReq.socket?.remotePort })
        if (endsItsConnection(proxyReq, body))
          proxyReq.once('response', () => Object.assign(proxyReq, { shouldKeepAlive: false }))
        endSilence(proxyReq, body?.stream, res, route.timeout, () => agent.giveUpOn(address, sentAt))
        // nobody asked for another protocol; without a listener the client would wait for ever
        proxyReq.once('upgrade', (_answer, other) => {
          other.destroy()
          onError(new GatewayError('BACKEND_BAD_ANSWER', new Error('101 that nobody asked for')))
        })
        const stream = body?.stream
        if (stream?.errored) proxyReq.destroy(stream.errored)
        else stream?.once('error', error => proxyReq.destroy(error))
      }

      function onError(error: unknown) {
        // what comes behind a complete answer does it no harm: a body where none may be, for one
        if (!received?.complete) failure ??= error
        end({ error, attempt })
      }

      req[CALL] = {
        stream: body?.stream,
        way,
        target,
        host,
        onConnected,
        onAnswer(answer) {
          received = answer
          joinChunks(answer)
          if (attempt) end({ answer, attempt, failure: () => failure })
        },
        onError,
      }
      res.once('close', leave)
      const send = () => {
        const { url = '' } = req
        // the middleware would parse it for its filter; `target` is what is sent
        req.url = ''
        const sent = middleware(req, res, error => onError(error ?? new Error('not proxied')))
        req.url = url
        return sent
      }
      void (span ? span.run(send) : send())
    })
}

/** What is known of an attempt as it begins; `held` where it is asked first. */
function attemptOver({ socket, reusedSocket }: ClientRequest, way: Way, agent: Backend['agent']): Attempt {
  const { expectations } = agent
  const address = agent.connectionOf(socket)?.address ?? ''
  const isProven = way === 'asked' && reusedSocket && expectations.isProven(address)
  const answersBefore = expectations.answers()
  const writtenBefore = socket?.bytesWritten
  return {
    address,
    proven: () => isProven && expectations.answers() === answersBefore,
    held: isProven || (way === 'asked' && expectations.isProbed(address)),
    silent: false,
    answered: false,
    untouched: () => socket?.bytesWritten === writtenBefore,
  }
}

/**
 * Whether nothing may come over its connection behind a request. An API may answer a streamed body and read no further; that all has been written
 * proves nothing, for the kernel buffers. And what comes next over a connection that has logged in would be taken for that user's (RFC 4559
 * §6, as HAProxy goes by it).
 */
const endsItsConnection = (proxyReq: ClientRequest, body: Body | undefined): boolean =>
  (body !== undefined && !body.kept) || LOGS_CONNECTION_IN.test(String(proxyReq.getHeader('authorization')))

/** Before the parser's own listener, which takes back that a 100 was an answer. */
function noteFirstByte(proxyReq: ClientRequest, attempt: Attempt, onByte: () => void) {
  const { socket } = proxyReq
  const note = () => {
    attempt.answered = true
    onByte()
  }
  socket?.prependListener('data', note)
  proxyReq.once('close', () => socket?.off('data', note))
}
