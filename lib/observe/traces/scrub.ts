import { SpanStatusCode } from '@opentelemetry/api'
import type { Span } from '@opentelemetry/sdk-trace'

/** A query where it stands behind something, and a password before a host. */
const QUERY = /(?<=\S)\?\S+/g
const USERINFO = /(?<=:\/\/)[^/@\s]*@/g

const withoutSecrets = (text: string) => text.replace(QUERY, '').replace(USERINFO, '')

/**
 * Rule 8, for spans that are not the front's own: Next names them by the whole URL, query included, and puts the message
 * of whatever a page throws into them. The page's log has that.
 */
export function scrub(span: Span): void {
  if (span.instrumentationScope.name === 'gatehouse') return
  span.updateName(withoutSecrets(span.name))
  for (const [key, value] of Object.entries(span.attributes)) {
    if (typeof value === 'string') span.setAttribute(key, withoutSecrets(value))
  }
  for (const { attributes } of span.events) {
    delete attributes?.['exception.message']
    delete attributes?.['exception.stacktrace']
  }
  if (span.status.code === SpanStatusCode.ERROR) span.setStatus({ code: SpanStatusCode.ERROR })
}
