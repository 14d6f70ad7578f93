import http, { type ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Backend } from '../backend/backend.ts'
import type { ConnectionChoice } from '../backend/connection-choice.ts'
import { GatewayError } from '../http/errors.ts'
import { hasOption } from '../http/headers.ts'
import { joinChunks } from '../http/join-chunks.ts'
import type { RequestRecord } from '../observe/outcome.ts'
import type { Found } from '../routes/table.ts'
import type { Config } from '../settings/settings.ts'
import type { Body } from './body.ts'
import { expectContinue } from './expect.ts'
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
  readonly choice: ConnectionChoice
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
  /** 417 came in place of 100, which refuses the expectation alone (RFC 9110 §10.1.1); or 408, which was for a connection without a request */
  readonly refused?: true
}

/** How an attempt came out. */
export type Ended = Answered | Unanswered

/** NTLM and Negotiate, by which IIS and others log in a connection and not a request. */
const LOGS_CONNECTION_IN = /^\s*(?:ntlm|nego)/i

/** The dialler has the name for SNI: Node would find one for each request. */
const BY_DIALLER = { servername: '' }

/** Sends a request once, over the pool. Resolves when an answer begins or none will come; never rejects. */
export function sendOnce(
  { MAX_HEADER, CONNECT_TIMEOUT, REPLAY }: Pick<Config, 'MAX_HEADER' | 'CONNECT_TIMEOUT' | 'REPLAY'>,
  { origin, agent }: Pick<Backend, 'origin' | 'agent'>,
  { req, res, record, body, choice, found, host = origin.host, hasRunLate }: Order,
): Promise<Ended> {
  return new Promise(resolve => {
    const { route, target, isOwnPath } = found
    const span = record.spans?.attempt(origin)
    let attempt: Attempt | undefined
    let received: IncomingMessage | undefined
    let failure: unknown
    let sentAt = 0

    const send = () =>
      http.request({
        agent: agent.agentFor(choice),
        ...BY_DIALLER,
        protocol: origin.protocol,
        host: origin.hostname,
        maxHeaderSize: MAX_HEADER,
        method: req.method,
        path: target,
        headers: { ...req.headers, host },
      })
    let proxyReq: ClientRequest
    try {
      proxyReq = span ? span.run(send) : send()
    } catch (error) {
      // Node takes nothing that it does not send on, as far as is known
      return resolve({ error, attempt })
    }
    const leave = () => {
      if (!res.writableFinished) proxyReq.destroy()
      resolve({ error: new Error('the client has left'), attempt })
    }
    res.once('close', leave)
    proxyReq
      .once('socket', onConnected)
      .on('error', onError)
      .once('close', () => res.off('close', leave))

    function onConnected() {
      if (hasRunLate()) {
        proxyReq.destroy(new GatewayError('BACKEND_BROKE_OFF', new Error('an earlier attempt was answered')))
        return
      }
      setHeaders(proxyReq, route)
      const made = attemptOver(proxyReq, choice, agent)
      const { address } = made
      attempt = made
      record.address = address
      record.reused = proxyReq.reusedSocket
      record.attempts = (record.attempts ?? 0) + 1
      agent.silence.sent(address)
      sentAt = performance.now()
      noteFirstByte(proxyReq, made, () => agent.answered(address, !proxyReq.reusedSocket))
      if (made.awaitsContinue)
        expectContinue(proxyReq, made, {
          agent,
          connectTimeoutMs: CONNECT_TIMEOUT,
          isLogin: isOwnPath && route.kind === 'login',
          sendBody() {
            moves()
            sendBody()
          },
          onAnswer,
          onRefused: () =>
            resolve({ error: new Error('417 to Expect: 100-continue'), attempt, refused: true }),
          onSilent: error => resolve({ error, attempt }),
        })
      else {
        proxyReq.once('response', onAnswer)
        sendBody()
      }
      span?.sent(proxyReq, { address, port: proxyReq.socket?.remotePort })
      if (endsItsConnection(proxyReq, body))
        proxyReq.once('response', () => Object.assign(proxyReq, { shouldKeepAlive: false }))
      const moves = endSilence(proxyReq, body?.stream, res, route.timeout, () =>
        agent.giveUpOn(address, sentAt),
      )
      // nobody asked for another protocol; without a listener the client would wait for ever
      proxyReq.once('upgrade', (_answer, other) => {
        other.destroy()
        onError(new GatewayError('BACKEND_BAD_ANSWER', new Error('101 that nobody asked for')))
      })
    }

    function sendBody() {
      if (!body?.stream) return void proxyReq.end(body?.kept)
      const { stream } = body
      if (stream.errored) proxyReq.destroy(stream.errored)
      else stream.once('error', error => proxyReq.destroy(error)).pipe(proxyReq)
    }

    function onAnswer(answer: IncomingMessage) {
      // the parser goes on with what it has read
      if (proxyReq.destroyed) return void answer.destroy()
      // only what is idempotent goes over `any`; one that comes late is the API's own, and the request may have run
      const isSoon = performance.now() - sentAt < CONNECT_TIMEOUT
      if (REPLAY === 'on' && choice === 'any' && proxyReq.reusedSocket && isSoon && closesIdle(answer)) {
        answer.destroy()
        return resolve({ error: new Error('408 to an idle connection'), attempt, refused: true })
      }
      received = answer
      joinChunks(answer)
      answer.on('error', onError)
      // an API that has answered may read no further
      answer.once('close', () => {
        if (!proxyReq.writableFinished) proxyReq.destroy()
      })
      if (attempt) resolve({ answer, attempt, failure: () => failure })
    }

    function onError(error: unknown) {
      // what comes behind a complete answer does it no harm: a body where none may be, for one
      if (!received?.complete) failure ??= error
      resolve({ error, attempt })
    }
  })
}

