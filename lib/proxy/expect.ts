import type { ClientRequest, IncomingMessage } from 'node:http'
import type { BackendAgent } from '../backend/agent.ts'
import { holdsReads } from '../backend/paced-reads.ts'
import { GatewayError } from '../http/errors.ts'
import type { Body } from './body.ts'
import type { Attempt } from './proof.ts'

/**
 * Whether a request's body can wait for 100: it is here. With `Expect` Node writes the head as UTF-8, and a header's
 * bytes above 0x7f would arrive as others (`_storeHeader` calls `_send('')`); and no request without content may have it
 * (RFC 9110 §10.1.1). gevent answers without a 100 where nobody reads, and takes a body that was sent meanwhile for the next request.
 */
export function mayExpectContinue(req: IncomingMessage, body: Body | undefined): boolean {
  const { kept } = body ?? {}
  if (!kept?.length || LIKE_A_REQUEST.test(kept.toString('latin1'))) return false
  return /^[\0-\x7f]*$/.test(Object.values(req.headers).join())
}

/** HTTP/0.9 has no version, and Python's `split()` takes all of these for white space. */
const LIKE_A_REQUEST = /^[\0-\x20\x85\xa0]*get[\0-\x20\x85\xa0]|http\//i

/** An answer waits so long at most for its request's body to leave; a backend may read no further. */
const WRITTEN_MS = 100

/** How long 100 or an answer is waited for, and what is done then. */
type ExpectOptions = {
  readonly agent: BackendAgent
  readonly connectTimeoutMs: number
  /** a login itself, which may be tried elsewhere after a time of silence; any other request's body is sent then */
  readonly isLogin: boolean
  /** sends the body, once at most */
  readonly sendBody: () => void
  readonly onAnswer: (answer: IncomingMessage) => void
  /** 417 came in place of 100: it refuses the expectation alone (RFC 9110 §10.1.1) */
  readonly onRefused: () => void
  /** a login is given up here; the connection is watched for a while yet */
  readonly onSilent: (error: Error) => void
}

/**
 * Sends the head of a request with `Expect: 100-continue`, and its body when the backend has said 100 (RFC 9110 §10.1.1).
 * What the backend does goes into what is known of its address (`lib/backend/expectation.ts`).
 */
export function expectContinue(proxyReq: ClientRequest, attempt: Attempt, options: ExpectOptions): void {
  const { agent, connectTimeoutMs, isLogin, sendBody, onAnswer, onRefused, onSilent } = options
  const { expectations } = agent
  const { address } = attempt
  const started = performance.now()
  const continueMs = mayGiveUp() ? expectations.continueTimeoutMs(address) : connectTimeoutMs
  let timer = setTimeout(lookSoon, continueMs)
  let immediate: NodeJS.Immediate | undefined
  // 102 or 103 came: what comes then is no answer to the expectation
  let isHinted = false
  let isContinued = false
  proxyReq
    .once('continue', onContinue)
    .on('information', ({ statusCode }) => {
      isHinted ||= statusCode !== 100
    })
    .once('response', onResponse)
    .once('close', settle)
  proxyReq.setHeader('Expect', '100-continue')
  proxyReq.flushHeaders()

  function onContinue() {
    settle()
    isContinued = true
    expectations.continued(address, performance.now() - started)
    attempt.answered = false
    if (!attempt.silent) release()
  }

  function onResponse(answer: IncomingMessage) {
    settle()
    const { statusCode = 0 } = answer
    // Netty (413 of its aggregator) and gevent take a body behind an answer that no 100 came before for the next request
    if (!isContinued) proxyReq.shouldKeepAlive = false
    // Tomcat closes behind one that is not 2xx where the body has not been read, older ones in any case (Http11Processor)
    if (!proxyReq.shouldKeepAlive) agent.addSpare(proxyReq.socket)
    if (!attempt.awaitsContinue) return whenWritten(proxyReq, () => onAnswer(answer))
    if (statusCode === 417 && !isHinted) {
      expectations.contradicted(address, {
        en: '417 to Expect: 100-continue',
        ja: '100-continue：417 で拒否',
      })
      answer.destroy()
      return onRefused()
    }
    expectations.answered(address, statusCode)
    // nor is the body sent any more (RFC 9112 §9.3: a connection is kept only behind a whole request)
    onAnswer(answer)
    // but where an API that has begun its answer waits for it, as an event stream may
    timer = setTimeout(() => !answer.complete && release(), WRITTEN_MS)
  }

  /** What has come meanwhile is read before setImmediate: this process may have been busy itself. */
  function lookSoon() {
    immediate = setImmediate(look)
  }

  /** It has waited for as long as it may: some more, another address for a login, or the body all the same. */
  function look() {
    // an answer of some size may wait to be parsed
    const answered = attempt.answered || holdsReads(proxyReq.socket)
    const now = performance.now()
    const restMs = started + connectTimeoutMs - now
    // an address that speaks on other connections is slow: one more dial from each login would make it slower
    const silentMs = answered ? 0 : now - agent.silence.heardAt(address)
    const isSlow = silentMs < continueMs
    if (restMs > 0 && (answered || isSlow || !mayGiveUp()))
      timer = setTimeout(lookSoon, isSlow ? Math.min(continueMs - silentMs, restMs) : restMs)
    // 102 or 103 came: it has routed, may have acted, and may wait for the body
    else if (mayGiveUp() && !answered) giveUp(Math.max(restMs, 0))
    else {
      learnSilence()
      release()
    }
  }

  function mayGiveUp() {
    return isLogin && attempt.proven()
  }

  /** Only silence as long as CONNECT_TIMEOUT says that nobody is there: a 100 may yet come, from a machine that was busy. */
  function giveUp(restMs: number) {
    attempt.silent = true
    const endDoubt = expectations.doubt(address)
    const end = () => {
      clearTimeout(rest)
      proxyReq.destroy(noWord())
    }
    const rest = setTimeout(() => {
      learnSilence()
      end()
    }, restMs).unref()
    proxyReq
      .off('response', onResponse)
      .once('continue', end)
      .once('response', ({ statusCode = 0 }) => {
        // it has been carried out, or refused, without its body: so may each login there that is under way
        expectations.answered(address, statusCode)
        end()
      })
      .once('close', () => {
        clearTimeout(rest)
        endDoubt()
      })
    onSilent(noWord())
  }

  function noWord() {
    return new GatewayError('BACKEND_UNREACHABLE', new Error(`no 100 within ${Math.round(continueMs)} ms`))
  }

  function learnSilence() {
    expectations.contradicted(address, {
      en: `no 100 within ${connectTimeoutMs} ms`,
      ja: `100-continue：${connectTimeoutMs} ms 以内に 100 を返さない`,
    })
    if (attempt.proven() && !attempt.answered) agent.giveUpOn(address, started)
  }

  function release() {
    if (!attempt.awaitsContinue) return
    attempt.awaitsContinue = false
    sendBody()
  }

  function settle() {
    clearTimeout(timer)
    clearImmediate(immediate)
  }
}

/** An answer that is passed on before its request has left costs the connection. */
function whenWritten(proxyReq: ClientRequest, pass: () => void) {
  if (!proxyReq.shouldKeepAlive || proxyReq.writableFinished) return pass()
  const settle = () => {
    clearTimeout(timer)
    proxyReq.off('finish', settle).off('close', settle).off('error', settle)
    pass()
  }
  const timer = setTimeout(settle, WRITTEN_MS)
  // before the error ends the attempt: the answer is there, whatever became of the connection behind it
  proxyReq.once('finish', settle).once('close', settle).prependOnceListener('error', settle)
}
