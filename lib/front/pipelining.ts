import type { Socket } from 'node:net'
import { inTurn, MOST_BYTES } from '../http/in-turns.ts'

/** A head is cut off from what stands behind it, but no piece is shorter: a body of blank lines would be read line by line. */
const LEAST_PIECE = 256
/**
 * So much, and so many lines behind it, are parsed at a time: 64 KB can be 10,000 chunks of a byte, 33 ms of CPU before they are counted
 * (lib/http/join-chunks.ts); 2 KB are 341 at most, and each has two lines.
 */
const FEW_BYTES = 2048
const MOST_LINES = 128
/** Heads and framing of MOST_BYTES in so long are a flood; a load balancer's connection brings fewer in the heads of many visitors. */
const WINDOW_MS = 100
const LINE_END = 0x0a
const END_OF_HEAD = '\r\n\r\n'

type Options = {
  /** whether a request waits behind the one in process: nothing more is parsed */
  isFull(): boolean
  /** what still comes of a connection that is being refused is dropped */
  isRefused(): boolean
  /** how the body is framed that is under way; none: a head comes next */
  framing(): 'length' | 'chunks' | undefined
}

/**
 * Hands what comes over a connection to Node's parser, head by head, and stops while a request waits behind the one in process.
 * Node alone parses all that one read brings, some 2,500 requests in 64 KB, and emits them at once. What waits unread stays in
 * the socket's own buffer (64 KB), so that a reset, or a FIN behind the request that waits, is seen all the same.
 * Call in `connection`, before anybody else listens to the socket.
 * @returns to be called when `isFull` may have changed: reading goes on
 */
export function readSerially(socket: Socket, { isFull, isRefused, framing }: Options): () => void {
  const parse = nodesOwn(socket)
  socket.removeAllListeners('data')

  const goOn = () => {
    // Node stops it, too, while a client does not take its answer, and goes on by itself then
    if (!isFull() && !isHeldByNode(socket)) socket.resume()
  }
  let unpaced = 0
  let since = 0
  /** also where a reader of the body has resumed the socket meanwhile, as Node's own does in the same turn */
  let waits = false
  /** A body of an announced length is passed on in turns; heads, blank lines and what frames chunks are pure cost. */
  function takeTurns(bytes: number) {
    if (framing() === 'length') return
    const now = performance.now()
    if (now - since > WINDOW_MS) {
      since = now
      unpaced = 0
    }
    unpaced += bytes
    if (unpaced < MOST_BYTES || socket.isPaused()) return
    unpaced = 0
    waits = true
    inTurn(() => {
      waits = false
      goOn()
    }, MOST_BYTES)
    socket.pause()
  }

  function read(chunk: Buffer) {
    for (let rest = chunk; rest.length > 0; ) {
      if (isRefused()) return
      // the other reason to stop: nobody takes the body that is under way
      if (isFull() || waits || socket.isPaused()) {
        socket.pause()
        socket.unshift(rest)
        return
      }
      const piece = pieceOf(rest, framing())
      rest = rest.subarray(piece.length)
      parse(piece)
      if (isHandedOver(socket)) {
        socket.off('data', read)
        // not `unshift`: who took the connection over has put what Node gave it before this
        if (rest.length > 0) socket.push(rest)
        return
      }
    }
    takeTurns(chunk.length)
  }

  socket.on('data', read)
  return goOn
}

function pieceOf(bytes: Buffer, framing: ReturnType<Options['framing']>): Buffer {
  if (framing === 'length') return firstOf(bytes)
  // what cuts it shorter goes first: each looks at no more than it has to
  return framing === 'chunks' ? firstOf(linesOf(bytes)) : linesOf(firstOf(bytes))
}

/** All of it where that has one head at most, as a request that comes alone. */
function firstOf(bytes: Buffer): Buffer {
  const end = bytes.indexOf(END_OF_HEAD, LEAST_PIECE - END_OF_HEAD.length)
  if (end === -1) return bytes
  const behind = end + END_OF_HEAD.length
  return bytes.includes(END_OF_HEAD, behind) ? bytes.subarray(0, behind) : bytes
}

function linesOf(bytes: Buffer): Buffer {
  let behind = FEW_BYTES
  for (let lines = 0; lines < MOST_LINES; lines++) {
    behind = bytes.indexOf(LINE_END, behind) + 1
    if (behind === 0) return bytes
  }
  return bytes.subarray(0, behind)
}

function nodesOwn(socket: Socket): (piece: Buffer) => void {
  const [own] = socket.listeners('data')
  if (!own) throw new Error("Node's own listener is gone")
  return piece => void Reflect.apply(own, socket, [piece])
}

/** Node's parser has let go of it, after CONNECT or an upgrade. */
export const isHandedOver = (socket: Socket): boolean => !('parser' in socket) || socket.parser === null

const isHeldByNode = (socket: Socket) => '_paused' in socket && socket._paused === true