/** Whether a server closes an idle connection with 408, just as a request comes: that may be repeated over another (RFC 9110 §15.5.9), as browsers do. */
const closesIdle = ({ statusCode, headers: { connection = '' } }: IncomingMessage): boolean =>
  statusCode === 408 && hasOption(connection, 'close')

/** What is known of an attempt as it begins; `awaitsContinue` where its body waits for 100. */
function attemptOver(
  { socket, reusedSocket }: ClientRequest,
  choice: ConnectionChoice,
  agent: Backend['agent'],
): Attempt {
  const { expectations } = agent
  const { address = '', wasSpare = false } = agent.connectionOf(socket) ?? {}
  const mayBeGone = reusedSocket || wasSpare
  const isProven = choice === 'expect-continue' && mayBeGone && expectations.isProven(address)
  const answersBefore = expectations.answers()
  const writtenBefore = socket?.bytesWritten
  return {
    address,
    proven: () => isProven && expectations.answers() === answersBefore,
    awaitsContinue: isProven || (choice === 'expect-continue' && expectations.isProbed(address)),
    silent: false,
    answered: false,
    untouched: () => socket?.bytesWritten === writtenBefore,
  }
}

/**
 * Whether the connection must carry no further request. An API may answer a streamed body and stop reading: that everything was written proves nothing,
 * since the kernel buffers. And on a connection that has logged in (NTLM, Negotiate) the next request would be taken for that user's (RFC 4559 §6;
 * HAProxy does the same).
 */
const endsItsConnection = (proxyReq: ClientRequest, body: Body | undefined): boolean =>
  (body !== undefined && !body.kept) || LOGS_CONNECTION_IN.test(String(proxyReq.getHeader('authorization')))

/** Listens before the parser, whose handler of a 100 takes back that something was answered. */
function noteFirstByte(proxyReq: ClientRequest, attempt: Attempt, onByte: () => void) {
  const { socket } = proxyReq
  const note = () => {
    attempt.answered = true
    onByte()
  }
  socket?.prependListener('data', note)
  proxyReq.once('close', () => socket?.off('data', note))
}
