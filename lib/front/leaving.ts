import { SAFE } from '../http/methods.ts'
import type { Exchange } from '../observe/outcome.ts'

/**
 * Whether a FIN of the client ends its connection at once. A browser that leaves a page sends one, and so does a client that
 * has nothing more to ask but reads on (RFC 9293 §3.6): a login is done at the backend by then, so its client gets the
 * answer (docs/decisions/0008).
 * @param exchanges those under way on the connection; one whose body is not whole is looked at elsewhere
 */
export function endsByFin(exchanges: readonly Exchange[]): boolean {
  // an answer that is all here is only to be sent
  const open = exchanges.filter(({ req, res }) => req.complete && !res.writableEnded)
  return open.length > 0 && open.every(({ req, res }) => res.headersSent || SAFE.has(req.method ?? ''))
}
