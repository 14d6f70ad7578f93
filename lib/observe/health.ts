import type { IncomingMessage, ServerResponse } from 'node:http'
import { ALLOW } from '../http/methods.ts'
import type { Lifecycle } from './lifecycle.ts'

/**
 * Answers, below `prefix`, `/healthz` (alive: 200 for as long as the front can answer) and `/readyz` (503 until the pages are
 * ready and once the front stops). Neither looks at the backend: to restart a task would not bring that back. `OPTIONS *` asks
 * no more than whether a server is there (RFC 9110 §9.3.7).
 * @returns whether the request was one of these
 */
export function answerHealth(
  req: IncomingMessage,
  res: ServerResponse,
  lifecycle: Lifecycle,
  prefix = '',
): boolean {
  if (req.url === '*') {
    res.writeHead(204, { Allow: ALLOW }).end()
    return true
  }
  const ready = req.url === `${prefix}/readyz`
  if (!ready && req.url !== `${prefix}/healthz`) return false
  const body = `${ready ? lifecycle.phase : 'ok'}\n`
  res.writeHead(ready && lifecycle.phase !== 'ready' ? 503 : 200, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
  })
  res.end(req.method === 'HEAD' ? undefined : body)
  return true
}
