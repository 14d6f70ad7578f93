import type { IncomingMessage } from 'node:http'
import { Readable, Transform } from 'node:stream'
import { GatewayError } from '../http/errors.ts'
import type { Bound } from '../observe/bounds.ts'

/** A body up to this size is read whole before the backend is asked: a slow client then holds no connection there. */
const KEPT_BYTES = 64 * 1024
/** A client that sends nothing of its body for so long is not waited for any more. */
const IDLE_MS = 10_000

/** A request's body on its way to the backend. */
export type Body = {
  /** what is sent; a streamed body that grows too large fails with BODY_TOO_LARGE */
  readonly stream: Readable
  /** all of it, where it is small enough to be retried: then nothing leaves before `release` */
  readonly kept?: readonly Buffer[]
  /** not kept, for nothing more may be held at the moment */
  readonly crowded?: boolean
  release(): void
  /** Call once, when nobody needs it any more: another body may be held in its place. */
  free(): void
}

/** A body that is all here, held back until it is released. */
export function held(kept: readonly Buffer[], free = () => {}): Body {
  const stream = new Readable({ read() {} })
  const release = () => {
    for (const chunk of kept) stream.push(chunk)
    stream.push(null)
  }
  return { stream, kept, release, free }
}

/**
 * The body to send on. A small one is read whole and gets its Content-Length, also where it came in chunks (httpxy
 * would close the connection after a chunked one); a larger one is streamed, and counted.
 * @param mostBytes what may come in all
 * @param room what all bodies together may hold; beyond it a small one is streamed, too
 * @param idleMs between two pieces of it
 * @returns undefined where the request has no body
 * @throws GatewayError BODY_TOO_LARGE; CLIENT_TIMEOUT; BAD_REQUEST when the client leaves before its body is whole
 */
export async function takeBody(
  req: IncomingMessage,
  mostBytes: number,
  room: Bound,
  idleMs = IDLE_MS,
): Promise<Body | undefined> {
  const announced = Number(req.headers['content-length'] ?? 0)
  if (announced > mostBytes) throw new GatewayError('BODY_TOO_LARGE')
  if (announced === 0 && req.headers['transfer-encoding'] === undefined) return undefined

  const start = await readStart(req, room, idleMs)
  const free = () => {
    room.now -= start.size
  }
  if (start.size > mostBytes) {
    free()
    throw new GatewayError('BODY_TOO_LARGE')
  }
  if (!start.whole) {
    const stream = streamed(req, start, mostBytes, idleMs)
    return { stream, crowded: start.crowded, release() {}, free }
  }
  delete req.headers['transfer-encoding']
  req.headers['content-length'] = String(start.size)
  return held(start.chunks, free)
}

type Start = { chunks: Buffer[]; size: number; whole: boolean; crowded: boolean }

function readStart(req: IncomingMessage, room: Bound, idleMs: number): Promise<Start> {
  return new Promise((resolve, reject) => {
    const start: Start = { chunks: [], size: 0, whole: false, crowded: false }
    const timer = setTimeout(() => settle(new GatewayError('CLIENT_TIMEOUT')), idleMs)
    const settle = (result: Start | GatewayError) => {
      clearTimeout(timer)
      req.off('data', take).off('end', end).off('close', gone)
      if (result instanceof GatewayError) {
        room.now -= start.size
        reject(result)
      } else resolve(result)
    }
    const take = (chunk: Buffer) => {
      start.chunks.push(chunk)
      start.size += chunk.length
      room.now += chunk.length
      timer.refresh()
      start.crowded = room.now > room.most
      if (start.size <= KEPT_BYTES && !start.crowded) return
      if (start.crowded) room.met++
      req.pause()
      settle(start)
    }
    const end = () => settle({ ...start, whole: true })
    const gone = () =>
      settle(new GatewayError('BAD_REQUEST', new Error('the client left before its body was whole')))
    req.on('data', take).on('end', end).on('close', gone)
  })
}

function streamed(req: IncomingMessage, start: Start, mostBytes: number, idleMs: number): Readable {
  let size = 0
  const body = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      timer.refresh()
      size += chunk.length
      if (size > mostBytes) done(new GatewayError('BODY_TOO_LARGE'))
      else done(null, chunk)
    },
  })
  // a backend that takes nothing is not the client's fault, and has a time limit of its own
  const timer = setTimeout(() => {
    if (body.writableNeedDrain) timer.refresh()
    else body.destroy(new GatewayError('CLIENT_STALLED'))
  }, idleMs)
  body.once('close', () => clearTimeout(timer))
  // whoever sends it on looks at `errored`; the rest is read all the same, for the next request comes after it
  body.on('error', () => req.resume())
  for (const chunk of start.chunks) body.write(chunk)
  return req.pipe(body)
}
