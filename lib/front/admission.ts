import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { GatewayError } from '../http/errors.ts'
import { FORWARDED, hopByHop, namesTooMuch } from '../http/headers.ts'
import type { Client } from '../observe/outcome.ts'
import { addressOf, entryAt, MOST_HOPS, type Peer, proxiesIn, type Trust, whoAsks } from './client.ts'
import type { TakeAddress } from './client-address.ts'
import type { FindPublic } from './public-origin.ts'

/**
 * Visible ASCII without `#`, which URL parsers disagree on. Repeated slashes and backslashes are for the route table, and for Next,
 * which redirects to the path without them.
 */
const TARGET = /^\/[!"$->@-~]*(\?[!"$-~]*)?$/
/** The port may be empty (RFC 3986 §3.2.3). */
const HOST = /^([\w.-]+|\[[\da-f:.]+\])(:\d{0,5})?$/i
const REQUEST_ID = /^[\w.:-]{1,64}$/
/** SOURCE is Icecast's: for it alone Node takes `ICE/1.0` in a request line for HTTP/1.0. */
const NOT_ALLOWED = new Set(['TRACE', 'CONNECT', 'SOURCE'])

/** How far a request is trusted with where it comes from. */
export type Admission = {
  /** whose X-Forwarded-For, -Proto and -Port count */
  readonly trust: Trust
  /** of X-Forwarded-Host only what it finds counts; absent where every trusted proxy's counts */
  readonly findPublic?: FindPublic
  /** absent where X-Forwarded-For alone names clients */
  readonly takeAddress?: TakeAddress | undefined
}

/** Whom a request comes from, and whether it came over TLS to the outermost trusted proxy, whatever PUBLIC_ORIGIN says. */
export type Admitted = { readonly client: Client; readonly isSecure: boolean }

/**
 * The first step of a request: refuses what is malformed, and leaves in `req.headers` and `req.url` only what may
 * be passed on. Afterwards `x-request-id` and `x-forwarded-*` are there and right, for pages and backend alike.
 * @throws GatewayError BAD_REQUEST, METHOD_NOT_ALLOWED, MISDIRECTED
 */
export function admit(req: IncomingMessage, admission: Admission): Admitted {
  // empty where the client has reset the connection by now
  const { remoteAddress = '' } = req.socket
  const own = addressOf(remoteAddress) ?? remoteAddress
  const peer = { own, isTrusted: admission.trust(own, 0) }
  // before X-Real-IP goes, which may be the header that names the client
  const address = admission.takeAddress?.(req.headers, peer.isTrusted)
  // what is refused below is logged as its peer's, not as whose it says it is
  delete req.headers['x-real-ip']
  const id = req.headers['x-request-id']
  req.headers['x-request-id'] = typeof id === 'string' && REQUEST_ID.test(id) ? id : randomUUID()
  checkHost(req)
  checkFraming(req)
  if (NOT_ALLOWED.has(req.method ?? '')) throw new GatewayError('METHOD_NOT_ALLOWED')
  toOriginForm(req)
  dropHeaders(req)
  return forward(req, admission, peer, address)
}

/** RFC 9112 §3.2: exactly one Host, without userinfo or a path. Node checks only that there is one. */
function checkHost(req: IncomingMessage) {
  const { host } = req.headers
  let count = 0
  for (let i = 0; i < req.rawHeaders.length; i += 2) {
    if (req.rawHeaders[i]?.length === 4 && req.rawHeaders[i]?.toLowerCase() === 'host') count++
  }
  const missing = host === undefined && req.httpVersion === '1.0'
  if (!missing && (count !== 1 || !HOST.test(host ?? '')))
    throw new GatewayError('BAD_REQUEST', 'Host is missing, there twice, or malformed')
}

/**
 * RFC 9112 §6.1: a coding that this hop does not know must not be passed on under another framing. Node takes HTTP/0.9
 * and HTTP/2.0 in a request line for versions like any other, and what stands below it for headers.
 */
function checkFraming(req: IncomingMessage) {
  if (req.httpVersion !== '1.1' && req.httpVersion !== '1.0')
    throw new GatewayError('BAD_REQUEST', 'neither HTTP/1.1 nor HTTP/1.0')
  const { 'transfer-encoding': coding, 'content-length': length, connection, upgrade } = req.headers
  // malformed chunks in a request that asks for an upgrade go unnoticed by Node, and the client would wait for ever
  const isKnown = coding?.toLowerCase() === 'chunked' && req.httpVersion === '1.1' && upgrade === undefined
  if (coding !== undefined && !isKnown)
    throw new GatewayError('BAD_REQUEST', 'Transfer-Encoding is not chunked, or not allowed here')
  // past it Node's parser and a peer's round differently
  if (Number(length) > Number.MAX_SAFE_INTEGER)
    throw new GatewayError('BAD_REQUEST', 'Content-Length is too large')
  if (connection !== undefined && namesTooMuch(connection))
    throw new GatewayError('BAD_REQUEST', 'Connection names a header that must not be dropped, or too many')
}

