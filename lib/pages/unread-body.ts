import type { IncomingMessage } from 'node:http'

/** In ms. A page that reads nothing of a body behind its answer for so long to twice as long has stopped. */
const STALL_MS = 250

/**
 * Call when the answer to `req` is over. Reads what is left of its body where the page has stopped in the middle, as Next does
 * at its limits: Node reads on only where the page has not begun. The next request of the connection would wait behind it,
 * and the end of the connection go unseen. A page that reads on, as in after(), is left to it; one that has stopped is
 * told by an error, so that it takes no part of the body for all of it.
 */
export function drainBody(req: IncomingMessage): void {
  const { socket } = req
  if (req.complete && req.readableLength === 0) return
  let before = socket.bytesRead
  let told = false
  const timer = setInterval(() => {
    const stalls = socket.bytesRead === before && req.readableLength > 0
    before = socket.bytesRead
    if (req.readableEnded || socket.destroyed) return clearInterval(timer)
    if (!stalls) return
    if (!told && req.listenerCount('error') > 0) req.emit('error', new Error('not read behind its answer'))
    told = true
    // a web stream would pause it again after each piece
    req.unpipe().removeAllListeners('data').removeAllListeners('readable').resume()
  }, STALL_MS)
}
