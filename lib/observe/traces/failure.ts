import { type Span, SpanStatusCode } from '@opentelemetry/api'
import { describeError, GatewayError } from '../../http/errors.ts'

/**
 * Marks a span as failed.
 * @param type of few values, as the convention asks: see `typeOf`, or a status
 * @param cause the text that the log has; it has no secret in it (docs/rules.md, 8)
 */
export function markFailed(span: Span, type: string, cause?: unknown): void {
  span.setAttribute('error.type', type)
  span.setStatus({
    code: SpanStatusCode.ERROR,
    ...(cause !== undefined && { message: describeError(cause) }),
  })
}

/** The table's code, Node's code, or the class. */
export function typeOf(error: unknown): string {
  if (error instanceof GatewayError) return error.code
  if (!(error instanceof Error)) return 'closed'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
