import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ErrorCode, GatewayError } from '../http/errors.ts'
import type { Spans } from './spans.ts'

/** Who answers a request: `static` is a file of the front's, `refused` the front before anybody else was asked. */
export type Route = 'login' | 'egress' | 'page' | 'static' | 'health' | 'refused'

/** Whom a request comes from, as far as is known. */
export type Client = {
  /** IPv4, or IPv6 in its one spelling; without port and zone */
  readonly address: string
  /**
   * `client`: a proxy that is trusted said so, or it is an untrusted peer's. `client-or-proxy`: a peer's, which may stand for
   * many visitors: a trusted one that names nobody, or one that names somebody and is not trusted. `proxy`: a trusted
   * one that names nobody whose address can be read
   */
  readonly is: 'client' | 'client-or-proxy' | 'proxy'
}

/** What is found out about a request while it is served; written by whoever finds it out. */
export type Trace = {
  route: Route
  /** absent where it was not admitted */
  client?: Client
  /** whether it is a login proper: a POST to the login path itself, not below it */
  isLogin?: boolean
  /** what the front answered with, or cut the answer off for */
  code?: ErrorCode
  cause?: unknown
  /** of the last attempt: where, over a pooled connection or not, and how many there were */
  address?: string
  reused?: boolean
  attempts?: number
  /** that a page was asked of last */
  worker?: number
  /** absent where traces are off */
  spans?: Spans
}

/** Notes the error of the table that a request came to. */
export function noteFailure(trace: Trace, failure: GatewayError): void {
  trace.code = failure.code
  trace.cause = failure.cause
}

/** What became of a request. */
export type Outcome = Trace & {
  /** absent where what came was no request */
  readonly req?: IncomingMessage
  /** the peer's */
  readonly peer?: string | undefined
  /** the answer's; undefined where the client left before it was whole, or it was cut off */
  readonly status: number | undefined
  readonly ms: number
  /** what was written to the client, heads included */
  readonly bytes: number
}

export type OnOutcome = (outcome: Outcome) => void

/** Tells once, when the request is over, whatever becomes of it. */
export function watch(req: IncomingMessage, res: ServerResponse, trace: Trace, tell: OnOutcome): void {
  const startedAt = performance.now()
  const { socket } = req
  const before = socket.bytesWritten
  const peer = socket.remoteAddress
  res.once('close', () => {
    const status = res.writableFinished ? res.statusCode : undefined
    const ms = performance.now() - startedAt
    tell({ ...trace, req, peer, status, ms, bytes: socket.bytesWritten - before })
  })
}

/** Several listeners as one; what is not there is left out. */
export function toAll(...listeners: readonly (OnOutcome | undefined)[]): OnOutcome {
  const present = listeners.filter(each => each !== undefined)
  return outcome => {
    for (const each of present) each(outcome)
  }
}
