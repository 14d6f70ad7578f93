import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { dropInTurns } from '../http/in-turns.ts'
import { closeGracefully } from './client-error.ts'

/** What answers a request whose connection Node has handed over: the last answer of that connection, unless it switches. */
export function answerOver(socket: Socket, req: IncomingMessage): ServerResponse {
  const res = new ServerResponse(req)
  res.shouldKeepAlive = false
  res.assignSocket(socket)
  // nobody else reads what stands behind a handshake that is refused, and the client's end is behind that
  const drop = () => {
    const leave = () => void (res.writableEnded || socket.destroy())
    if (socket.readableEnded) leave()
    else dropInTurns(socket.once('end', leave))
  }
  res.once('pipe', () => {
    drop()
    // Node has taken its own listener off the socket, and what a client does not take at once would wait for ever
    socket.on('drain', () => res.emit('drain'))
    Object.defineProperty(res, 'writableNeedDrain', { get: () => socket.writableNeedDrain })
  })
  res.once('finish', () => {
    if (res.statusCode !== 101) closeGracefully(socket)
  })
  return res
}
