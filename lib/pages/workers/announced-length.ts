import { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { isUint8Array } from 'node:util/types'

const LENGTH = /\r\ncontent-length: *(\d+) *\r\n/i
/** Answers that were ended here, and whose page goes on. */
const ended = new WeakSet<ServerResponse>()

/**
 * Keeps an answer to the Content-Length that it announces. Connections to a page worker serve one visitor after the other, and the front goes by
 * that length: Node writes what is beyond it all the same, and the next visitor got it as an answer (26 of 210, measured). A page comes to it by
 * `new Response(answer.body, answer)` of a `fetch` that has undone gzip. Of less than is announced the rest would be waited for until the connection
 * is idle for too long, so that it is closed behind the answer.
 * Call before anybody has written.
 */
export function keepToLength(res: ServerResponse): void {
  const { write, end } = res
  let left: number | undefined

  /** What of a piece is within the length. */
  function within(chunk: unknown, encoding: unknown): unknown {
    left ??= lengthOf(res)
    // not `instanceof`: the Edge runtime has a Uint8Array of its own
    if (left === Number.POSITIVE_INFINITY || !(typeof chunk === 'string' || isUint8Array(chunk))) return chunk
    const coding = typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8'
    const bytes = typeof chunk === 'string' ? Buffer.byteLength(chunk, coding) : chunk.byteLength
    const part = Math.min(bytes, left)
    left -= part
    if (part === bytes) return chunk
    return (typeof chunk === 'string' ? Buffer.from(chunk, coding) : chunk).subarray(0, part)
  }

  res.write = (chunk: unknown, ...more: unknown[]) => {
    if (!ended.has(res)) return Reflect.apply(write, res, [within(chunk, more[0]), ...more])
    const done = more.find(each => typeof each === 'function')
    if (done) process.nextTick(done)
    return true
  }
  res.end = (...last: unknown[]) => {
    // a piece behind the end is an error, which nobody listens for
    if (ended.has(res)) last = last.filter(each => typeof each === 'function')
    else if (last.length > 0) last[0] = within(last[0], last[1])
    else left ??= lengthOf(res)
    const { socket } = res
    if (left !== undefined && left > 0 && left < Number.POSITIVE_INFINITY)
      res.once('finish', () => socket?.destroySoon())
    return Reflect.apply(end, res, last)
  }
}

/** In bytes, of the body as the client sees it. */
function lengthOf(res: ServerResponse): number {
  // Node sends no body then; what it goes by once the head is written no longer changes
  const hasBody = res.headersSent
    ? Reflect.get(res, '_hasBody') !== false
    : res.req.method !== 'HEAD' && res.statusCode !== 204 && res.statusCode !== 304
  if (!hasBody) return Number.POSITIVE_INFINITY
  // what writeHead alone was given, getHeader does not know
  const head = res.headersSent
    ? Reflect.get(res, '_header')
    : `\r\ncontent-length: ${res.getHeader('content-length')}\r\n`
  const [, length] = LENGTH.exec(String(head)) ?? []
  return length === undefined ? Number.POSITIVE_INFINITY : Number(length)
}

/**
 * Call when a request has come. The front has had the whole answer to the one before on this connection by then, though its page may not have ended
 * it: all of the announced length is written, and it saves something, or it goes on writing what HEAD does not send. The next visitor would wait for it.
 * @param res of the request that has come
 */
export function endTheOneBefore(socket: Socket, res: ServerResponse): void {
  const before: unknown = Reflect.get(socket, '_httpMessage')
  if (!(before instanceof ServerResponse) || before === res || before.writableEnded) return
  ended.add(before)
  Reflect.apply(ServerResponse.prototype.end, before, [])
}
