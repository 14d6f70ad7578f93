import type { Readable, Writable } from 'node:stream'

/** So many bytes of one stream pass in a turn of the event loop. Node reads a fast connection 32 times, 2 MB, before it looks at the next one. */
const MOST_BYTES = 128 * 1024
/** So many of those with more go on in one turn, however many there are. */
const MOST_STREAMS = 4

let waiting: (() => void)[] = []
let isDue = false

/** Calls back in a later turn of the event loop, after those that have waited longer: what comes in bulk does not keep logins waiting. */
export function inTurn(goOn: () => void): void {
  waiting.push(goOn)
  if (isDue) return
  isDue = true
  setImmediate(run)
}

function run() {
  const now = waiting.slice(0, MOST_STREAMS)
  waiting = waiting.slice(MOST_STREAMS)
  isDue = waiting.length > 0
  if (isDue) setImmediate(run)
  for (const goOn of now) goOn()
}

/**
 * Passes a stream on with backpressure, as `from.pipe(to)`, but at most MOST_BYTES of it in a turn of the event loop.
 * @returns a function that ends this; it leaves `from` flowing or paused, as it is then
 */
export function pipeInTurns(from: Readable, to: Writable): () => void {
  let passed = 0
  const goOn = () => void from.resume()
  const goOnInTurn = () => {
    passed = 0
    inTurn(goOn)
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
