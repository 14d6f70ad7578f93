import type { IncomingMessage, ServerResponse } from 'node:http'
import { ERRORS, type ErrorCode, type GatewayError } from '../http/errors.ts'
import type { Spans } from './spans.ts'

/** `route` of log, metrics and traces, who answers a request: `static` is a file of the front's, `refused` the front before anybody else was asked. */
export type RouteLabel = ToBackend | 'page' | 'static' | 'health' | 'refused'

/** Of these, what goes to a backend. */
export const TO_BACKEND = ['login', 'api', 'upgrade', 'egress'] as const
export type ToBackend = (typeof TO_BACKEND)[number]
export const isToBackend = (route: RouteLabel): route is ToBackend => TO_BACKEND.some(each => each === route)

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
export type RequestRecord = {
  route: RouteLabel
  /** absent where it was not admitted */
  client?: Client
  /** the Origin of another site whose page may read the front's own errors (ALLOWED_ORIGINS) */
  readableBy?: string | undefined
  /** responseHeaders of the route that takes it, which the front's own errors have, too */
  ofRoute?: readonly (readonly [name: string, value: string])[]
  /** whether it is a POST to the login path itself, not below it; one that is refused for its site as well */
  isLogin?: boolean
  /** whether the login limits count it: whatever may be a login, of a client or of a page for its visitor */
  isLimited?: boolean
  /** the path of the route that takes it */
  matched?: string
  /** the API that it goes to, by `name` of the backend */
  backend?: string
  /** what the front answered with, or cut the answer off for */
  code?: ErrorCode
  cause?: unknown
  /** the status of the answer that the backend began */
  answered?: number | undefined
  /** whether it asks for Basic or Digest credentials */
  challenged?: boolean
  /** of the last attempt: where, over a pooled connection or not, and how many there were */
  address?: string
  reused?: boolean
  attempts?: number
  /** how often it was retried */
  retries?: number
  /** that a page was asked of last */
  worker?: number
  /** bytes that its connection had read when the request before it was over */
  readFrom?: number
  /** in development Next prints a line for each page */
  isPrinted?: boolean
  /** absent where traces are off */
  spans?: Spans
}

/** A request, what answers it, and what is found out about it. */
export type Exchange = {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly record: RequestRecord
}

/** Notes the error of the table that a request came to. */
export function noteFailure(record: RequestRecord, failure: GatewayError): void {
  record.code = failure.code
  record.cause = failure.cause
}

/** Whether the client got a whole answer; if not, whether it left before or the front cut the answer off. */
export type End = 'answered' | 'client left' | 'cut off'

/** What became of a request, as the engineer on call sorts them. */
export const RESULTS = ['ok', 'refused', 'limited', 'misrouted', 'failed', 'gone'] as const
export type Result = (typeof RESULTS)[number]

/** What became of a request. */
export type Outcome = RequestRecord & {
  /** absent where what came was no request */
  readonly req?: IncomingMessage
  /** the peer's */
  readonly peer?: string | undefined
  /** the answer's; undefined where the client left before it was whole, or it was cut off */
  readonly status: number | undefined
  readonly end: End
  readonly result: Result
  readonly ms: number
  /** what was written to the client, heads included */
  readonly bytes: number
  /** what its connection has read since the request before, heads included; absent where nobody noted where that was */
  readonly bytesIn?: number | undefined
}

/** The headers that log, traces and metrics read of a request that is over. */
const LOGGED_HEADERS = [
  'x-request-id',
  'host',
  'user-agent',
  'x-real-ip',
  'x-amzn-trace-id',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
]

/** Lets go of what nobody reads at the end of a request that lasts for hours, as a tunnel does: its cookies are the most of it. */
export function keepLoggedHeaders(req: IncomingMessage): void {
  req.headers = Object.fromEntries(
    LOGGED_HEADERS.flatMap(name => (name in req.headers ? [[name, req.headers[name]]] : [])),
  )
  req.rawHeaders = []
}

export type OnOutcome = (outcome: Outcome) => void

/** What is known of a request when it is over; log, metrics, history, traces, tallies and status page read no more than this. */
export type RequestFacts = Omit<Outcome, 'end' | 'result'>

/**
 * No API answers a wrong password with these: no such path, no POST, no such body, another host. A load balancer's default rule answers with them, too.
 */
const MISROUTED: ReadonlySet<number> = new Set([404, 405, 415, 421])

/**
 * The one judgement of how a request ended. Failed: a 5xx, from the API or from here, and an answer that was cut off because of the backend or of the
 * front. Misrouted: a POST to the login path itself that found no login at the backend; below that path, or by other methods, the same statuses are what
 * a scanner gets. Other errors are the client's.
 */
export function judge(facts: RequestFacts): Outcome {
  const { status, code } = facts
  const end: End = status !== undefined ? 'answered' : code === undefined ? 'client left' : 'cut off'
  return Object.assign(facts, { end, result: resultOf(facts) })
}

function resultOf({ status, code, isLogin = false }: RequestFacts): Result {
  if (status === undefined) return code !== undefined && ERRORS[code].status >= 500 ? 'failed' : 'gone'
  if (status >= 500) return 'failed'
  if (status === 429) return 'limited'
  if (isLogin && code === undefined && MISROUTED.has(status)) return 'misrouted'
  return status >= 400 ? 'refused' : 'ok'
}

/** A POST to the login path itself that was meant for the backend: what another site's page sends is none, in any figure of logins. */
export const isProperLogin = ({ isLogin = false, route }: Outcome): boolean => isLogin && route === 'login'

/** Whether the backend, or what stands for it, answered a login proper: of these the misrouted ones are a share. */
export const isAnsweredLogin = (outcome: Outcome): boolean =>
  isProperLogin(outcome) && outcome.result !== 'limited' && outcome.result !== 'gone'

/** Tells once, when the request is over, whatever becomes of it. */
export function watch({ req, res, record }: Exchange, onOutcome: OnOutcome): void {
  const startedAt = performance.now()
  const { socket } = req
  const before = socket.bytesWritten
  const peer = socket.remoteAddress
  res.once('close', () => {
    const status = res.writableFinished ? res.statusCode : undefined
    const ms = performance.now() - startedAt
    const bytesIn = record.readFrom === undefined ? undefined : socket.bytesRead - record.readFrom
    onOutcome(judge({ ...record, req, peer, status, ms, bytes: socket.bytesWritten - before, bytesIn }))
  })
}

/** Several listeners as one; what is not there is left out. */
export function toAll(...listeners: readonly (OnOutcome | undefined)[]): OnOutcome {
  const present = listeners.filter(each => each !== undefined)
  return outcome => {
    for (const each of present) each(outcome)
  }
}
