import type { ClientRequest, IncomingMessage } from 'node:http'
import { GatewayError } from '../http/errors.ts'
import type { Log } from '../log.ts'
import type { Body } from './body.ts'
import type { Attempt } from './proof.ts'

/**
 * Whether asking first would tell that a request was not executed: it is a login itself, which nobody can carry out
 * without its body (docs/decisions/0006), and that body is here. A handler below the path may act on a cookie alone.
 * With `Expect` Node writes the head as UTF-8, and a header's bytes above 0x7f would arrive as others (`_storeHeader`
 * calls `_send('')`); and no request without content may have it (RFC 9110 §10.1.1).
 * @param isLogin whether it goes to a login path itself, not below it
 */
export function isAskable(req: IncomingMessage, body: Body | undefined, isLogin: boolean): boolean {
  if (!isLogin || !body?.kept?.length) return false
  return /^[\0-\x7f]*$/.test(Object.values(req.headers).join())
}

/**
 * Sends the head of a login with `Expect: 100-continue` over a reused connection, and its body only when the backend
 * has said 100 (RFC 9110 §10.1.1). A connection that the backend closes meanwhile, or that nobody is behind any more,
 * has then carried no login. Who says 100 at once, before any handler runs: ALB, Node, Nginx, Tomcat 10, gunicorn. Go,
 * uvicorn, Jetty 9, Kestrel and hyper say it when the handler reads the body.
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

/** What one request has met so far when it was asked first. */
export type Met = {
  /** where it met silence */
  silentAddress?: string
  /** whether the question was refused with 417 */
  refused?: boolean
}

/** Whether a backend takes `Expect: 100-continue`, as far as its answers have told; it is asked until it is known not to. */
export function createExpectation(log: Log) {
  let isMet = true
  /** whether it has ever said 100: then its silence means that it is slow or gone, not that it never will */
  let hasSaid = false
  return {
    get isMet() {
      return isMet
    },
    /** Learns from an answer. A 417 that comes without the question, too, is the API's own. */
    learn(status: number | undefined, { asked, held, address }: Attempt, { silentAddress, refused }: Met) {
      hasSaid ||= asked && !held
      const neverSays = !hasSaid && address === silentAddress
      if (!isMet || asked || !(neverSays || (refused && status !== 417))) return
      isMet = false
      log.warn({ address }, 'the backend does not take Expect: 100-continue; it is not asked any more')
    },
  }
}
