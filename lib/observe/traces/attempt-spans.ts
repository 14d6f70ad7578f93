import type { ClientRequest, IncomingMessage } from 'node:http'
import {
  type Attributes,
  type Context,
  context,
  createContextKey,
  type Span,
  SpanKind,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import type { Backend } from '../../backend/backend.ts'
import { targetOf } from '../../backend/connect.ts'
import type { Outcome } from '../outcome.ts'
import type { AttemptSpan } from '../spans.ts'
import { markFailed, typeOf } from './failure.ts'
import { leaveContext } from './propagation.ts'

/** What the attempts of one request have in common. */
type Parts = {
  readonly tracer: Tracer
  readonly req: IncomingMessage
  readonly method: string
  /** of the request's own span */
  readonly parent: Context
  /** to be added to performance.now(): one clock a request, for that of the process may have moved away from the others' */
  readonly since: number
}

/** The context of an attempt has its request's `since`. */
const SINCE = createContextKey('gatehouse.since')

/** The attempts at sending one request on, one after the other. */
export function createAttemptSpans({ tracer, req, method, parent, since }: Parts) {
  let count = 0
  /** nothing of it has been sent yet */
  let unsent: Span | undefined
  let backend: Attributes = {}
  let endSent: End = () => {}
  const now = () => since + performance.now()

  function start(origin?: URL): AttemptSpan {
    backend = origin ? serverOf(origin) : {}
    const span = tracer.startSpan(
      nameOf(method),
      { kind: SpanKind.CLIENT, startTime: now(), attributes: { 'http.request.method': method } },
      parent,
    )
    if (count > 0) span.setAttribute('http.request.resend_count', count)
    count++
    unsent = span
    const own = trace.setSpan(parent, span).setValue(SINCE, since)
    leaveContext(own, req)
    return {
      run: send => context.with(own, send),
      sent(proxyReq, { address, port, worker }) {
        unsent = undefined
        span.setAttribute('network.peer.address', address)
        if (port !== undefined) span.setAttribute('network.peer.port', port)
        if (worker === undefined) span.setAttributes(backend)
        else span.setAttribute('gatehouse.worker', worker)
        endSent = follow(proxyReq, span, now)
      },
    }
  }

  return {
    start,
    /**
     * What was never sent found no connection, or its client left meanwhile. What is under way yet has nobody to answer
     * any more; its own end would come when a front that stops takes no more spans.
     */
    end({ end, code, cause }: Outcome) {
      const why = code ?? (end === 'client left' ? 'client_left' : undefined)
      endSent(why, cause)
      if (!unsent) return
      unsent.setAttributes(backend)
      markFailed(unsent, why ?? 'closed', cause)
      unsent.end(now())
    },
  }
}

const serverOf = (origin: URL): Attributes => ({
  'server.address': origin.hostname,
  'server.port': targetOf(origin).port,
})

/** Ends a span, unless that is done; `why` where it failed by what is not its own. */
type End = (why?: string, cause?: unknown) => void

/** The convention's name for a method that it does not know. */
export const nameOf = (method: string) => (method === '_OTHER' ? 'HTTP' : method)

/** An attempt ends with the last byte of its answer, or with its connection. */
function follow(proxyReq: ClientRequest, span: Span, now: () => number): End {
  let answer: IncomingMessage | undefined
  let cause: unknown
  let over = false
  const end: End = (why, whyCause) => {
    if (over) return
    over = true
    span.setAttribute('gatehouse.connection.reused', proxyReq.reusedSocket)
    const { statusCode: status = 0, complete = false } = answer ?? {}
    if (answer) span.setAttribute('http.response.status_code', status)
    if (why !== undefined) markFailed(span, why, whyCause)
    else if (cause !== undefined || !complete) markFailed(span, typeOf(cause), cause)
    // 401 is an answer like any other, for whoever passes it on
    else if (status >= 500) markFailed(span, String(status))
    span.end(now())
  }
  proxyReq.once('response', response => {
    answer = response
    response.once('end', () => end())
  })
  proxyReq.once('error', error => {
    cause = error
  })
  proxyReq.once('close', () => end())
  return end
}

/** A connection that is dialled for an attempt becomes its child, be it set up or not. */
export function followDials(tracer: Tracer, events: Backend['events'], port: number): void {
  function dialled(address: string, ms: number, add: (span: Span, startTime: number) => void) {
    const parent = context.active()
    const since = parent.getValue(SINCE)
    if (typeof since !== 'number') return
    const endTime = since + performance.now()
    const startTime = endTime - ms
    const attributes = { 'network.peer.address': address, 'network.peer.port': port }
    const span = tracer.startSpan('connect', { startTime, attributes }, parent)
    add(span, startTime)
    span.end(endTime)
  }
  events.on('connected', ({ address, connectMs, tlsMs }) =>
    dialled(address, connectMs + (tlsMs ?? 0), (span, startTime) => {
      if (tlsMs !== undefined) span.addEvent('TCP is there, TLS begins', startTime + connectMs)
    }),
  )
  events.on('failed', (address, error, ms) =>
    dialled(address, ms, span => markFailed(span, typeOf(error), error)),
  )
}
