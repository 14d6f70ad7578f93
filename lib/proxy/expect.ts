import type { ClientRequest, IncomingMessage } from 'node:http'
import { GatewayError } from '../http/errors.ts'
import { isLoginItself } from '../http/paths.ts'
import type { Body } from './body.ts'
import type { Attempt } from './proof.ts'

/**
 * Whether asking first would tell that a request was not executed: it is a login itself, which nobody can carry out
 * without its body (docs/decisions/0006), and that body is here. A handler below the path may act on a cookie alone.
 * With `Expect` Node writes the head as UTF-8, and a header's bytes above 0x7f would arrive as others (`_storeHeader`
 * calls `_send('')`); and no request without content may have it (RFC 9110 §10.1.1).
 */
export function isAskable(req: IncomingMessage, body: Body | undefined, paths: readonly string[]): boolean {
  if (!body?.kept?.length || !isLoginItself(req.url ?? '', paths)) return false
  return /^[\0-\x7f]*$/.test(Object.values(req.headers).join())
}

type Asked = {
  readonly body: Body
  readonly attempt: Attempt
  /** no 100 and no answer for so long ends the attempt: it is tried on another connection */
  readonly patienceMs: number
  /** 417 came in place of 100: the request is to be repeated without the question (RFC 9110 §10.1.1) */
  onRefused(): void
}

/**
 * Sends the head of a login with `Expect: 100-continue` over a reused connection, and its body only when the backend
 * has said 100 (RFC 9110 §10.1.1). A connection that the backend closes meanwhile, or that nobody is behind any more,
 * has then carried no login. Who says 100 at once, before any handler runs: ALB, Node, Nginx, Tomcat 10, gunicorn. Go,
 * uvicorn, Jetty 9, Kestrel and hyper say it when the handler reads the body. Call before others listen for the answer.
 */
export function askFirst(proxyReq: ClientRequest, { body, attempt, patienceMs, onRefused }: Asked): void {
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
  // httpxy passes on whatever comes, so it must not hear of a 417 that answers the question alone
  const passOn = proxyReq.listeners('response')
  proxyReq.removeAllListeners('response').once('response', (answer: IncomingMessage) => {
    settle()
    if (attempt.held && answer.statusCode === 417) {
      answer.destroy()
      onRefused()
    } else for (const listener of passOn) Reflect.apply(listener, proxyReq, [answer])
  })
  proxyReq.once('close', settle)
  proxyReq.setHeader('Expect', '100-continue')
  proxyReq.flushHeaders()
}
