import type { IncomingHttpHeaders } from 'node:http'
import { describeError } from '../http/errors.ts'
import type { Log } from '../log.ts'
import type { OnOutcome, Outcome } from './outcome.ts'

/** What a header may put into the log: short, and no more than a token. */
const TRACE_ID = /^[\w=;:,.-]{1,256}$/

/** X-Amzn-Trace-Id, by which the ALB's own log names a request. */
export function amazonTraceId(headers: IncomingHttpHeaders | undefined): string | undefined {
  const id = headers?.['x-amzn-trace-id']
  return typeof id === 'string' && TRACE_ID.test(id) ? id : undefined
}

/**
 * One line for each request that is over. At `debug` health checks, for they come all the time, and what has a line already.
 */
export function logOutcomes(log: Log): OnOutcome {
  // the fields are these and no others: to look for secret ones in each line would cost 20 µs
  const plain = log.child({}, { redact: [] })
  return outcome => {
    const { req, peer, route, status, ms, bytes, code, cause, address, reused, attempts, worker } = outcome
    const { matched, backend } = outcome
    const level = levelOf(outcome)
    if (!log.isLevelEnabled(level)) return
    const { headers, method, url } = req ?? {}
    plain[level](
      {
        id: headers?.['x-request-id'],
        route,
        method,
        path: url && pathOf(url),
        matched,
        status,
        ms: Math.round(ms * 10) / 10,
        bytes,
        client: headers?.['x-real-ip'] ?? peer,
        trace: amazonTraceId(headers),
        trace_id: outcome.spans?.traceId,
        backend,
        address,
        reused,
        attempts,
        worker,
        code,
        cause: cause === undefined ? undefined : describeError(cause),
      },
      outcome.end === 'answered' ? 'request' : outcome.end,
    )
  }
}

function levelOf({ route, result, isPrinted }: Outcome) {
  if (route === 'health') return 'debug'
  if (result === 'failed') return 'warn'
  return isPrinted ? 'debug' : 'info'
}

/** Without a query or userinfo, which may hold a secret (docs/rules.md, 8), and of a length that a line can hold. */
export const pathOf = (url: string) =>
  url
    .replace(/^[a-z]+:\/\/[^/?#]*/i, '')
    .split(/[?#]/, 1)[0]
    ?.slice(0, 256)
