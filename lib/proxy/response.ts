import type { IncomingMessage, ServerResponse } from 'node:http'
import { hopByHop } from '../http/headers.ts'

/** Node keeps so many, and drops those behind them without a word. */
const MOST_HEADERS = 1000

/**
 * Sends on the backend's status line and headers as they came, several Set-Cookie kept apart; hop-by-hop headers stay
 * behind. The body is left to the caller.
 * @throws RangeError at a status that ends no request, 101 above all, and at a coding other than chunked or
 *   too many headers; what `writeHead` throws at a reason or header
 *   that HTTP does not allow. Nothing is sent then
 */
export function sendHead(from: IncomingMessage, res: ServerResponse, requestId: string, backend: URL): void {
  const { statusCode = 0, statusMessage = '' } = from
  if (statusCode < 200) throw new RangeError(`status ${statusCode}`)
  if (from.rawHeaders.length >= MOST_HEADERS * 2) throw new RangeError(`${MOST_HEADERS} headers or more`)
  // Node undoes `chunked` alone: the client would get the rest without a word that it is there (RFC 9112 §6.1)
  const coding = from.headers['transfer-encoding'] ?? 'chunked'
  if (coding.toLowerCase() !== 'chunked') throw new RangeError(`Transfer-Encoding: ${coding}`)
  const staysBehind = hopByHop(from.headers.connection)
  const head: string[] = []
  for (let i = 0; i + 1 < from.rawHeaders.length; i += 2) {
    const name = from.rawHeaders[i] ?? ''
    const value = from.rawHeaders[i + 1] ?? ''
    const key = name.toLowerCase()
    if (staysBehind(key) || key === 'x-request-id') continue
    // RFC 9110 §8.6
    if (key === 'content-length' && statusCode === 204) continue
    head.push(name, key === 'location' ? withoutOrigin(value, backend) : value)
  }
  head.push('X-Request-Id', requestId)
  res.writeHead(statusCode, statusMessage, head)
  // Node holds the head back until there is a body; one that takes its time shall not hold it up
  setImmediate(() => {
    // not flushHeaders: it writes what a header has above 0x7f as UTF-8
    if (!res.writableEnded) res.write(Buffer.alloc(0))
  })
}

/**
 * A `Location` on the backend's own host as a path, for the client cannot reach that host; any other as it is. The
 * scheme does not matter: behind an ALB that ends TLS, an API takes itself for `http:`. Leading slashes become
 * one: `//elsewhere.example` would leave the site. So would it with a tab in it, which browsers leave out.
 */
export function withoutOrigin(location: string, backend: URL): string {
  const url = /^https?:\/\//i.test(location) && URL.canParse(location) ? new URL(location) : undefined
  if (url?.hostname !== backend.hostname || (url.port !== '' && url.port !== backend.port)) return location
  return location.replace(/^https?:\/\/[^/?#\\]*/i, '').replace(/^[/\\\t]*/, '/')
}
