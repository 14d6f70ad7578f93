import { type Readable, Writable } from 'node:stream'

/** So many bytes of one stream pass in a turn of the event loop. Node reads a fast connection 32 times, 2 MB, before it looks at the next one. */
export const MOST_BYTES = 128 * 1024
/** So many bytes of all streams together. What alone is more than that has a turn for itself. */
const MOST_OF_ALL = 512 * 1024
/** What a piece costs beside its bytes: to write it takes as long as to pass on so many. */
const PIECE_BYTES = 16 * 1024
/**
 * Turns of the event loop without bulk data after one with it. libuv accepts one connection in a turn: without these, each login of a burst would wait
 * for a long turn.
 */
const TURNS_BETWEEN = 8

const waiting: { readonly goOn: () => void; readonly bytes: number }[] = []
/** turns until the next waiting callback; 0: nothing waits, and nothing was called a moment ago */
let turnsLeft = 0

/**
 * Calls `goOn` in a later turn of the event loop, after those that have waited longer, so that bulk data does not delay logins.
 * @param bytes how much data `goOn` will pass on
 */
export function inTurn(goOn: () => void, bytes: number): void {
  waiting.push({ goOn, bytes: bytes + PIECE_BYTES })
  if (turnsLeft > 0) return
  turnsLeft = 1
  setImmediate(takeTurn)
}

function takeTurn() {
  turnsLeft--
  const isDue = turnsLeft === 0 && waiting.length > 0
  if (isDue) turnsLeft = TURNS_BETWEEN
  // before what may throw
  if (turnsLeft > 0) setImmediate(takeTurn)
  if (isDue) goOn()
}

function goOn() {
  let bytes = 0
  const beyond = waiting.findIndex((each, number) => {
    bytes += each.bytes
    return number > 0 && bytes > MOST_OF_ALL
  })
  callFirst(waiting, beyond === -1 ? waiting.length : beyond, each => each.goOn())
}

/** Takes the first `count` of a queue. One that throws, as a page's listener in this process may, takes no other along. */
function callFirst<T>(queue: T[], count: number, call: (each: T) => void) {
  const now = queue.splice(0, count)
  try {
    for (let each = now.shift(); each; each = now.shift()) call(each)
  } finally {
    queue.unshift(...now)
  }
}

/** In ms. Two streams go on each time, MOST_BYTES each: 128 MB/s in all. */
const REST_MS = 2
const rests: (() => void)[] = []
let isTimerSet = false

/**
 * Calls back when it is the turn of what a client still sends of a request that is answered. Most of it is read for nobody; as fast as
 * it comes, it fills a page worker with buffers faster than V8 frees them (20 uploads: 140 MB, and the end by the kernel in a task of 512 MB).
 */
export function behindAnswer(goOn: () => void): void {
  rests.push(goOn)
  setTimer()
}

function setTimer() {
  if (isTimerSet || rests.length === 0) return
  isTimerSet = true
  setTimeout(goOnWithRests, REST_MS)
}

function goOnWithRests() {
  isTimerSet = false
  try {
    callFirst(rests, 2, goOn => goOn())
  } finally {
    setTimer()
  }
}

/**
 * Passes a stream on with backpressure, as `from.pipe(to)`, but at most MOST_BYTES of it in a turn of the event loop.
 * @param wait calls back when the next of them may go on
 * @returns a function that ends this; it leaves `from` flowing or paused, as it is then
 */
export function pipeInTurns(from: Readable, to: Writable, wait = inTurn): () => void {
  let passed = 0
  const goOn = () => void from.resume()
  const goOnInTurn = () => {
    wait(goOn, passed)
    passed = 0
  }
  const drained = () => (passed < MOST_BYTES ? goOn() : goOnInTurn())
  const pass = (chunk: Buffer) => {
    if (to.destroyed || to.writableEnded) return
    passed += chunk.length
    const isTaken = to.write(chunk)
    if (isTaken && passed < MOST_BYTES) return
    from.pause()
    if (isTaken) goOnInTurn()
    else to.once('drain', drained)
  }
  const end = () => {
    if (!to.writableEnded) to.end()
  }
  from.on('data', pass).once('end', end)
  // as `pipe` does: an answer to a refused handshake waits for it (lib/front/answer-over.ts)
  to.emit('pipe', from)
  from.resume()
  return () => {
    from.off('data', pass).off('end', end)
    to.off('drain', drained)
  }
}

/** Reads and drops the rest of a stream, in turns: the rest of an upload that is answered already is bulk data, too. */
export function dropInTurns(from: Readable): void {
  pipeInTurns(from, new Writable({ write: (_chunk, _encoding, done) => done() }), behindAnswer)
}
