import type { AddressCache, Addresses } from '../backend/address-cache.ts'
import type { Failing } from '../backend/failing.ts'
import { describeError, type ERRORS, systemErrorCode } from '../http/errors.ts'
import type { Bounds } from '../observe/bounds.ts'
import type { Bucket, History } from '../observe/history.ts'
import type { Lifecycle, WorkerState } from '../observe/lifecycle.ts'
import type { LimitTally } from '../observe/tally.ts'
import { failingOthers, shareOf } from './headline-others.ts'
import { fullBound, refusedLogins } from './headline-refused.ts'

export type Headline = {
  readonly level: 'fine' | 'watch' | 'bad'
  /** How things are, for a person who was just woken up. Without figures that change each second: it is read aloud. */
  readonly text: string
  readonly detail: string
  /** the section of the runbook that says what to do */
  readonly runbook?: string | undefined
}

type Facts = {
  readonly lifecycle: Lifecycle
  readonly bounds: Bounds
  readonly addresses: Addresses
  /** backends beside that of the logins */
  readonly others?: readonly { readonly name: string; readonly cache: Pick<AddressCache, 'addresses'> }[]
  readonly failing: readonly Failing[]
  readonly history: History
  readonly workers: readonly WorkerState[] | undefined
  readonly limit: LimitTally | undefined
}

/** The logins of the last so many buckets, the one under way included, say how things are. */
const RECENT = 6

/** From this share of misrouted logins on it is bad; an API that knows no such user may say 404 to a few. */
const BAD_MISROUTED = 0.5

/** From this share of failed logins on it is bad; below, a few of many failed, and it may be over. */
const BAD_SHARE = 0.01

/** What is worst, in one sentence, and the rest in another. */
export function headlineOf(
  { lifecycle, bounds, addresses, others = [], failing: unreachable, history, workers, limit }: Facts,
  now = Date.now(),
): Headline {
  const { listed, missing, answer, stale } = addresses
  const sum = sumOf(history.buckets(RECENT))
  const known = `${plural(listed.length + missing.length, 'address', 'addresses')}`
  const age =
    answer && Number.isFinite(answer.ttlMs)
      ? `, DNS answered ${formatAge(now - answer.at.getTime())} ago`
      : ''
  const dnsSummary = `${known}${stale ? `, DNS silent for ${formatAge(now - stale.since.getTime())}` : age}.`

  if (!answer)
    return bad(
      'DNS has not named any address yet: logins get 503.',
      stale ? `${describeError(stale.reason)}.` : '',
      'logins-are-503-since-the-start',
    )
  const lost = misrouted(sum, history.lastMisrouted, dnsSummary)
  if (lost && lost.share >= BAD_MISROUTED) return bad(`${lost.text}: ${CHECK}.`, lost.often, MISROUTED)
  const dead = failingOf(addresses, unreachable)
  if (sum.failed > 0) {
    const share = sum.failed / sum.all
    const unreached = history.lastFailure === 'BACKEND_UNREACHABLE' ? dead : undefined
    // BODY_MEMORY is refused with that code, too
    const isOfBodies = history.lastFailure === 'BACKEND_FULL' && bounds.bodies.metAt > bounds.requests.metAt
    const { why, runbook } = unreached?.byCertificate
      ? REFUSED
      : isOfBodies
        ? BODIES_FULL
        : (WHY[history.lastFailure ?? 'BACKEND_5XX'] ?? UNKNOWN)
    if (share >= BAD_SHARE)
      return bad(
        `${shareOf(share, 'login', 'logins', 'fail')}: ${why}.`,
        `${unreached ? `${unreached.causes}. ` : ''}${dnsSummary}`,
        runbook,
      )
    return watch(
      `A few logins failed: ${why}.`,
      `${sum.failed} of ${sum.all} in the last 30 s. ${dnsSummary}`,
      runbook,
    )
  }
  if (dead?.byCertificate)
    return bad('The certificate of the API is refused.', `${dead.causes}. ${dnsSummary}`, REFUSED.runbook)
  if (dead?.all)
    return bad('No address of the backend can be reached.', `${dead.causes}. ${dnsSummary}`, UNREACHABLE)
  const said = (each: { isBad: boolean; text: string; often: string; runbook: string }) =>
    (each.isBad ? bad : watch)(each.text, `${each.often} ${dnsSummary}`, each.runbook)
  const [refused, full] = [refusedLogins(history.recent), fullBound(bounds, now)]
  if (refused?.isBad) return said(refused)
  if (full?.isBad) return said(full)
  if (lost) return watch(`${lost.text}: ${CHECK}.`, lost.often, MISROUTED)
  if (lifecycle.phase === 'stopping')
    return watch('Stopping: requests in flight are still served.', `/readyz says 503. ${dnsSummary}`)
  if (lifecycle.phase === 'starting') return watch('Starting: the pages are not ready yet.', dnsSummary)
  if (workers && !workers.some(({ phase }) => phase === 'ready'))
    return bad('No page can be shown: no page worker is ready. Logins are not affected.', dnsSummary, PAGES)
  const other = failingOthers(history.recent) ?? refused ?? full
  if (other) return said(other)
  if (stale)
    return watch(
      'DNS gives no answer: the last addresses stay in use.',
      `${describeError(stale.reason)}; this has lasted ${formatAge(now - stale.since.getTime())}. ${known} in use.`,
      'dns-is-stale',
    )
  const unknown = others.find(({ cache }) => !cache.addresses.answer)
  if (unknown)
    return watch(
      `DNS has not named any address of ${unknown.name}: requests to it get 503.`,
      dnsSummary,
      'logins-are-503-since-the-start',
    )
  const old = others.find(({ cache }) => cache.addresses.stale)
  if (old)
    return watch(
      `DNS gives no answer for ${old.name}: the last addresses stay in use.`,
      `Logins are not affected. ${dnsSummary}`,
      'dns-is-stale',
    )
  if (limit?.store && !limit.store.connected)
    return watch(
      'The store of the login limits cannot be reached: each task counts for itself.',
      dnsSummary,
      'the-limit-store-is-away',
    )
  if (dead)
    return watch(
      `Logins are fine; ${dead.text} cannot be reached.`,
      `${dead.causes}; retried in the background. ${dnsSummary}`,
      'one-address-is-dead',
    )
  const unready = workers?.filter(({ phase }) => phase !== 'ready').length ?? 0
  if (unready > 0)
    return watch(
      'Logins are fine; a page worker is not ready.',
      `${unready} of ${workers?.length}. ${dnsSummary}`,
      'page-workers-start-again-and-again',
    )
  return {
    level: 'fine',
    text: sum.all > 0 ? 'Logins are fine.' : 'Ready; no login in the last 30 s.',
    detail: dnsSummary,
  }
}

