import http from 'node:http'
import https from 'node:https'
import type { Duplex } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { WebSocketServer } from 'ws'
import { listen } from '../../lib/front/listen.ts'
import { authority } from '../backend.ts'

/** What one of them was asked for, as it came there; `who` answered. */
export type Received = {
  readonly who: string
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export type Backends = Awaited<ReturnType<typeof startBackends>>

function receivedBy(who: string, req: http.IncomingMessage, body: string): Received {
  const headers: Record<string, string> = {}
  for (let i = 0; i + 1 < req.rawHeaders.length; i += 2) {
    const name = (req.rawHeaders[i] ?? '').toLowerCase()
    const value = req.rawHeaders[i + 1] ?? ''
    headers[name] = headers[name] === undefined ? value : `${headers[name]} | ${value}`
  }
  return { who, method: req.method ?? '', url: req.url ?? '', headers, body }
}

/** Says what it received; the query tells it how: `status=302&location=/x`, `delay=500`, `large=1`, `gzip=1`. */
const echo =
  (who: string): http.RequestListener =>
  async (req, res) => {
    const body = await buffer(req).catch(() => undefined)
    // the proxy has given it up
    if (body === undefined) return
    const asked = new URL(`http://none${req.url}`).searchParams
    const words = body.length > 1000 ? `${body.length} bytes` : String(body)
    const received = receivedBy(who, req, words)
    await sleep(Number(asked.get('delay') ?? 0))
    const status = Number(asked.get('status') ?? 200)
    res
      .setHeader('X-Who', who)
      .setHeader('X-Powered-By', 'echo')
      .setHeader('X-Robots-Tag', 'none')
      .setHeader('Vary', 'Accept')
      .setHeader('Content-Type', 'application/json')
    if (who !== 'page') res.setHeader('X-Accel-Buffering', 'no')
    res.setHeader('Set-Cookie', ['session=1; Path=/; HttpOnly', 'seen=2; SameSite=Lax'])
    const location = asked.get('location')
    if (location !== null) res.setHeader('Location', location)
    const text = JSON.stringify(received) + (asked.has('large') ? ' '.repeat(300_000) : '')
    res.statusCode = status
    if (status === 204 || status === 304) res.end()
    else if (asked.has('gzip')) res.setHeader('Content-Encoding', 'gzip').end(gzipSync(text))
    else res.end(text)
  }

/** Three APIs, a realtime server and the pages, each at a port of its own: `127.0.0.1:49152`. */
export async function startBackends() {
  const servers: http.Server[] = []
  const sockets = new WebSocketServer({ noServer: true })
  const certificate = await authority.issue(['api.dev.jp'])
  const start = async (who: string, secure = false) => {
    const server = secure ? https.createServer(certificate, echo(who)) : http.createServer(echo(who))
    server.on('upgrade', (req: http.IncomingMessage, socket: Duplex, head: Buffer) =>
      sockets.handleUpgrade(req, socket, head, each => {
        each.send(JSON.stringify(receivedBy(who, req, '')))
        each.on('message', message => each.send(`${message} back`))
      }),
    )
    servers.push(server)
    return `127.0.0.1:${await listen(server, 0, '127.0.0.1')}`
  }
  return {
    api: await start('api'),
    reports: await start('reports'),
    realtime: await start('realtime'),
    /** speaks TLS, as api.dev.jp */
    secure: await start('secure', true),
    pages: await start('page'),
    /** what answers for a page, within the front */
    handlePage: echo('page'),
    close() {
      for (const each of sockets.clients) each.terminate()
      for (const each of servers) each.close().closeAllConnections()
    },
  }
}
