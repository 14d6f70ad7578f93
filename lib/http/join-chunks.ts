import type { IncomingMessage } from 'node:http'
import { inTurn } from './in-turns.ts'

/** Node takes as long to parse a chunk as to pass on so many bytes (0.5 µs, measured). */
const CHUNK_BYTES = 512
/** What one read brings in more chunks than these is handed on in a turn of its own. */
const FEW = 128
/** No client means so many chunks beyond those of TINY_BYTES on average: 33 ms of CPU, for 64 KB. */
const MOST_TINY = 65_536
const TINY_BYTES = 8

/**
 * Joins the chunks of a body that one read brings into one piece. Node makes a Buffer of each chunk and counts its bytes alone: 64 KB in chunks of one
 * byte take 13 MB (measured) in each buffer on the way, and 33 ms of CPU. After a read with many chunks the next read waits for its turn.
 * Call before any of the body is parsed, for a request or an answer.
 * @param onTiny called where there are far too many chunks for their bytes; the rest is dropped, and the body never ends
 */
export function joinChunks(message: IncomingMessage, onTiny?: () => void): void {
  if (message.headers['transfer-encoding'] === undefined) return
  const push = message.push.bind(message)
  let chunks: Buffer[] = []
  let size = 0
  let count = 0
  let tiny = 0
  let isOver = false
  const cost = () => size + count * CHUNK_BYTES
  // all of a read is parsed by then
  const flushSoon = () => (count > FEW ? inTurn(flush, cost()) : flush())
  const flush = () => {
    const [first] = chunks
    if (!first || message.destroyed) return
    const joined = chunks.length === 1 ? first : Buffer.concat(chunks, size)
    chunks = []
    size = count = 0
    push(joined)
  }
  message.push = (chunk: unknown) => {
    // read on, or a reset would overtake the refusal
    if (isOver) return true
    if (!(chunk instanceof Buffer)) {
      flush()
      return push(chunk)
    }
    if (chunks.length === 0) process.nextTick(flushSoon)
    // joined early: thousands of Buffers that wait for their turn would survive young garbage collections and become expensive
    if (chunks.length === FEW) chunks = [Buffer.concat(chunks, size)]
    chunks.push(chunk)
    size += chunk.length
    count++
    tiny += 1 - chunk.length / TINY_BYTES
    if (onTiny && tiny > MOST_TINY) {
      isOver = true
      chunks = []
      onTiny()
    }
    return !message.isPaused() && message.readableLength + cost() < message.readableHighWaterMark
  }
}

/** All of a message that is complete and of which nothing has been read, and its `end`: since Node 26 `read()` returns one chunk, and `read(size)` ends nothing. */
export function readWhole(message: IncomingMessage): Buffer | null {
  const bytes: Buffer | null = message.read(message.readableLength)
  message.read(0)
  return bytes
}