/** Those of the current addresses that cannot be reached, and why. */
function failingOf({ listed, missing }: Addresses, unreachable: readonly Failing[]) {
  const current = [...listed, ...missing]
  const failing = unreachable.filter(each => current.includes(each.address))
  if (failing.length === 0) return undefined
  const all = failing.length === current.length
  return {
    all,
    /** the certificate of every address is refused */
    byCertificate: all && failing.every(({ error }) => CERTIFICATE.test(systemErrorCode(error) ?? '')),
    text: `${failing.length} of ${plural(current.length, 'address', 'addresses')}`,
    causes: [...new Set(failing.map(({ error }) => describeError(error)))].join('; '),
  }
}

const at =
  (level: Headline['level']) =>
  (text: string, detail: string, runbook?: string): Headline => ({ level, text, detail, runbook })
const bad = at('bad')
const watch = at('watch')
const MISROUTED = 'every-login-gets-404'
const PAGES = 'pages-are-503-and-logins-are-fine'
const UNREACHABLE = 'no-address-can-be-reached'

function sumOf(buckets: readonly Bucket[]) {
  const sum = { all: 0, failed: 0, misrouted: 0, posted: 0 }
  for (const { ok, refused, limited, misrouted, failed, posted } of buckets) {
    sum.all += ok + refused + limited + misrouted + failed
    sum.failed += failed
    sum.misrouted += misrouted
    sum.posted += posted
  }
  return sum
}

function misrouted(
  { misrouted, posted }: ReturnType<typeof sumOf>,
  status: number | undefined,
  dnsSummary: string,
) {
  if (misrouted === 0) return undefined
  const share = misrouted / posted
  const text = `${shareOf(share, 'login', 'logins', 'get')} ${status} from the backend, which does not mean a wrong password`
  return { share, text, often: `${misrouted} of ${posted} in the last 30 s. ${dnsSummary}` }
}

const CHECK = "check BACKEND_ORIGIN, the host and path rules of the API's ALB, and BACKEND_PATHS"

type Why = { readonly why: string; readonly runbook: string }

/** Why logins fail, by the newest failure's code. */
const WHY: { readonly [code in keyof typeof ERRORS | 'BACKEND_5XX']?: Why } & {
  readonly [code: string]: Why | undefined
} = {
  BACKEND_UNREACHABLE: { why: 'no address can be reached', runbook: 'no-address-can-be-reached' },
  BACKEND_BROKE_OFF: {
    why: 'the backend breaks connections off',
    runbook: 'the-backend-cuts-connections-or-answers',
  },
  BACKEND_BAD_ANSWER: {
    why: 'the backend gives answers that cannot be passed on',
    runbook: 'the-backend-cuts-connections-or-answers',
  },
  BACKEND_UNKNOWN: { why: 'DNS has not named any address', runbook: 'logins-are-503-since-the-start' },
  BACKEND_TIMEOUT: { why: 'the backend does not answer in time', runbook: 'logins-are-504' },
  BACKEND_FULL: {
    why: 'the limit MAX_BACKEND_REQUESTS is reached: the backend is slow or hangs',
    runbook: 'too-many-requests-wait-for-the-api',
  },
  BACKEND_5XX: { why: 'the API itself answers with 5xx', runbook: 'the-backend-itself-says-5xx' },
  INTERNAL: { why: 'something is wrong in Gatehouse itself', runbook: 'logins-fail' },
}
const REFUSED: Why = { why: 'the certificate of the API is refused', runbook: 'the-certificate-is-refused' }
const BODIES_FULL: Why = {
  why: 'BODY_MEMORY is full, and LOGIN_LIMIT_ACCOUNT has to read each body',
  runbook: 'too-many-requests-wait-for-the-api',
}
/** What OpenSSL says of a certificate, and Node of its name. */
const CERTIFICATE =
  /^(ERR_TLS_CERT_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_(CA|PURPOSE)|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH)/
const UNKNOWN: Why = { why: 'see the log', runbook: 'logins-fail' }

const plural = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`

/** 0.4 s, 12 s, 3 min, 2 h */
function formatAge(ms: number): string {
  const seconds = Math.max(ms, 0) / 1000
  if (seconds < 120) return `${Math.round(seconds)} s`
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`
}
