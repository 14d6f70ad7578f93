import { EventEmitter } from 'node:events'
import fs from 'node:fs'
import { destination, type Logger, pino } from 'pino'
import type { Config } from './settings/settings.ts'

export type Log = Logger

/** Rule 8: whatever object reaches the log, these never do. */
const SECRET = ['cookie', 'authorization', 'set-cookie', 'password', 'body', 'query']
const redact = SECRET.flatMap(name => [`["${name}"]`, `*["${name}"]`, `*.headers["${name}"]`])

/** Lines beyond are dropped: whoever reads the log has stopped, and logins go on. */
const MOST_BYTES = 16 * 1024 ** 2

/** A line is written after this time at the latest; a write for each would cost as much as a third of a login. */
const FLUSH_MS = 100
/** Or as soon as there are so many characters: each write wakes a thread, at 4 KB for every twelfth login. */
const BATCH = 32_768
/** With no write done for so long, nobody reads. */
const STUCK_MS = 1000

/** pino-pretty runs in a thread, whose file a bundle does not have. */
const HAS_PRETTY = import.meta.url.endsWith('.ts')

/** One line each, a request as Next prints its own: `POST /user/login 200 in 12.3 ms`. */
const PRETTY = {
  singleLine: true,
  translateTime: 'HH:MM:ss',
  ignore: 'method,path,status,ms,id,client,bytes,bytesIn,host,agent,trace',
  messageFormat: '{if method}{method} {path} {status} in {ms} ms, {end}{msg}',
}

/** Structured log on standard output: JSON, or lines for people where development prints to a terminal. */
export function createLog(level: Config['LOG_LEVEL'], readable: boolean): Log {
  const options = { level, redact, base: null }
  if (readable && HAS_PRETTY) {
    return pino({ ...options, transport: { target: 'pino-pretty', options: PRETTY } })
  }
  const { output, lost } = openOutput()
  const log = pino({ ...options, formatters: { level: label => ({ level: label }) } }, output)
  lost.on('lines', lines => log.warn({ lines }, 'lines of the log were lost: they could not be written'))
  return log
}

/**
 * Standard output, not written in the event loop: a reader that stops (a log driver) or fails (a full disk) must stop no
 * login. `lost` says how many lines that has cost, once there is somebody to read it.
 */
function openOutput() {
  /** while it is flushed at the end: until when, unless something more is taken */
  let until = Number.POSITIVE_INFINITY
  let left = 0
  const output = destination({
    sync: false,
    retryEAGAIN(_error, length, rest) {
      if (until !== Number.POSITIVE_INFINITY && length + rest !== left) until = performance.now() + STUCK_MS
      left = length + rest
      return performance.now() < until
    },
    minLength: BATCH,
    maxWrite: 2 * BATCH,
    periodicFlush: FLUSH_MS,
    maxLength: MOST_BYTES,
  })
  // sonic-boom measures with each line all that it holds, which copies a string that has grown: half the cost of a line
  const { write, flush, flushSync } = output
  let batch = ''
  const handOver = () => {
    if (batch !== '') write.call(output, batch)
    batch = ''
  }
  output.write = line => {
    batch += line
    if (batch.length >= BATCH) handOver()
    return true
  }
  // also by its own timer
  output.flush = done => {
    handOver()
    flush.call(output, done)
  }
  const lost = new EventEmitter<{ lines: [lines: number] }>()
  let dropped = 0
  let failing = false
  /** when a write was last done (there is one every FLUSH_MS), and how often the timers have come round since */
  let written = performance.now()
  let turns = 0
  setInterval(() => turns++, FLUSH_MS).unref()
  output.on('drop', (lines: string) => {
    dropped += lines.split('\n').length - 1
  })
  output.on('write', () => {
    failing = false
    written = performance.now()
    turns = 0
    const lines = dropped
    dropped = 0
    if (lines > 0) lost.emit('lines', lines)
  })
  // it keeps what it has, and tries again with the next line
  output.on('error', () => {
    failing = true
  })
  // pino flushes when the process ends, and would do so for ever where nobody reads. Time alone does not tell: while the
  // event loop is blocked no write is known to be done
  output.flushSync = () => {
    const isStuck = turns > 1 && performance.now() - written > STUCK_MS
    if (failing || isStuck) return
    until = performance.now() + STUCK_MS
    try {
      handOver()
      dropWhatFails(() => flushSync.call(output))
    } catch {
      // it has stopped reading just now
    }
  }
  return { output, lost }
}

/**
 * Calls what writes synchronously. sonic-boom tries for ever what fails with anything but EAGAIN or EBUSY: a reader that is gone (EPIPE), a
 * disk that is full. It is told that such lines have been written, or the process would never end.
 */
function dropWhatFails(flush: () => void) {
  const { writeSync } = fs
  const write = (fd: number, text: string) => {
    try {
      return writeSync(fd, text)
    } catch (error) {
      if (error instanceof Error && 'code' in error && /^(EAGAIN|EBUSY)$/.test(String(error.code)))
        throw error
      return Buffer.byteLength(text)
    }
  }
  Object.assign(fs, { writeSync: write })
  try {
    flush()
  } finally {
    Object.assign(fs, { writeSync })
  }
}
