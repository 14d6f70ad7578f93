import http, { type IncomingMessage } from 'node:http'
import { GatewayError } from '../http/errors.ts'
import type { Log } from '../log.ts'
import { pageOf } from '../login/cross-site.ts'
import type { Handler } from '../login/login.ts'
import type { Exchange, OnOutcome } from '../observe/outcome.ts'
import type { BeginSpans } from '../observe/spans.ts'
import type { Found } from '../routes/table.ts'
import type { Config } from '../settings/settings.ts'
import { admit } from './admission.ts'
import { trustOf } from './client.ts'
import { serveSerially } from './connections.ts'

/** Names that only this machine's own processes call the listener by; a page in a browser cannot (DNS rebinding). */
const HOST = /^(127\.0\.0\.1|localhost)(:\d+)?$/i
const PEER = /^(::ffff:)?127\./
/** A page's client is told so, and closes first; in Node's own 5 s one that does not listen would meet the close. */
const KEEP_ALIVE_MS = 75_000
/** With so large a part of the connections taken, idle ones are closed. */
const CROWDED = 3 / 4
/** Over one that was answered just now a page may be sending its next call. In ms, as the one below. */
const LEAST_IDLE_MS = 1000
const WARN_AGAIN_MS = 60_000

type Parts = {
  readonly config: Pick<Config, 'MAX_HEADER' | 'TRUSTED_PROXIES'>
  readonly most: number
  readonly log: Log
  readonly find: (target: string) => Found
  readonly send: Handler
  readonly onOutcome: OnOutcome
  readonly spans?: BeginSpans | undefined
}

/**
 * The listener by which pages reach one backend from the server side, with the address cache, the pool, the failover and the
 * limits of the logins. It passes every path; bind it to loopback only. It is not listening yet.
 */
export function createEgress({ config, most, log, find, send, onOutcome, spans }: Parts): http.Server {
  const isProxy = trustOf(config.TRUSTED_PROXIES)
  // the peer is a page, so what it says of its visitor is trusted; of what the visitor said no more than the front trusts
  const trust = (address: string, hop: number) => hop === 0 || isProxy(address, hop)
  const server = http.createServer({
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: config.MAX_HEADER,
    // the whole of an upload may take as long as it likes; its pauses are bounded where its body is read
    requestTimeout: 0,
  })
  function route({ req, res, record }: Exchange): Promise<void> {
    record.route = 'egress'
    // admission adds X-Forwarded-*
    const isForeign = isOfForeignPage(req)
    const { client } = admit(req, { trust })
    // a page that passes nothing on of whom it asks for stands for all of its visitors
    record.client = client.is === 'client' ? client : { ...client, is: 'proxy' }
    if (spans) record.spans = spans(req)
    if (!HOST.test(req.headers.host ?? '')) throw new GatewayError('NOT_FOUND', 'Host is not loopback')
    // a page's own mistake, such as a slash at the end of BACKEND_URL; URL parsers take it for a host
    if (req.url?.startsWith('//')) throw new GatewayError('BAD_REQUEST', 'the path begins with two slashes')
    if (isForeign) throw new GatewayError('CROSS_SITE', pageOf(req))
    // whom all of a server's paths are meant for is no question for the API
    if (req.url === '*') throw new GatewayError('BAD_REQUEST', 'OPTIONS * is not for the API')
    return send(req, res, record, find(req.url ?? ''))
  }

  const connections = serveSerially(server, route, onOutcome)
  // a page that makes a new agent for each call leaves every connection open, until logins find no descriptor
  let open = 0
  server.maxConnections = most
  let lastWarnedAt = Number.NEGATIVE_INFINITY
  server.on('drop', () => {
    if (performance.now() - lastWarnedAt < WARN_AGAIN_MS) return
    lastWarnedAt = performance.now()
    log.warn({ most }, 'pages have too many connections to BACKEND_URL open: one more was closed')
  })
  const makeRoom = () => {
    if (open > most * CROWDED) connections.closeIdle(LEAST_IDLE_MS)
  }
  server.on('connection', socket => {
    // where a host has net.ipv4.conf.*.route_localnet=1, its neighbours reach 127.0.0.1 as well (CVE-2020-8558)
    if (!PEER.test(socket.remoteAddress ?? '')) socket.destroy()
    open++
    socket.once('close', () => open--)
    makeRoom()
  })
  const makingRoom = setInterval(makeRoom, LEAST_IDLE_MS).unref()
  server.once('close', () => clearInterval(makingRoom))
  return server
}

/**
 * Whether it was some site's page in a browser on this machine that asked; not even reading is left to it, for the API
 * may let any origin read its answers. A page of the app may pass on all that its visitor sent, `Sec-Fetch-Site: cross-site`
 * after a link from elsewhere; X-Forwarded-* is among that then. A browser's page can add that to a request of its own
 * only by asking first (CORS), and what asks is refused.
 */
function isOfForeignPage({ headers }: IncomingMessage): boolean {
  const { origin, 'sec-fetch-site': site } = headers
  if (headers['x-forwarded-for'] !== undefined || headers['x-forwarded-host'] !== undefined) return false
  return site === undefined ? origin !== undefined : site !== 'same-origin' && site !== 'none'
}
