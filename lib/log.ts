import { type Logger, pino } from 'pino'
import type { Config } from './config.ts'

export type Log = Logger

/** Rule 8: whatever object reaches the log, these never do. */
const SECRET = ['cookie', 'authorization', 'set-cookie', 'password', 'body', 'query']
const redact = SECRET.flatMap(name => [`["${name}"]`, `*["${name}"]`, `*.headers["${name}"]`])

/** Structured log on standard output: JSON, or lines for people where development prints to a terminal. */
export function createLog(level: Config['LOG_LEVEL'], readable: boolean): Log {
  const options = { level, redact, base: null }
  if (!readable) return pino({ ...options, formatters: { level: label => ({ level: label }) } })
  const target = { target: 'pino-pretty', options: { translateTime: 'HH:MM:ss', ignore: 'pid,hostname' } }
  return pino({ ...options, transport: target })
}
