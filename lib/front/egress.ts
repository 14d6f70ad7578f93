import http from 'node:http'
import { answerError } from '../answer.ts'
import { GatewayError } from '../errors.ts'
import type { BackendProxy } from '../login/proxy.ts'
import { noteFailure, type OnOutcome, type Trace, watch } from '../outcome.ts'
import type { BeginSpans } from '../spans.ts'
import { admit } from './admission.ts'

/** Names that only this machine's own processes call the listener by; a page in a browser cannot (DNS rebinding). */
const LOOPBACK = /^(127\.0\.0\.1|localhost)(:\d+)?$/i

/**
 * The listener by which pages reach the backend from the server side, with the book, the pool and the failover of
 * the logins. It passes every path; bind it to loopback only. It is not listening yet.
 */
export function createEgress(proxy: BackendProxy, tell: OnOutcome, spans?: BeginSpans): http.Server {
  return http.createServer((req, res) => {
    const trace: Trace = { route: 'egress' }
    watch(req, res, trace, tell)
    try {
      // the peer is on loopback, so what a page says of its visitor is believed
      admit(req, () => true)
      if (spans) trace.spans = spans(req)
      if (!LOOPBACK.test(req.headers.host ?? '')) throw new GatewayError('NOT_FOUND')
      proxy(req, res, trace)
    } catch (error) {
      const failure = error instanceof GatewayError ? error : new GatewayError('INTERNAL', error)
      noteFailure(trace, failure)
      answerError(req, res, failure)
    }
  })
}
