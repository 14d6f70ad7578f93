import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import proxyAddr from 'proxy-addr'
import { GatewayError } from '../errors.ts'
import { hopByHop, namesTooMuch } from '../headers.ts'

/** Whether X-Forwarded-* of this peer is believed. */
export type Trust = (address: string, hop: number) => boolean

/**
 * Visible ASCII. Node lets through what URL parsers disagree on: `//` at the start, `#`, and backslashes, which only
 * the query may have: browsers leave them there as they are.
 */
const TARGET = /^\/(?!\/)[!"$->@-[\]-~]*(\?[!"$-~]*)?$/
const HOST = /^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i
const REQUEST_ID = /^[\w.:-]{1,64}$/
/** SOURCE is Icecast's: for it alone Node takes `ICE/1.0` in a request line for HTTP/1.0. */
const NOT_ALLOWED = new Set(['TRACE', 'CONNECT', 'SOURCE'])

/**
 * The first step of a request: refuses what is malformed, and leaves in `req.headers` and `req.url` only what may
 * be passed on. Afterwards `x-request-id` and `x-forwarded-*` are there and right, for pages and backend alike.
 * @throws GatewayError BAD_REQUEST, METHOD_NOT_ALLOWED
 */
export function admit(req: IncomingMessage, trust: Trust): void {
  // what is refused below is logged as its peer's, not as whose it says it is
  delete req.headers['x-real-ip']
  const id = req.headers['x-request-id']
  req.headers['x-request-id'] = typeof id === 'string' && REQUEST_ID.test(id) ? id : randomUUID()
  checkHost(req)
  checkFraming(req)
  if (NOT_ALLOWED.has(req.method ?? '')) throw new GatewayError('METHOD_NOT_ALLOWED')
  toOriginForm(req)
  dropHeaders(req)
  forward(req, trust)
}

/** RFC 9112 §3.2: exactly one Host, without userinfo or a path. Node checks only that there is one. */
function checkHost(req: IncomingMessage) {
  const { host } = req.headers
  let count = 0
  for (let i = 0; i < req.rawHeaders.length; i += 2) {
    if (req.rawHeaders[i]?.length === 4 && req.rawHeaders[i]?.toLowerCase() === 'host') count++
  }
  const missing = host === undefined && req.httpVersion === '1.0'
  if (!missing && (count !== 1 || !HOST.test(host ?? ''))) throw new GatewayError('BAD_REQUEST')
}

/**
 * RFC 9112 §6.1: a coding that this hop does not know must not be passed on under another framing. Node takes HTTP/0.9
 * and HTTP/2.0 in a request line for versions like any other, and what stands below it for headers.
 */
function checkFraming(req: IncomingMessage) {
  if (req.httpVersion !== '1.1' && req.httpVersion !== '1.0') throw new GatewayError('BAD_REQUEST')
  const { 'transfer-encoding': coding, 'content-length': length, connection, upgrade } = req.headers
  // malformed chunks in a request that asks for an upgrade go unnoticed by Node, and the client would wait for ever
  const isKnown = coding?.toLowerCase() === 'chunked' && req.httpVersion === '1.1' && upgrade === undefined
  if (coding !== undefined && !isKnown) throw new GatewayError('BAD_REQUEST')
  // past it Node's parser and a peer's round differently
  if (Number(length) > Number.MAX_SAFE_INTEGER) throw new GatewayError('BAD_REQUEST')
  if (connection !== undefined && namesTooMuch(connection)) throw new GatewayError('BAD_REQUEST')
}

/** RFC 9112 §3.2.2: the absolute form must be accepted as well, and its host goes before the one in Host. */
function toOriginForm(req: IncomingMessage) {
  const [, host, rest = ''] = /^https?:\/\/([^/?#]*)(.*)$/i.exec(req.url ?? '') ?? []
  if (host !== undefined) {
    if (!HOST.test(host)) throw new GatewayError('BAD_REQUEST')
    req.headers.host = host
    req.url = rest.startsWith('/') ? rest : `/${rest}`
  }
  if (!TARGET.test(req.url ?? '')) throw new GatewayError('BAD_REQUEST')
}

/**
 * Hop-by-hop headers but the framing (the proxy needs it), and what could be taken for one of ours: `Proxy`
 * (CVE-2016-5385), `Forwarded`, and names with an underscore, which CGI-like backends read as a hyphen.
 */
function dropHeaders(req: IncomingMessage) {
  const staysBehind = hopByHop(req.headers.connection)
  for (const name of Object.keys(req.headers)) {
    if (name === 'transfer-encoding') continue
    if (staysBehind(name) || name === 'proxy' || name === 'forwarded' || name.includes('_')) {
      delete req.headers[name]
    }
  }
}

/**
 * X-Forwarded-* and X-Real-IP. A trusted proxy's are kept and appended to; anybody else's are replaced.
 * The port is the one in Host where no proxy names it.
 */
function forward(req: IncomingMessage, trust: Trust) {
  const { headers } = req
  const peer = req.socket.remoteAddress
  // the client has reset the connection by now: its address is gone, and nobody waits for an answer
  if (peer === undefined) throw new GatewayError('BAD_REQUEST')
  const trusted = trust(peer, 0)
  const client = proxyAddr(req, trust)
  const take = (name: string, shape: RegExp) => {
    const value = headers[name]
    return trusted && typeof value === 'string' && shape.test(value) ? value : undefined
  }
  const chain = take('x-forwarded-for', /\S/)
  const proto = take('x-forwarded-proto', /^https?$/) ?? 'http'
  headers['x-forwarded-for'] = chain ? `${chain}, ${plain(peer)}` : plain(peer)
  headers['x-forwarded-proto'] = proto
  headers['x-real-ip'] = plain(isIP(client) ? client : peer)
  const host = take('x-forwarded-host', HOST) ?? headers.host
  const port = take('x-forwarded-port', /^\d{1,5}$/) ?? /:(\d+)$/.exec(host ?? '')?.[1]
  headers['x-forwarded-port'] = port ?? (proto === 'https' ? '443' : '80')
  if (host === undefined) delete headers['x-forwarded-host']
  else headers['x-forwarded-host'] = host
}

/** `::ffff:10.0.0.7`, as a dual-stack listener sees it, without its prefix. */
const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, '')
