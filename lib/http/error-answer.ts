import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import { chooseLanguage, prefersHtml } from './accept.ts'
import { ERROR_PAGE_HEADERS, errorPage } from './error-page.ts'
import { ERRORS, type GatewayError } from './errors.ts'
import { dropInTurns } from './in-turns.ts'
import { ALLOW } from './methods.ts'

/** What is left of a refused body is read until so long nothing of it has come, in ms: a reset could overtake the answer (RFC 9112 §9.6). */
const DRAIN_MS = 2000
/** And for so long in all, as with Nginx's lingering_time. */
const MOST_DRAIN_MS = 30_000

/** Of the API's own answer, its body and what it begins: an error has a body of its own, and begins nothing. */
const OF_ANSWER =
  /^(content-(?!security-policy).*|set-cookie|www-authenticate|location|refresh|clear-site-data|etag|last-modified|expires|age)$/

type Readers = {
  readonly readableBy?: string | undefined
  readonly ofRoute?: readonly (readonly [name: string, value: string])[] | undefined
}

/**
 * Answers with an error of the table: a small page for a client that asks for HTML, JSON for any other. Says
 * nothing of host, URL or cause. Where a response has begun already, it is cut off, so that the client sees that it is incomplete.
 * @param readableBy the origin of another site whose page may read the answer (CORS); absent for none
 * @param ofRoute responseHeaders of the route that it was for: without its CORS headers, a page could not read what went wrong
 */
export function answerError(
  req: IncomingMessage,
  res: ServerResponse,
  error: GatewayError,
  { readableBy, ofRoute = [] }: Readers = {},
): void {
  if (res.headersSent || res.destroyed) {
    abortResponse(res)
    return
  }
  const { status, retry, en } = ERRORS[error.code]
  const retryAfter = error.retryAfterSeconds ?? (retry && status === 503 ? 1 : undefined)
  const requestId = String(req.headers['x-request-id'] ?? '')
  const html = prefersHtml(req.headers.accept)
  const body = html
    ? errorPage(error.code, chooseLanguage(req.headers['accept-language']), req)
    : `${JSON.stringify({ error: { code: error.code, message: en, retry }, requestId })}\n`
  // where a malformed request ends is unknown (RFC 9112 §11.2), nor when one that stopped half way does
  if (status === 400 || status === 408) res.shouldKeepAlive = false
  // the reason said outright: the one of an answer that could not be passed on may be left over in `res`
  for (const [name, value] of ofRoute) if (value !== '' && !OF_ANSWER.test(name)) res.setHeader(name, value)
  const vary = ofRoute.find(([name]) => name === 'vary')?.[1]
  // what is written here goes before what was set
  res.writeHead(status, STATUS_CODES[status] ?? '', {
    'Content-Type': html ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    Vary: `Accept, Accept-Language, Origin${vary ? `, ${vary}` : ''}`,
    'X-Content-Type-Options': 'nosniff',
    'X-Request-Id': requestId,
    ...(html && ERROR_PAGE_HEADERS),
    ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }),
    ...(status === 405 && { Allow: ALLOW }),
    ...(readableBy !== undefined && {
      'Access-Control-Allow-Origin': readableBy,
      // a page asks for a login with `credentials: 'include'`, and could otherwise not read what came of it
      'Access-Control-Allow-Credentials': 'true',
      'Access-Control-Expose-Headers': 'Retry-After, X-Request-Id',
    }),
  })
  res.end(req.method === 'HEAD' ? undefined : body)
  drain(req)
}

/**
 * Ends an answer that has begun so that the client sees that it is incomplete. In HTTP/1.0, which an Nginx before 1.29.7 speaks, an answer without
 * a length ends with its connection, unless that is reset (RFC 9112 §8).
 */
export function abortResponse(res: ServerResponse): void {
  if (res.req.httpVersion === '1.0') res.socket?.resetAndDestroy()
  res.destroy()
}

/** Reads the rest of a request, so that the next one on its connection can come; too long a rest ends the connection. */
function drain(req: IncomingMessage) {
  req.unpipe()
  if (req.complete) return void req.resume()
  const end = () => req.socket.destroy()
  // paused: it waits for its turn, and the client for us
  const silent = setTimeout(() => (req.isPaused() ? silent.refresh() : end()), DRAIN_MS)
  const late = setTimeout(end, MOST_DRAIN_MS)
  dropInTurns(req.on('data', () => silent.refresh()))
  req.once('close', () => {
    clearTimeout(silent)
    clearTimeout(late)
  })
}
