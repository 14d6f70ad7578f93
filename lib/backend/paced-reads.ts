import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { inTurn, MOST_BYTES } from '../http/in-turns.ts'

/** In ms: what is parsed of all APIs before the next large read waits for its turn, behind those that wait already. */
const MOST_MS = 1
/** To parse a piece for so long counts as bulk data of MOST_BYTES; what passes a body on takes less. */
const TURN_MS = 0.1
/**
 * A shorter read does not wait, such as a login's 100 and its answer or an event of a stream, unless its connection has brought so many and cost so much
 * in so long. By the cost alone a garbage collection within the 100 would have the answer wait.
 */
const SMALL_BYTES = 2048
const SMALL_READS = 4
const SMALL_MS = 0.5
const WINDOW_MS = 10
/** So much is parsed at a time of what has waited, or what may cost much. */
const PIECE_BYTES = 4 * 1024

const NOTHING = Buffer.alloc(0)
const waiting = new WeakSet<Duplex>()
let spentMs = 0

function spend(ms: number) {
  if (spentMs === 0) inTurn(countAnew, 0)
  spentMs += ms
}

function countAnew() {
  spentMs = 0
}

/** Whether something has come that is not parsed yet. Where no request is under way, it would be taken for the answer to the next one. */
export const holdsReads = (socket: Duplex | null): boolean => socket !== null && waiting.has(socket)

/**
 * Lets what an API sends wait for a later turn of the event loop where much has been parsed already. 64 KB of chunks, header lines or TLS
 * records of one byte take 5 to 10 ms of CPU (measured), and an API may answer hundreds of clients so; libuv alone reads each of them 32 times in a turn.
 * One read waits here, also while nobody takes what was parsed, and the rest in the kernel.
 */
export function paceReads(socket: Socket): void {
  const push = socket.push.bind(socket)
  const read = socket._read.bind(socket)
  const write = socket._write.bind(socket)
  const writev = socket._writev?.bind(socket)
  const held: Buffer[] = []
  let isEnded = false
  let fail: (() => void) | undefined
  /** of a piece, as the last read was; at first it may cost much */
  let pieceMs = TURN_MS
  let windowReads = 0
  let windowMs = 0
  let windowSince = 0

  function parse(chunk: Buffer, isSmall: boolean): boolean {
    const startedAt = performance.now()
    const wantsMore = push(chunk)
    const ms = performance.now() - startedAt
    if (startedAt - windowSince > WINDOW_MS) {
      windowSince = startedAt
      windowReads = windowMs = 0
    }
    windowReads++
    windowMs += ms
    if (isSmall) return wantsMore
    pieceMs = (ms * PIECE_BYTES) / Math.max(chunk.length, PIECE_BYTES)
    spend(ms)
    return wantsMore
  }

  function wait() {
    waiting.add(socket)
    // or it would be parsed at once when its reader resumes
    if (socket.isPaused()) socket.once('resume', wait)
    else inTurn(goOn, (msOf(pieceOf(held[0] ?? NOTHING)) / TURN_MS) * MOST_BYTES)
  }

  function goOn() {
    if (socket.destroyed) return
    if (socket.isPaused()) return wait()
    parsePiece(held.shift() ?? NOTHING)
    if (held.length > 0) return wait()
    waiting.delete(socket)
    if (fail) return fail()
    if (!isEnded) return
    push(null)
    socket.read(0)
  }

  const msOf = ({ length }: Buffer) => (pieceMs * length) / PIECE_BYTES

  /** As much as takes a turn, and no less than PIECE_BYTES: to pass a piece on costs 30 µs beside its bytes. */
  const pieceOf = (bytes: Buffer) =>
    bytes.subarray(0, Math.max(PIECE_BYTES, (TURN_MS / pieceMs) * PIECE_BYTES))

  /** What is left of it is held. */
  function parsePiece(bytes: Buffer): boolean {
    const piece = pieceOf(bytes)
    if (piece.length < bytes.length) held.unshift(bytes.subarray(piece.length))
    return parse(piece, false)
  }

  socket.push = (chunk: unknown) => {
    if (!(chunk instanceof Buffer)) {
      if (!holdsReads(socket)) return push(chunk)
      isEnded = true
      return false
    }
    if (!holdsReads(socket) && !socket.isPaused()) {
      const isCheap = windowReads < SMALL_READS || windowMs < SMALL_MS
      if (chunk.length < SMALL_BYTES && isCheap) return parse(chunk, true)
      if (spentMs < MOST_MS) {
        const wantsMore = parsePiece(chunk)
        if (held.length === 0) return wantsMore
      } else held.push(chunk)
    } else held.push(chunk)
    if (!holdsReads(socket)) wait()
    return false
  }
  // nothing more is read before; Node asks again when the last of it has been parsed
  socket._read = size => {
    if (held.length === 0) read(size)
  }
  /** An API may refuse a body unread and reset its connection: a write fails then, and Node takes nothing more from a socket whose write has failed. */
  const behindHeld = (done: (error?: Error | null) => void) => (error?: Error | null) => {
    if (error && held.length > 0) fail = () => done(error)
    else done(error)
  }
  socket._write = (chunk, encoding, done) => write(chunk, encoding, behindHeld(done))
  if (writev) socket._writev = (chunks, done) => writev(chunks, behindHeld(done))
}
