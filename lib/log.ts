import { destination, type Logger, pino } from 'pino'
import type { Config } from './config.ts'
import { ERRORS, inWords } from './errors.ts'
import type { OnOutcome } from './outcome.ts'

export type Log = Logger

/** Rule 8: whatever object reaches the log, these never do. */
const SECRET = ['cookie', 'authorization', 'set-cookie', 'password', 'body', 'query']
const redact = SECRET.flatMap(name => [`["${name}"]`, `*["${name}"]`, `*.headers["${name}"]`])

/** Lines beyond are dropped: whoever reads the log has stopped, and logins go on. */
const MOST_BYTES = 16 * 1024 ** 2

/** A line is written after this time at the latest; a write for each would cost as much as a third of a login. */
const FLUSH_MS = 100

/** Structured log on standard output: JSON, or lines for people where development prints to a terminal. */
export function createLog(level: Config['LOG_LEVEL'], readable: boolean): Log {
  const options = { level, redact, base: null }
  if (readable) {
    const target = { target: 'pino-pretty', options: { translateTime: 'HH:MM:ss', ignore: 'pid,hostname' } }
    return pino({ ...options, transport: target })
  }
  // not written in the event loop: a reader that stops (a log driver, a full disk) would stop the logins as well
  const output = destination({ sync: false, minLength: 4096, periodicFlush: FLUSH_MS, maxLength: MOST_BYTES })
  process.once('exit', () => output.flushSync())
  return pino({ ...options, formatters: { level: label => ({ level: label }) } }, output)
}

/** What a header may put into the log: short, and no more than a token. */
const TRACE_ID = /^[\w=;:,.-]{1,256}$/

/** One line for each request that is over. Health checks at `debug`, for they come all the time. */
export function logOutcomes(log: Log): OnOutcome {
  // the fields are these and no others: to look for secret ones in each line would cost 20 µs
  const plain = log.child({}, { redact: [] })
  return ({ req, peer, route, status, ms, bytes, code, cause, address, reused, attempts, worker }) => {
    const isBad = (status ?? (code === undefined ? 0 : ERRORS[code].status)) >= 500
    const level = route === 'health' ? 'debug' : isBad ? 'warn' : 'info'
    if (!log.isLevelEnabled(level)) return
    const { headers, method, url } = req ?? {}
    const trace = headers?.['x-amzn-trace-id']
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
        trace: typeof trace === 'string' && TRACE_ID.test(trace) ? trace : undefined,
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

/** Without the query, which may hold a token (rule 8), and of a length that a line can hold. */
const pathOf = (url: string) => url.split(/[?#]/, 1)[0]?.slice(0, 256)
