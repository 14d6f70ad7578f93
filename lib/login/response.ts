import type { IncomingMessage, ServerResponse } from 'node:http'
import { hopByHop } from '../headers.ts'

/**
 * Sends on the backend's status line and headers as they came, several Set-Cookie kept apart; hop-by-hop headers stay
 * behind. The body is left to the caller.
 * @throws what `writeHead` throws at a status or header that HTTP does not allow; nothing is sent then
 */
export function sendHead(from: IncomingMessage, res: ServerResponse, requestId: string, backend: URL): void {
  const staysBehind = hopByHop(from.headers.connection)
  const head: string[] = []
  for (let i = 0; i + 1 < from.rawHeaders.length; i += 2) {
    const name = from.rawHeaders[i] ?? ''
    const value = from.rawHeaders[i + 1] ?? ''
    const key = name.toLowerCase()
    if (staysBehind(key) || key === 'x-request-id') continue
    head.push(name, key === 'location' ? withoutOrigin(value, backend) : value)
  }
  head.push('X-Request-Id', requestId)
  res.writeHead(from.statusCode ?? 0, from.statusMessage ?? '', head)
}

/**
 * A `Location` on the backend's own host as a path, for the client cannot reach that host; any other as it is. The
 * scheme does not matter: behind an ALB that ends TLS, an API takes itself for `http:`. Leading slashes become
 * one: `//elsewhere.example` would leave the site.
 */
export function withoutOrigin(location: string, backend: URL): string {
  const url = /^https?:\/\//i.test(location) && URL.canParse(location) ? new URL(location) : undefined
  if (url?.hostname !== backend.hostname || (url.port !== '' && url.port !== backend.port)) return location
  return location.replace(/^https?:\/\/[^/?#\\]*/i, '').replace(/^[/\\]*/, '/')
}
