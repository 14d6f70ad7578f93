import { hash } from 'node:crypto'
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { joinChunks } from '../http/join-chunks.ts'
import type { Answered } from './response.ts'

/** RFC 6455 §1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** The client's side of a connection that asks for an upgrade. */
export type Asking = {
  readonly socket: Duplex
  /** what came behind the head; nothing of it leaves before the other side has switched */
  readonly head: Buffer
  /** answers over that socket; it closes with it */
  readonly res: ServerResponse
}

/** 101, and the connection behind it, which has not been looked at yet. */
export type Switched = {
  readonly answer: IncomingMessage
  /** `head` is what has been read from it already */
  readonly tunnel: { readonly socket: Duplex; readonly head: Buffer }
}

/** What was said to a handshake. */
type Said = Switched | (Answered & { readonly tunnel?: undefined })

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

/** Whether an answer opens the WebSocket that was asked for: whoever takes any 101 for one lets requests through unseen. */
export function joins({ statusCode, headers }: IncomingMessage, key: string): boolean {
  const { upgrade = '', 'sec-websocket-accept': accept } = headers
  const isAccepted = accept === hash('sha1', key + GUID, 'base64')
  return statusCode === 101 && upgrade.toLowerCase() === 'websocket' && isAccepted
}

/**
 * Sends a handshake, and resolves with what is said to it.
 * @param socket the client's; its end is the handshake's
 * @throws what the connection throws
 */
export function shakeHands(asked: ClientRequest, socket: Duplex): Promise<Said> {
  return new Promise((resolve, reject) => {
    let failure: unknown
    const leave = () => asked.destroy(new Error('the client has left'))
    const hangUp = () => void socket.destroy()
    // a FIN shows when there is nothing else to read; what comes ahead stays for the tunnel
    const look = () => void (socket.readableLength === 0 && socket.read())
    const settle = () => socket.off('close', leave).off('end', hangUp).off('readable', look)
    socket.once('close', leave).once('end', hangUp).on('readable', look)
    asked.once('upgrade', (answer, other, head) => {
      settle()
      resolve({ answer, tunnel: { socket: other, head } })
    })
    asked.once('response', answer => {
      settle()
      joinChunks(answer)
      asked.shouldKeepAlive = false
      resolve({ answer, failure: () => failure })
    })
    asked.on('error', error => {
      failure = error
      settle()
      reject(error)
    })
    asked.end()
  })
}
