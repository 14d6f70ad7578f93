import { createHash, randomBytes } from 'node:crypto'
import http, { type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

/** A path of the API with WebSockets, and no login. */
export const SOCKETS = '/live'

/** RFC 6455 §4.2.2: what says that a handshake was read. Not the front's own, which is tested with it. */
export const acceptOf = (key: string): string =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')

/** 101 as it is on the wire. */
export const switched = (accept: string): string =>
  `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`

/** The API's side of a WebSocket's handshake: 101, and `first` as the first bytes behind it. */
export const switchTo = ({ headers }: IncomingMessage, first = ''): string =>
  switched(acceptOf(String(headers['sec-websocket-key']))) + first

/** Answers handshakes at SOCKETS. */
export function answerSockets(request: IncomingMessage, socket: Duplex): void {
  socket.on('error', () => {}).resume()
  if (request.url?.split('?')[0] === SOCKETS) socket.write(switchTo(request))
  else socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
}

/** A client's handshake; its connection is its own. The answer comes as `upgrade` or as `response`. */
export function shakeHands(
  port: number,
  headers: Readonly<Record<string, string>> = {},
): { readonly request: http.ClientRequest; readonly isAnswer: (answer: IncomingMessage) => boolean } {
  const key = randomBytes(16).toString('base64')
  const request = http.get({
    host: '127.0.0.1',
    port,
    path: SOCKETS,
    agent: false,
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': key,
      ...headers,
    },
  })
  return { request, isAnswer: answer => answer.headers['sec-websocket-accept'] === acceptOf(key) }
}
