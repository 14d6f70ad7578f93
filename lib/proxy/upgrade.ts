import { createHash } from 'node:crypto'
import http, { type ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Backend } from '../backend/backend.ts'
import type { Backends } from '../backend/backends.ts'
import { GatewayError } from '../http/errors.ts'
import { passHead } from '../http/pass-head.ts'
import type { Log } from '../log.ts'
import type { Bounds } from '../observe/bounds.ts'
import type { RequestRecord } from '../observe/outcome.ts'
import type { Found } from '../routes/table.ts'
import type { Config } from '../settings/settings.ts'
import { failureOf } from './proof.ts'
import { createHosts, setHeaders } from './request-head.ts'
import { checkRoom } from './room.ts'
import { createTranslation } from './translate.ts'
import { tunnel } from './tunnel.ts'

/** RFC 6455 §1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
/** A handshake is a GET: it may be sent once more where its connection closes without an answer. */
const MOST_TRIES = 2
/** A bound for memory, far above what one task can serve. */
const MOST_TUNNELS = 4096

type Parts = {
  readonly config: Config
  readonly backends: Pick<Backends, 'of'>
  readonly bounds: Pick<Bounds, 'requests'>
  readonly log: Log
}

/** The client's side of a connection that asks for an upgrade. */
export type Asking = {
  readonly socket: Duplex
  /** what came behind the head; nothing of it leaves before the API has switched */
  readonly head: Buffer
  /** answers over that socket; it closes with it */
  readonly res: ServerResponse
}

/**
 * Carries the handshake of an admitted request for a WebSocket to the API, and the connection after it. Resolves when the tunnel
 * stands, or the API's refusal has been passed on.
 * @throws GatewayError where no answer can be passed on
 */
export type Upgrade = (
  req: IncomingMessage,
  asking: Asking,
  record: RequestRecord,
  found: Found,
) => Promise<void>

/**
 * Whether a request is a WebSocket's handshake (RFC 6455 §4.1), and nothing else besides: a body, another protocol or HTTP/1.0 make it
 * the plain request that it also is.
 */
export function isHandshake({ method, httpVersion, headers }: IncomingMessage): boolean {
  return (
    method === 'GET' &&
    httpVersion === '1.1' &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    headers['sec-websocket-key'] !== undefined &&
    headers['transfer-encoding'] === undefined &&
    Number(headers['content-length'] ?? 0) === 0
  )
}

/** What the API said to the handshake. */
type Said = { readonly answer: IncomingMessage; readonly tunnel?: { socket: Duplex; head: Buffer } }

/** Only a 101 with the right `Sec-WebSocket-Accept` opens a tunnel: whoever takes any answer for one lets requests through unseen. */
export function createUpgrade({ config, backends, bounds, log }: Parts): Upgrade {
  const { requests } = bounds
  const hostOf = createHosts(config.PUBLIC_ORIGIN)
  let open = 0

  /** By itself: what a listener of the socket can see stays in memory as long as that is open. */
  function countUntilClosed(socket: Duplex) {
    open++
    socket.once('close', () => open--)
  }

  return async (req, { socket, head, res }, record, found) => {
    const { route } = found
    record.route = 'upgrade'
    const backend = backends.of(route.origin, route.serverName)
    record.backend = backend.name
    record.matched = route.path || '/'
    if (open >= MOST_TUNNELS) throw new GatewayError('FULL')
    checkRoom(requests)
    const key = String(req.headers['sec-websocket-key'])
    const host = hostOf(route, req) ?? route.origin.host
    setHeaders(req, route)
    const headers = { ...req.headers, host, connection: 'Upgrade', upgrade: 'websocket' }
    countUntilClosed(socket)
    requests.now++
    try {
      await shake()
    } finally {
      requests.now--
    }

    async function shake() {
      for (let tries = 1; ; tries++) {
        const said = await shakeHands({ backend, found, headers, socket, record }).catch((error: unknown) => {
          if (tries < MOST_TRIES && isCut(error)) return undefined
          throw failureOf(error, undefined)
        })
        if (socket.destroyed) return said?.tunnel?.socket.destroy() && undefined
        if (said) return said.tunnel ? join(said, said.tunnel) : refuse(said.answer)
        record.retries = tries
      }
    }

    function join({ answer }: Said, { socket: other, head: first }: NonNullable<Said['tunnel']>) {
      const { upgrade = '', 'sec-websocket-accept': accept } = answer.headers
      if (answer.statusCode !== 101 || upgrade.toLowerCase() !== 'websocket' || accept !== acceptOf(key)) {
        other.destroy()
        throw new GatewayError('BACKEND_BAD_ANSWER', new Error('101 that does not answer the handshake'))
      }
      record.answered = 101
      passHead(answer, res, {
        requestId: String(req.headers['x-request-id']),
        set: route.responseHeaders,
        switches: true,
      })
      res.end()
      tunnel({ socket, head }, { socket: other, head: first }, route.timeout)
    }

    function refuse(answer: IncomingMessage) {
      const requestId = String(req.headers['x-request-id'])
      try {
        passHead(answer, res, {
          requestId,
          translate: createTranslation(config, route.origin, log)(req, route),
          set: route.responseHeaders,
        })
      } catch (error) {
        answer.destroy()
        throw new GatewayError('BACKEND_BAD_ANSWER', error)
      }
      record.answered = answer.statusCode
      answer.once('error', () => res.destroy())
      answer.pipe(res)
    }
  }
}

export const acceptOf = (key: string): string =>
  createHash('sha1')
    .update(key + GUID)
    .digest('base64')

const isCut = (error: unknown) =>
  error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')

type Handshake = {
  readonly backend: Backend
  readonly found: Found
  readonly headers: http.OutgoingHttpHeaders
  /** the client's; its end is the handshake's */
  readonly socket: Duplex
  readonly record: RequestRecord
}

/** Sends a handshake over a new connection, which no pool gets back. */
function shakeHands({ backend, found, headers, socket, record }: Handshake): Promise<Said> {
  const { origin, agent } = backend
  return new Promise((resolve, reject) => {
    const asked: ClientRequest = http.request({
      agent: agent.over('dialled'),
      protocol: origin.protocol,
      host: origin.hostname,
      path: found.target,
      headers,
    })
    let timer: NodeJS.Timeout | undefined
    const leave = () => asked.destroy(new Error('the client has left'))
    const settle = () => {
      clearTimeout(timer)
      socket.off('close', leave)
    }
    socket.once('close', leave)
    asked.once('socket', other => {
      // dialling has a bound of its own: an API is silent only once it can be reached
      timer = setTimeout(() => asked.destroy(new GatewayError('BACKEND_TIMEOUT')), found.route.timeout)
      record.address = agent.connectionOf(other)?.address ?? ''
      record.reused = false
      record.attempts = (record.attempts ?? 0) + 1
    })
    asked.once('upgrade', (answer, other, head) => {
      settle()
      resolve({ answer, tunnel: { socket: other, head } })
    })
    asked.once('response', answer => {
      settle()
      asked.shouldKeepAlive = false
      resolve({ answer })
    })
    asked.on('error', error => {
      settle()
      reject(error)
    })
    asked.end()
  })
}
