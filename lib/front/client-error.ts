import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/** The last request of a connection, and what answers it. */
export type Exchange = { readonly req: IncomingMessage; readonly res: ServerResponse }

/** What else than 400, as Node says it. */
const STATUS = new Map([
  ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large'],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', '413 Payload Too Large'],
  ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout'],
])

/**
 * Answers what Node could not parse, in its turn, and ends the connection. Node itself writes its 400 at once: a client
 * with a request under way would take that for the answer to it, while the backend carries the request out.
 * @param last absent where no request has come
 */
export function refuseUnparsed(error: Error, socket: Duplex, last: Exchange | undefined): void {
  const status = STATUS.get('code' in error ? String(error.code) : '') ?? '400 Bad Request'
  const refuse = () => {
    if (socket.writable) {
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () =>
        socket.destroy(),
      )
    } else socket.destroy()
  }
  if (last && !last.req.complete) {
    // the body of that very request is bad
    if (last.res.headersSent) socket.destroy()
    else if (last.res.socket) refuse()
    else last.res.once('socket', refuse)
  } else if (last && !last.res.destroyed) last.res.once('close', refuse)
  else refuse()
}
