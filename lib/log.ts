import { EventEmitter } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http'
import { destination, type Logger, pino } from 'pino'
import { ERRORS, inWords } from './http/errors.ts'
import type { OnOutcome } from './observe/outcome.ts'
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

/** Structured log on standard output: JSON, or lines for people where development prints to a terminal. */
export function createLog(level: Config['LOG_LEVEL'], readable: boolean): Log {
  const options = { level, redact, base: null }
  if (readable && HAS_PRETTY) {
    const target = { target: 'pino-pretty', options: { translateTime: 'HH:MM:ss', ignore: 'pid,hostname' } }
    return pino({ ...options, transport: target })
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
  const lost = new EventEmitter<{ lines: [lines: number] }>()
  let dropped = 0
  let failing = false
  /** when a write was last done (there is one every FLUSH_MS), and how often the timers have come round since */
  let written = performance.now()
  let turns = 0
  setInterval(() => turns++, FLUSH_MS).unref()
  output.on('drop', () => dropped++)
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
  const flush = output.flushSync.bind(output)
  output.flushSync = () => {
    const isStuck = turns > 1 && performance.now() - written > STUCK_MS
    if (failing || isStuck) return
    until = performance.now() + STUCK_MS
    try {
      flush()
    } catch {
      // it has stopped reading just now, or the disk is full
    }
  }
  return { output, lost }
}

/** What a header may put into the log: short, and no more than a token. */
const TRACE_ID = /^[\w=;:,.-]{1,256}$/

/** X-Amzn-Trace-Id, by which the ALB's own log names a request. */
export function amazonTraceId(headers: IncomingHttpHeaders | undefined): string | undefined {
  const id = headers?.['x-amzn-trace-id']
  return typeof id === 'string' && TRACE_ID.test(id) ? id : undefined
}

/** One line for each request that is over. Health checks at `debug`, for they come all the time. */
export function logOutcomes(log: Log): OnOutcome {
  // the fields are these and no others: to look for secret ones in each line would cost 20 µs
  const plain = log.child({}, { redact: [] })
  return outcome => {
    const { req, peer, route, status, ms, bytes, code, cause, address, reused, attempts, worker } = outcome
    const isBad = (status ?? (code === undefined ? 0 : ERRORS[code].status)) >= 500
    const level = route === 'health' ? 'debug' : isBad ? 'warn' : 'info'
    if (!log.isLevelEnabled(level)) return
    const { headers, method, url } = req ?? {}
    plain[level](
      {
        id: headers?.['x-request-id'],
        route,
        method,
        path: url && pathOf(url),
        status,
        ms: Math.round(ms * 10) / 10,
        bytes,
        client: headers?.['x-real-ip'] ?? peer,
        trace: amazonTraceId(headers),
        trace_id: outcome.spans?.traceId,
        address,
        reused,
        attempts,
        worker,
        code,
        cause: cause === undefined ? undefined : inWords(cause),
      },
      status !== undefined ? 'request' : code === undefined ? 'client left' : 'cut off',
    )
  }
}

/** Without a query or userinfo, which may hold a secret (rule 8), and of a length that a line can hold. */
export const pathOf = (url: string) =>
  url
    .replace(/^[a-z]+:\/\/[^/?#]*/i, '')
    .split(/[?#]/, 1)[0]
    ?.slice(0, 256)
