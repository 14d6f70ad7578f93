import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

/** In ms, how often it is looked whether a page has read anything. */
const TICK_MS = 250
/** In ms. A page that reads nothing of a body behind its answer for so long has stopped. */
const STALL_MS = 5000
/** So many are waited for so long, each a descriptor and some MB of the kernel's memory; others have one tick. */
const MOST_STALLED = 32
const stalled = new Set<IncomingMessage>()

/**
 * Call when the answer to `req` is over. Reads and drops the rest of its body where the page has stopped reading in the middle, as Next does at its
 * limits. Otherwise the connection's next request would wait behind that body, and its end would not be seen. (Node drops a body by itself only if
 * nothing of it was read.)
 * A page that is still reading, as in after(), goes on, also with pauses. A page that has stopped gets an error, so that it does not take the part for
 * the whole.
 * @param socket of the request. Not taken from `req`: a page's failed `pipeline` detaches it, as Next's own does at the limit of a server action
 */
export function drainBody(req: IncomingMessage, socket: Socket): void {
  if (req.complete && (req.destroyed || req.readableLength === 0)) return
  if (req.destroyed) return void dropBody(req, socket)
  let before = socket.bytesRead - req.readableLength
  let stillMs = 0
  let told = false
  const timer = setInterval(() => {
    const read = socket.bytesRead - req.readableLength
    const stalls = read === before && req.readableLength > 0
    before = read
    stillMs = stalls ? stillMs + TICK_MS : 0
    if (req.destroyed) dropBody(req, socket)
    const isOver = req.readableEnded || req.destroyed || socket.destroyed
    if (isOver) clearInterval(timer)
    if (isOver || told || !stalls) stalled.delete(req)
    else stalled.add(req)
    if (isOver || !stalls) return
    if (!told && stillMs < STALL_MS && stalled.size <= MOST_STALLED) return
    if (!told && req.listenerCount('error') > 0) req.emit('error', new Error('not read behind its answer'))
    told = true
    stalled.delete(req)
    // a web stream would pause it again after each piece
    req.unpipe().removeAllListeners('data').removeAllListeners('readable').resume()
  }, TICK_MS)
}

/**
 * The request was destroyed and its connection was not. Nobody reads the rest of the body, and Node would stop reading with each piece, so each piece is
 * dropped here; the end is passed on.
 */
function dropBody(req: IncomingMessage, socket: Socket) {
  const push = req.push.bind(req)
  req.push = (chunk: unknown) => chunk !== null || push(null)
  socket.resume()
}
