import { write, writeSync } from 'node:fs'

/** A line is written after this time at the latest; a write for each would cost as much as a third of a login. */
const FLUSH_MS = 100
/** Or as soon as there are so many characters: each write wakes a thread, at 4 KB for every twelfth login. */
const BATCH = 32_768
/** Lines beyond are dropped, 16 MB: whoever reads the log has stopped, and logins go on. */
const MOST_BATCHES = 512
/** With no write done for so long, nobody reads. */
const STUCK_MS = 1000

/**
 * Standard output, for pino. Nothing is written in the event loop: a reader that has stopped (a log driver) or a full disk must not stop logins, nor the
 * end of the process. pino's own destination measures all that it holds with each line, which copies a growing string (half the cost of a line), and at
 * the end retries for ever where the reader is gone.
 */
export class LogOutput {
  /** a pipe that `process.stdout` has opened does not block: when it is full, a write fails with EAGAIN */
  readonly #fd = process.stdout.fd
  readonly #onLost: (lines: number) => void
  #batch = ''
  /** batches that wait for the one that is being written, or failed to be */
  readonly #waiting: Buffer[] = []
  #isWriting = false
  #isFailing = false
  #lost = 0
  /** ticks of the timer since the last completed write. Not a time: while the event loop is blocked, no write can be seen to complete */
  #rounds = 0

  /** @param onLost is told how many lines were dropped, once there is somebody to read it */
  constructor(onLost: (lines: number) => void) {
    this.#onLost = onLost
    setInterval(() => this.#flush(), FLUSH_MS).unref()
    process.on('exit', () => this.flushSync())
  }

  write(line: string): void {
    this.#batch += line
    if (this.#batch.length < BATCH) return
    this.#endBatch()
    this.#writeNext()
  }

  #flush() {
    if (this.#isWriting || this.#waiting.length > 0) this.#rounds++
    else this.#endBatch()
    this.#writeNext()
  }

  #endBatch() {
    if (this.#waiting.length >= MOST_BATCHES) this.#lost += this.#batch.split('\n').length - 1
    else if (this.#batch !== '') this.#waiting.push(Buffer.from(this.#batch))
    this.#batch = ''
  }

  #writeNext() {
    const [next] = this.#waiting
    if (!next || this.#isWriting) return
    this.#isWriting = true
    this.#waiting.shift()
    write(this.#fd, next, (error, length) => {
      this.#isWriting = false
      this.#isFailing = error !== null && !isFull(error)
      // the next line or the timer tries again
      if (error) this.#waiting.unshift(next)
      else this.#written(next, length)
    })
  }

  #written(batch: Buffer, length: number) {
    this.#rounds = 0
    if (length < batch.length) this.#waiting.unshift(batch.subarray(length))
    const lost = this.#lost
    this.#lost = 0
    if (lost > 0) this.#onLost(lost)
    this.#writeNext()
  }

  /** Writes all that there is, unless nobody reads. pino calls it behind a line at `fatal`, and the end of the process does. */
  flushSync(): void {
    if (this.#isFailing || this.#rounds * FLUSH_MS > STUCK_MS) return
    this.#endBatch()
    let until = performance.now() + STUCK_MS
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      try {
        const length = writeSync(this.#fd, next)
        if (length < next.length) this.#waiting.unshift(next.subarray(length))
        until = performance.now() + STUCK_MS
      } catch (error) {
        this.#waiting.unshift(next)
        if (!isFull(error) || performance.now() > until) return
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
      }
    }
  }
}

/** Its reader is behind: not a fault. */
const isFull = (error: unknown) =>
  error instanceof Error && 'code' in error && /^(EAGAIN|EBUSY)$/.test(String(error.code))
