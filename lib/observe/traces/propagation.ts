import type { IncomingMessage } from 'node:http'
import { type Context, defaultTextMapGetter, defaultTextMapSetter, ROOT_CONTEXT } from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'

const propagator = new W3CTraceContextPropagator()

/** The context that a request comes with (W3C Trace Context); the root, where it has none or a malformed one. */
export const contextOf = (req: IncomingMessage): Context =>
  propagator.extract(ROOT_CONTEXT, req.headers, defaultTextMapGetter)

/** From now on the headers of a request say that it comes from here. */
export function leaveContext(from: Context, req: IncomingMessage): void {
  // one without a traceparent of its own belongs to nobody
  delete req.headers.tracestate
  propagator.inject(from, req.headers, defaultTextMapSetter)
}
