import type { ClientRequest } from 'node:http'
import { GatewayError } from '../errors.ts'
import type { Body } from './body.ts'
import type { Attempt } from './replay.ts'

/**
 * Whether a request may carry `Expect`: with it Node writes the head as UTF-8, and a header's bytes above 0x7f would
 * arrive as others (`_storeHeader` calls `_send('')`).
 */
export const canAsk = (proxyReq: ClientRequest): boolean =>
  /^[\0-\x7f]*$/.test(Object.values(proxyReq.getHeaders()).join())

/**
 * Sends the head of a request with `Expect: 100-continue` over a reused connection, and its body only when the backend
 * has said 100 (RFC 9110 §10.1.1). A connection that the backend closes meanwhile, or that nobody is behind any more,
 * has then carried no login. An ALB answers 100 by itself and at once, and Node, Nginx, Go and Tomcat do so, too.
 * @param patienceMs no 100 and no answer for so long ends the attempt: it is tried on another connection
 */
export function askFirst(proxyReq: ClientRequest, body: Body, attempt: Attempt, patienceMs: number): void {
  const timer = setTimeout(() => {
    attempt.silent = true
    proxyReq.destroy(new GatewayError('BACKEND_UNREACHABLE', new Error(`no 100 within ${patienceMs} ms`)))
  }, patienceMs)
  const settle = () => clearTimeout(timer)
  proxyReq.once('continue', () => {
    settle()
    attempt.held = false
    attempt.answered = false
    body.release()
  })
  proxyReq.once('response', settle).once('close', settle)
  proxyReq.setHeader('Expect', '100-continue')
  proxyReq.flushHeaders()
}
