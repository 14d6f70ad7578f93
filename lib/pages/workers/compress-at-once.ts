import type { ServerResponse } from 'node:http'
import { constants } from 'node:zlib'
import { type CompressionStream, compressionOf } from './compression-stream.ts'
import { uncork } from './join-writes.ts'

/** A longer piece is compressed by a thread, as all are under `next start`. */
const MOST_AT_ONCE = 64 * 1024

/**
 * Compresses a rendered page in this thread, and sends what one turn of the event loop brings as one packet. Next uses a zlib stream, which passes each
 * piece, flush and end to a thread and back: 18 times for a page of 6 KB. Waking two threads each time costs several times the compression itself.
 * Not for a page that is complete (it does not call flushHeaders): a thread compresses many of those in one turn (docs/decisions/0007).
 * Call before anything is written.
 */
export function compressAtOnce(res: ServerResponse): void {
  const { flushHeaders } = res
  res.flushHeaders = () => {
    const { socket } = res
    if (socket && !socket.writableCorked) {
      socket.cork()
      setImmediate(uncork, res)
    }
    Reflect.apply(flushHeaders, res, [])
    // Next's `compression` has decided by then
    const stream = compressionOf(res)
    if (stream) transformAtOnce(stream)
  }
}

const ignore = () => {}

function transformAtOnce(stream: CompressionStream) {
  const { _transform: inThread, _handle: handle } = stream
  // `_processChunk` closes what it has worked with
  const once = { writeSync: (...what: unknown[]) => handle?.writeSync(...what), close: ignore }
  const process = (chunk: Uint8Array, flush: number) => {
    stream._handle = once
    const bytes = stream._processChunk(chunk, flush)
    stream._handle = handle
    // its own, one for each piece
    Reflect.apply(stream.off, stream, ['error', stream.listeners('error').at(-1)])
    // a view of what the next one is written into
    return bytes.length > 0 ? Buffer.from(bytes) : undefined
  }
  stream._transform = (chunk: Uint8Array, encoding, done) => {
    if (!stream._handle || chunk.length > MOST_AT_ONCE)
      return Reflect.apply(inThread, stream, [chunk, encoding, done])
    // flush() comes as an empty one
    done(null, process(chunk, chunk.length > 0 ? constants.Z_NO_FLUSH : constants.Z_FULL_FLUSH))
  }
  stream._flush = done =>
    done(null, stream._handle ? process(Buffer.alloc(0), constants.Z_FINISH) : undefined)
}
