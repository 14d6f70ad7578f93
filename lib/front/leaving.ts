import { SAFE } from '../http/methods.ts'
import type { Exchange } from '../observe/outcome.ts'

/**
 * Whether a FIN of the client ends its connection at once. A browser that leaves a page sends one, and so does a client that has sent everything and
 * still reads (RFC 9293 §3.6). For a request that may change something the second case counts: the backend has executed it, so the client gets its
 * answer (docs/decisions/0008).
 * @param exchanges those under way on the connection; requests whose body is not complete are handled elsewhere
 */
export function endsByFin(exchanges: readonly Exchange[]): boolean {
  // an answer that is all here is only to be sent
  const open = exchanges.filter(({ req, res }) => req.complete && !res.writableEnded)
  return open.length > 0 && open.every(({ req, res }) => res.headersSent || SAFE.has(req.method ?? ''))
}
