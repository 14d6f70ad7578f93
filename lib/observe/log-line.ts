import type { IncomingHttpHeaders } from 'node:http'
import { pino } from 'pino'
import { describeError } from '../http/errors.ts'
import type { Log } from '../log.ts'
import type { Config } from '../settings/settings.ts'
import { isToBackend, type OnOutcome, type Outcome } from './outcome.ts'

/** What a header may put into the log: short, and no more than a token. */
const TRACE_ID = /^[\w=;:,.-]{1,256}$/

/** X-Amzn-Trace-Id, by which the ALB's own log names a request. */
export function amazonTraceId(headers: IncomingHttpHeaders | undefined): string | undefined {
  const id = headers?.['x-amzn-trace-id']
  return typeof id === 'string' && TRACE_ID.test(id) ? id : undefined
}

/** A client writes what it likes there. */
const MOST_CHARACTERS = 256

/** A terminal in which the log is read takes DEL and C1 controls for commands (ECMA-48: U+009B is `ESC [`), and JSON leaves them as they are. */
const harmless = (text: string) => text.replace(/[\x7f-\x9f]/g, '\ufffd')
const shown = (text: string | undefined) => text && harmless(text.slice(0, MOST_CHARACTERS))

/** Which requests get a line besides logins, by LOG_REQUESTS. */
const WANTED: { readonly [choice in Config['LOG_REQUESTS']]: (outcome: Outcome) => boolean } = {
  all: () => true,
  pages: each => isError(each) || (each.route !== 'static' && each.route !== 'health'),
  api: each => isError(each) || isToBackend(each.route),
  errors: isError,
}

/** A health check that fails has a line where the front stops, and one is enough. */
function isError({ route, result }: Outcome): boolean {
  return route !== 'health' && result !== 'ok' && result !== 'gone'
}

/**
 * One line for each request that is over and that LOG_REQUESTS wants; at `debug` what has a line already. Each login has one, also
 * with LOG_LEVEL=warn: who looks for somebody's login needs the 401s, too.
 */
export function logOutcomes(log: Log, requests: Config['LOG_REQUESTS']): OnOutcome {
  // the fields are these and no others: to look for secret ones in each line would cost 20 µs
  const others = log.child({}, { redact: [] })
  const logins =
    log.level === 'silent'
      ? others
      : log.child({}, { redact: [], level: log.isLevelEnabled('info') ? log.level : 'info' })
  for (const each of [others, logins]) stringifyAtOnce(each)
  const wanted = WANTED[requests]
  return outcome => {
    const { req, peer, route, status, ms, bytes, code, cause, address, reused, attempts, worker } = outcome
    const { matched, backend } = outcome
    const isLogin = route === 'login' || outcome.isLogin === true
    if (!isLogin && !wanted(outcome)) return
    const plain = isLogin ? logins : others
    const level = levelOf(outcome)
    if (!plain.isLevelEnabled(level)) return
    const { headers, method, url } = req ?? {}
    plain[level]({
      id: headers?.['x-request-id'],
      route,
      method,
      path: url && pathOf(url),
      matched,
      status,
      ms: Math.round(ms * 10) / 10,
      bytes,
      bytesIn: outcome.bytesIn,
      host: shown(headers?.host),
      agent: shown(headers?.['user-agent']),
      client: headers?.['x-real-ip'] ?? peer,
      trace: amazonTraceId(headers),
      trace_id: outcome.spans?.traceId,
      backend,
      address,
      reused,
      attempts,
      worker,
      code,
      cause: cause === undefined ? undefined : harmless(describeError(cause)),
      msg: outcome.end === 'answered' ? 'request' : outcome.end,
    })
  }
}

/**
 * pino asks of each field what becomes of it, and makes each a string: one JSON.stringify takes a quarter of the time (1.5 µs a line,
 * 6 by pino; 2026-11-30). Its documentation has `pino.symbols` for that: "methods to be overridden".
 */
function stringifyAtOnce(log: Log) {
  const { asJsonSym, lsCacheSym, chindingsSym } = pino.symbols
  Object.assign(log, {
    [asJsonSym](
      this: Record<symbol, Record<number, string>>,
      fields: object,
      _: unknown,
      level: number,
      time: string,
    ) {
      return `${this[lsCacheSym]?.[level]}${time}${this[chindingsSym]},${JSON.stringify(fields).slice(1)}\n`
    },
  })
}

function levelOf({ result, isPrinted }: Outcome) {
  if (result === 'failed') return 'warn'
  return isPrinted ? 'debug' : 'info'
}

/** Without a query or userinfo, which may hold a secret (docs/rules.md, 8), and of a length that a line can hold. */
export function pathOf(url: string): string {
  const path = url.startsWith('/') ? url : url.replace(/^[a-z]+:\/\/[^/?#]*/i, '')
  const end = path.search(/[?#]/)
  return path.slice(0, Math.min(end === -1 ? path.length : end, MOST_CHARACTERS))
}
