import type { Duplex } from 'node:stream'
import { GatewayError, systemErrorCode } from '../http/errors.ts'
import { dropInTurns } from '../http/in-turns.ts'
import { ALLOW } from '../http/methods.ts'
import { type Exchange, noteFailure } from '../observe/outcome.ts'

/** What else than 400, as Node says it. */
const STATUS = new Map([
  ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large'],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', '413 Payload Too Large'],
  ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout'],
])

/** What still comes is read for so long, in ms, and so many bytes of it: a client that sends as fast as it can would delay logins. */
const LINGER_MS = 2000
const LINGER_BYTES = 256 * 1024
/** So long, in ms, has a client that broke off within its body to take the answer that it has got by then. */
const UNREAD_MS = 1000

/**
 * Ends a connection, and goes on reading: close() with bytes unread is a reset, which takes what of the answer is still to be sent with it
 * (RFC 9112 §9.6). Somebody has to drop what comes.
 * @param isWithinBody whether the rest of a request's body still comes: of that any number of bytes, or the answer would be lost
 */
export function closeGracefully(socket: Duplex, answer = '', isWithinBody = false): void {
  if (socket.destroyed) return
  if (socket.writable) socket.end(answer)
  if (isWithinBody) dropInTurns(socket)
  else {
    let left = LINGER_BYTES
    socket.on('data', (chunk: Buffer) => {
      left -= chunk.length
      if (left < 0) socket.destroy()
    })
    socket.resume()
  }
  const timer = setTimeout(() => socket.destroy(), LINGER_MS)
  socket.once('close', () => clearTimeout(timer))
}

/**
 * Refuses what Node could not parse.
 * @param last request of the connection; absent where none has come
 * @returns the status that no request's outcome tells; undefined where a request does, or the connection only broke
 */
export function refuseUnparsed(error: Error, socket: Duplex, last: Exchange | undefined): number | undefined {
  const code = systemErrorCode(error) ?? ''
  const status = STATUS.get(code) ?? '400 Bad Request'
  refuseBehind(last, socket, status)
  if (last && !last.req.complete) {
    const isLate = code === 'ERR_HTTP_REQUEST_TIMEOUT'
    last.record.code ??
      noteFailure(last.record, new GatewayError(isLate ? 'CLIENT_STALLED' : 'BAD_REQUEST', error))
    return undefined
  }
  return STATUS.has(code) || code.startsWith('HPE_') ? Number.parseInt(status, 10) : undefined
}

/** Refuses CONNECT, which Node hands over as a bare socket. */
export function refuseTunnel(socket: Duplex, last: Exchange | undefined): void {
  dropInTurns(socket.on('error', () => socket.destroy()))
  refuseBehind(last, socket, `405 Method Not Allowed\r\nAllow: ${ALLOW}`)
}

/**
 * Refuses in its turn, and ends the connection. Node itself writes its 400 at once: a client with a request under way
 * would take that for the answer to it, while the backend carries the request out.
 */
function refuseBehind(last: Exchange | undefined, socket: Duplex, status: string) {
  const refuse = () =>
    closeGracefully(socket, `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)

  if (!last) {
    refuse()
    return
  }
  const { req, res } = last
  const afterwards = (then: () => void) => void (res.destroyed ? then() : res.once('close', then))
  if (req.complete) afterwards(refuse)
  // or else it is the body of that very request which is bad
  else if (res.writableEnded) {
    afterwards(() => closeGracefully(socket))
    const timer = setTimeout(() => socket.destroy(), UNREAD_MS)
    socket.once('close', () => clearTimeout(timer))
  } else if (res.headersSent) socket.destroy()
  else if (res.socket) refuse()
  else res.once('socket', refuse)
}
