import { weightsIn } from './weights.ts'

/** One that does not end goes to the end, or each quote in it would be looked at anew. */
const QUOTED = /"(?:[^"\\]|\\.)*(?:"|\\?$)/gs

/**
 * Whether an error is a page: for who names `text/html` and wants JSON no more than that (RFC 9110 §12.5.1). Wildcards alone are no browser's.
 * @param accept read in linear time
 */
export function prefersHtml(accept = ''): boolean {
  const weights = weightsIn(accept.replace(QUOTED, ''))
  const html = weights.get('text/html') ?? 0
  const json = weights.get('application/json') ?? weights.get('application/*') ?? weights.get('*/*') ?? 0
  return html > 0 && html >= json
}
