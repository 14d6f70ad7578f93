import type { IncomingMessage } from 'node:http'
import { Transform } from 'node:stream'
import { GatewayError } from '../http/errors.ts'
import { dropInTurns, inTurn } from '../http/in-turns.ts'
import { readWhole } from '../http/join-chunks.ts'
import { type Bound, noteExceeded } from '../observe/bounds.ts'

/** A body up to this size is read whole before the backend is asked: a slow client then holds no connection there. */
const KEPT_BYTES = 64 * 1024
/**
 * Bodies up to this size are kept also where BODY_MEMORY is full: otherwise a few hundred clients with large bodies would take the retries from every
 * login, and with LOGIN_LIMIT_ACCOUNT refuse every login.
 */
const SMALL_BYTES = 4 * 1024
/** A client that sends nothing of its body for so long is not waited for any more. */
const IDLE_MS = 10_000

/** A request's body on its way to the backend: all of it, or what comes. */
export type Body = (Kept | Streamed) & {
  /** Call when no more of it is sent on: what is held of a streamed body goes, and its rest is read and dropped. */
  stop(): void
  /** Call once, when nobody needs it any more: another body may be held in its place. */
  free(): void
}

/** It is small enough to be retried. */
type Kept = { readonly kept: Buffer; readonly stream?: undefined; readonly crowded?: undefined }

type Streamed = {
  readonly kept?: undefined
  /** one that grows too large fails with BODY_TOO_LARGE, one that stops with CLIENT_STALLED */
  readonly stream: Transform
  /** not kept, for nothing more may be held at the moment */
  readonly crowded: boolean
}

/**
 * The body to send on. A small one is read whole and gets its Content-Length, also where it came in chunks; a larger one is streamed, and counted.
 * @param mostBytes what may come in all
 * @param bodyMemory what all bodies together may hold; beyond it one over 4 KB is streamed
 * @param idleMs between two pieces of it
 * @returns undefined where the request has no body
 * @throws GatewayError BODY_TOO_LARGE; CLIENT_TIMEOUT; BAD_REQUEST when the client leaves before its body is whole
 */
export async function takeBody(
  req: IncomingMessage,
  mostBytes: number,
  bodyMemory: Bound,
  idleMs = IDLE_MS,
): Promise<Body | undefined> {
  const announced = Number(req.headers['content-length'] ?? 0)
  if (announced > mostBytes) throw new GatewayError('BODY_TOO_LARGE')
  if (announced === 0 && req.headers['transfer-encoding'] === undefined) return undefined

  // what came with the head is parsed by then. Who says 100 waits for `resume` (lib/front/connections.ts)
  await undefined
  const isWhole = req.complete && announced > 0 && req.readableLength === announced
  const mayTake = !req.destroyed && req.listenerCount('resume') === 0
  const isHere =
    isWhole &&
    mayTake &&
    announced <= KEPT_BYTES &&
    !isCrowded(announced, bodyMemory.now + announced, bodyMemory)
  const start = (isHere && takeWhole(req, bodyMemory)) || (await readStart(req, bodyMemory, idleMs))
  const free = () => {
    bodyMemory.now -= start.bytes.length
  }
  if (start.size > mostBytes) {
    free()
    throw new GatewayError('BODY_TOO_LARGE')
  }
  const kept = start.bytes.subarray(0, start.size)
  if (!start.whole) {
    const { stream, stop } = streamed(req, kept, mostBytes, idleMs)
    return { stream, crowded: start.crowded, stop, free }
  }
  delete req.headers['transfer-encoding']
  req.headers['content-length'] = String(start.size)
  return { kept, stop() {}, free }
}

const isCrowded = (size: number, heldNow: number, { most }: Bound) => size > SMALL_BYTES && heldNow > most

/** What has come: the first `size` of `bytes`, all of which are held. */
type Start = { bytes: Buffer; size: number; whole: boolean; crowded: boolean }

function takeWhole(req: IncomingMessage, bodyMemory: Bound): Start | undefined {
  const bytes = readWhole(req)
  if (!bytes) return undefined
  bodyMemory.now += bytes.length
  return { bytes, size: bytes.length, whole: true, crowded: false }
}

function readStart(req: IncomingMessage, bodyMemory: Bound, idleMs: number): Promise<Start> {
  return new Promise((resolve, reject) => {
    const start: Start = { bytes: Buffer.alloc(0), size: 0, whole: false, crowded: false }
    const timer = setTimeout(() => settle(new GatewayError('CLIENT_TIMEOUT')), idleMs)
    const settle = (result: Start | GatewayError) => {
      clearTimeout(timer)
      req.off('data', take).off('end', end).off('close', gone)
      if (result instanceof GatewayError) {
        bodyMemory.now -= start.bytes.length
        reject(result)
      } else resolve(result)
    }
    const take = (chunk: Buffer) => {
      const before = start.bytes.length
      add(start, chunk)
      bodyMemory.now += start.bytes.length - before
      timer.refresh()
      start.crowded = isCrowded(start.size, bodyMemory.now, bodyMemory)
      if (start.size <= KEPT_BYTES && !start.crowded) return
      if (start.crowded) noteExceeded(bodyMemory)
      req.pause()
      settle(start)
    }
    const end = () => settle({ ...start, whole: true })
    const gone = () =>
      settle(new GatewayError('BAD_REQUEST', new Error('the client left before its body was whole')))
    if (req.destroyed) gone()
    else req.on('data', take).on('end', end).on('close', gone)
  })
}

/** One buffer that grows: a Buffer of its own for each chunk of a byte takes 200 bytes, and up to 13 MB for one body. */
function add(start: Start, chunk: Buffer) {
  const { bytes, size } = start
  start.size += chunk.length
  if (size === 0) start.bytes = chunk
  else {
    if (start.size > bytes.length) {
      const most = Math.max(start.size, Math.min(2 * bytes.length, KEPT_BYTES))
      start.bytes = Buffer.allocUnsafeSlow(most)
      bytes.copy(start.bytes, 0, 0, size)
    }
    chunk.copy(start.bytes, size)
  }
}

function streamed(req: IncomingMessage, kept: Buffer, mostBytes: number, idleMs: number) {
  let size = 0
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      timer.refresh()
      size += chunk.length
      if (size > mostBytes) done(new GatewayError('BODY_TOO_LARGE'))
      // what came with it is read first: an answer of an API that has closed, before the write that fails for that
      else inTurn(() => done(null, chunk), chunk.length)
    },
  })
  // while the backend takes nothing the client cannot send: that has a time limit of its own (timeout.ts)
  const timer = setTimeout(() => {
    if (stream.writableNeedDrain) timer.refresh()
    else stream.destroy(new GatewayError('CLIENT_STALLED'))
  }, idleMs)
  // the rest is read and dropped, since the next request comes behind it. By a listener: without one, slow-clients.ts takes the body for one that nobody
  // waits for
  const dropRest = () => dropInTurns(req.unpipe(stream))
  stream.once('close', () => clearTimeout(timer))
  // whoever sends it on looks at `errored`
  stream.on('error', dropRest)
  stream.write(kept)
  req.pipe(stream)
  const stop = () => {
    if (stream.destroyed) return
    dropRest()
    stream.destroy()
  }
  return { stream, stop }
}
