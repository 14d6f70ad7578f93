import { type Logger, pino } from 'pino'
import { LogOutput } from './log-output.ts'
import type { Config } from './settings/settings.ts'

export type Log = Logger

/** Rule 8: whatever object reaches the log, these never do. */
const SECRET = ['cookie', 'authorization', 'set-cookie', 'password', 'body', 'query']
const redact = SECRET.flatMap(name => [`["${name}"]`, `*["${name}"]`, `*.headers["${name}"]`])

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
  const output = new LogOutput(lines =>
    log.warn({ lines }, 'lines of the log were lost: they could not be written'),
  )
  const log = pino({ ...options, formatters: { level: label => ({ level: label }) } }, output)
  return log
}
