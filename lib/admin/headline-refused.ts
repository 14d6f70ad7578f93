import type { ErrorCode } from '../http/errors.ts'
import type { Bounds } from '../observe/bounds.ts'
import type { Recent, Refusal } from '../observe/recent.ts'
import { shareOf } from './headline-others.ts'

/** Fewer in a hundred are refused every day: of a guesser, or sent by another site's page. */
const LEAST_SHARE = 0.05
/** From this share on it is bad. */
const BAD_SHARE = 0.5
/** Fewer may be one person. */
const SEVERAL = 5
/** So long ago is recent. */
const RECENT_MS = 30_000

type Why = { readonly why: string; readonly runbook: string }

const TOO_LARGE_OR_SLOW = 'logins-are-413-431-or-408'

/** Why logins are refused before anybody looks at their passwords, by the code; others: see the log. */
const WHY: { readonly [code in ErrorCode]?: Why } = {
  TOO_MANY: { why: 'LOGIN_LIMIT or LOGIN_LIMIT_ACCOUNT is reached', runbook: 'logins-are-429' },
  CROSS_SITE: {
    why: 'pages send them whose origin is not in ALLOWED_ORIGINS',
    runbook: 'logins-are-403-cross_site',
  },
  BODY_TOO_LARGE: { why: 'their bodies are too large', runbook: TOO_LARGE_OR_SLOW },
  CLIENT_TIMEOUT: { why: 'their bodies do not arrive in time', runbook: TOO_LARGE_OR_SLOW },
  CLIENT_STALLED: { why: 'their bodies do not arrive in time', runbook: TOO_LARGE_OR_SLOW },
}

function whyOf({ status, code }: Refusal): Why {
  if (code !== undefined) return WHY[code] ?? { why: 'see the log', runbook: 'logins-fail' }
  const why =
    status === 429 ? 'the API has a rate limit of its own' : 'their bodies are too large for the API'
  return { why, runbook: 'the-api-answers-4xx' }
}

/** Logins that were refused before anybody looked at their passwords: no wrong password explains them. */
export function refusedLogins({ of, lastRefusal }: Pick<Recent, 'of' | 'lastRefusal'>) {
  const { all, failed } = of('login')
  if (lastRefusal === undefined || failed < LEAST_SHARE * all || failed === 0) return undefined
  const share = failed / all
  const by = lastRefusal.code === undefined ? 'the backend' : 'Gatehouse itself'
  const { why, runbook } = whyOf(lastRefusal)
  return {
    isBad: share >= BAD_SHARE && failed >= SEVERAL,
    text: `${shareOf(share, 'login', 'logins', 'get')} ${lastRefusal.status} from ${by}: ${why}.`,
    often: `${failed} of ${all} in the last 30 s.`,
    runbook,
  }
}

/** A bound that was reached within the last 30 s. */
export function fullBound({ connections, requests, bodies }: Bounds, now: number) {
  const isMet = ({ metAt }: Bounds[keyof Bounds]) => now - metAt < RECENT_MS
  if (isMet(connections))
    return {
      isBad: true,
      text: 'Clients are turned away: the connection limit is reached.',
      often: `${connections.now} of ${connections.most} connections are open.`,
      runbook: TOO_LARGE_OR_SLOW,
    }
  if (isMet(requests))
    return {
      isBad: true,
      text: 'Requests to the API are refused: the limit MAX_BACKEND_REQUESTS is reached.',
      often: `${requests.now} of ${requests.most} are under way.`,
      runbook: 'too-many-requests-wait-for-the-api',
    }
  if (isMet(bodies))
    return {
      isBad: false,
      text: 'BODY_MEMORY is full: logins with a body over 4 KB are not retried.',
      often: `${Math.round(bodies.now / 1024)} of ${Math.round(bodies.most / 1024)} KB are held.`,
      runbook: 'too-many-requests-wait-for-the-api',
    }
  return undefined
}
