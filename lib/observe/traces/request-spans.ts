import { type Attributes, type Span, SpanKind, type Tracer, trace } from '@opentelemetry/api'
import type { Backend } from '../../backend/backend.ts'
import { targetOf } from '../../backend/connect.ts'
import { amazonTraceId, pathOf } from '../log-line.ts'
import type { Outcome } from '../outcome.ts'
import type { BeginSpans, Spans } from '../spans.ts'
import { createAttemptSpans, followDials, nameOf } from './attempt-spans.ts'
import { markFailed } from './failure.ts'
import { contextOf, leaveContext } from './propagation.ts'

/** Names of spans and attributes are those of OpenTelemetry's semantic conventions for HTTP, which know no other methods. */
const METHODS = ['GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'QUERY']

/** Whoever is asked learns the trace all the same, for the log. */
const NOT_SAMPLED: Omit<Spans, 'traceId'> = {
  attempt: () => ({ run: send => send(), sent() {} }),
  end() {},
}

/** The front's own spans: a request, its attempts, and the connections that were dialled for them. */
export function createSpans(tracer: Tracer, backends: readonly Backend[]): BeginSpans {
  for (const { events, origin } of backends) followDials(tracer, events, targetOf(origin).port)

  return req => {
    const since = Date.now() - performance.now()
    const now = () => since + performance.now()
    const method = METHODS.find(each => each === req.method) ?? '_OTHER'
    const from = contextOf(req)
    const span = tracer.startSpan(nameOf(method), { kind: SpanKind.SERVER, startTime: now() }, from)
    const own = trace.setSpan(from, span)
    leaveContext(own, req)
    const { traceId } = span.spanContext()
    if (!span.isRecording()) return { traceId, ...NOT_SAMPLED }
    const attempts = createAttemptSpans({ tracer, req, method, parent: own, since })
    return {
      traceId,
      attempt: attempts.start,
      end(outcome) {
        attempts.end(outcome)
        // a span that does not end is not sent
        if (outcome.route === 'static') return
        describeOutcome(span, method, outcome)
        span.end(now())
      },
    }
  }
}

/** What is known of a request once it is over: what its line in the log says, and no more (docs/rules.md, 8). */
function describeOutcome(span: Span, method: string, outcome: Outcome) {
  const { req, peer, route, status, code, cause } = outcome
  const { headers, url = '' } = req ?? {}
  const path = pathOf(url)
  const matched = route === 'egress' ? undefined : outcome.matched
  const client = headers?.['x-real-ip'] ?? peer
  const amazon = amazonTraceId(headers)
  span.updateName(`${nameOf(method)} ${matched ?? route}`)
  span.setAttributes({
    'http.request.method': method,
    'url.path': path,
    'url.scheme': String(headers?.['x-forwarded-proto']),
    ...serverOf(headers?.['x-forwarded-host'], headers?.['x-forwarded-port']),
    ...(client !== undefined && { 'client.address': String(client) }),
    ...(matched !== undefined && { 'http.route': matched }),
    ...(status !== undefined && { 'http.response.status_code': status }),
    ...(amazon !== undefined && { 'http.request.header.x-amzn-trace-id': [amazon] }),
    'gatehouse.request_id': String(headers?.['x-request-id']),
    'gatehouse.route': route,
  })
  if (code !== undefined) span.setAttribute('error.type', code)
  else if (outcome.end === 'client left') span.setAttribute('error.type', 'client_left')
  // a 4xx is the client's mistake, and not an error of this span
  if (outcome.end === 'cut off' || outcome.result === 'failed')
    markFailed(span, code ?? String(status), cause)
}

/** As admission has left it. */
function serverOf(host: string | string[] | undefined, port: string | string[] | undefined): Attributes {
  if (typeof host !== 'string') return {}
  return { 'server.address': host.replace(/:\d+$/, ''), 'server.port': Number(port) }
}
