import http from 'node:http'
import { watchEvents } from './events.ts'
import { createFeed } from './feed.ts'
import { answerHealth } from './health.ts'
import type { Metrics } from './metrics.ts'
import { PAGE_HEADERS, readPage } from './page.ts'
import { type Parts as StateParts, stateOf } from './state.ts'

type Parts = StateParts & { readonly metrics: Metrics }

type Found = { readonly type: string; readonly text: string }

/**
 * The admin listener: health, `/metrics`, the state as JSON at `/state`, and the status page at `/`, which is the state
 * as well for whoever does not ask for HTML. What happens is noted from now on. It is not listening yet.
 */
export function createAdmin(parts: Parts): http.Server {
  const feed = createFeed({ ...parts, events: watchEvents(parts) })
  const server = http.createServer(async (req, res) => {
    if (answerHealth(req, res, parts.life)) return
    const isRead = req.method === 'GET' || req.method === 'HEAD'
    if (isRead && req.url === '/events') return feed.open(req, res)
    // whatever is wrong with the page's files, logins go on
    const found = isRead ? await find(parts, req).catch(() => null) : undefined
    res.writeHead(found ? 200 : found === null ? 500 : 404, {
      'Content-Type': found?.type ?? 'text/plain; charset=utf-8',
      'Content-Length': Buffer.byteLength(found?.text ?? ''),
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      Vary: 'Accept',
      ...PAGE_HEADERS,
    })
    res.end(req.method === 'HEAD' ? undefined : found?.text)
  })
  const { close } = server
  // a stream of events would end with its page alone, and the front waits for it
  server.close = callback => {
    feed.end()
    return close.call(server, callback)
  }
  return server
}

let page: ReturnType<typeof readPage> | undefined

async function find(parts: Parts, { url = '', headers }: http.IncomingMessage): Promise<Found | undefined> {
  if (url === '/metrics') return { type: parts.metrics.contentType, text: await parts.metrics.text() }
  const isState = url === '/state' || (url === '/' && !/\btext\/html\b/i.test(headers.accept ?? ''))
  if (isState) {
    const text = `${JSON.stringify(stateOf(parts), null, 2)}\n`
    return { type: 'application/json; charset=utf-8', text }
  }
  page ??= readPage()
  return (await page).get(url)
}