/** RFC 9112 §3.2.2: the absolute form must be accepted as well, and its host goes before the one in Host. */
function toOriginForm(req: IncomingMessage) {
  const [, host, rest = ''] = /^https?:\/\/([^/?#]*)(.*)$/i.exec(req.url ?? '') ?? []
  if (host !== undefined) {
    if (!HOST.test(host) || rest.startsWith('//'))
      throw new GatewayError('BAD_REQUEST', 'the host of the request target is malformed')
    req.headers.host = host
    req.url = rest.startsWith('/') ? rest : `/${rest}`
  }
  // RFC 9112 §3.2.4: asked of the server as such
  if (req.url === '*' && req.method === 'OPTIONS') return
  if (!TARGET.test(req.url ?? ''))
    throw new GatewayError('BAD_REQUEST', 'the request target is no path, or has a # or a byte above 0x7f')
}

/**
 * What is like X-Forwarded-* and is none of the four that `forward` writes: X-Forwarded-Prefix, -Ssl, -Scheme, -Server, -User,
 * X-Original-URL, X-Rewrite-URL. Frameworks take paths, schemes and users from them, and an ALB passes a visitor's through.
 */
const LIKE_FORWARDED = /^x-(forwarded|original-|rewrite-)/

/**
 * Whether a header, in lower case, could be taken for one of ours: `Proxy` (CVE-2016-5385), `Forwarded`, what is like X-Forwarded-*,
 * and names with an underscore, which CGI-like backends read as a hyphen.
 */
export const isLikeOurs = (name: string): boolean =>
  (LIKE_FORWARDED.test(name) && !FORWARDED.has(name)) ||
  name === 'proxy' ||
  name === 'forwarded' ||
  name.includes('_')

/** Hop-by-hop headers but the framing (the proxy needs it), and what could be taken for one of ours. */
function dropHeaders(req: IncomingMessage) {
  const staysBehind = hopByHop(req.headers.connection)
  for (const name of Object.keys(req.headers))
    if (name !== 'transfer-encoding' && (staysBehind(name) || isLikeOurs(name))) delete req.headers[name]
}

/**
 * X-Forwarded-* and X-Real-IP. A trusted proxy's are kept, and X-Forwarded-For is appended to; anybody else's are replaced.
 * Of a list the entry counts that the outermost of the trusted proxies wrote. X-Forwarded-Host counts where it is a public
 * origin's: a load balancer passes on what the visitor sends. Scheme and port are then that origin's; else the port
 * is the one in Host where no proxy names it.
 * @param address of the client, where a header of a CDN named it
 */
function forward(
  { headers }: IncomingMessage,
  { trust, findPublic }: Admission,
  peer: Peer,
  address: string | undefined,
): Admitted {
  // nobody waits for an answer
  if (peer.own === '') throw new GatewayError('BAD_REQUEST', 'the client has left')
  const chain = textOf(headers['x-forwarded-for'])
  const { client, hops } = whoAsks(peer, chain, trust)
  // what trusted proxies wrote stays behind the address: by that a loop is found
  const sent = address === undefined ? chain : [address, ...proxiesIn(chain, hops, address)].join(', ')
  // nobody has so many proxies, and an ALB says 463 to more than 30: BACKEND_ORIGIN, or a rewrite of the app, leads back here
  if (hops === MOST_HOPS) throw new GatewayError('MISDIRECTED', `a loop: forwarded ${hops} times`)
  const take = (name: string, shape: RegExp) => {
    const value = hops === undefined ? undefined : entryAt(textOf(headers[name]) ?? '', hops)
    return value !== undefined && shape.test(value) ? value : undefined
  }
  // Traefik says `wss` of a handshake over TLS
  const proto = (take('x-forwarded-proto', /^(?:http|ws)s?$/i) ?? 'http').toLowerCase().replace('ws', 'http')
  const named = take('x-forwarded-host', HOST)
  const known = findPublic && (findPublic(named, proto) ?? findPublic(headers.host, proto))
  const host = known?.host ?? (findPublic ? undefined : named) ?? headers.host
  const port = known?.port ?? take('x-forwarded-port', /^\d{1,5}$/) ?? /:(\d+)$/.exec(host ?? '')?.[1]
  headers['x-forwarded-for'] =
    hops !== undefined && sent && /\S/.test(sent) ? `${sent}, ${peer.own}` : peer.own
  headers['x-forwarded-proto'] = known?.proto ?? proto
  headers['x-real-ip'] = address ?? client.address
  headers['x-forwarded-port'] = port ?? (proto === 'https' ? '443' : '80')
  if (host === undefined) delete headers['x-forwarded-host']
  else headers['x-forwarded-host'] = host
  return { client: address === undefined ? client : { address, is: 'client' }, isSecure: proto === 'https' }
}

/** Node joins the lines of these headers into one text. */
const textOf = (value: string | string[] | undefined) => (Array.isArray(value) ? value.join(', ') : value)
