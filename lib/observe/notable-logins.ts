import { describeError } from '../http/errors.ts'
import type { Outcome } from './outcome.ts'

/** A login that says more than the figures do; its id leads to its line in the log, to its trace and to the client. */
export type NotableLogin = {
  /** counts up */
  readonly n: number
  /** when it was over */
  readonly at: Date
  readonly id: string
  /** where traces are on */
  readonly traceId?: string | undefined
  /** absent where no answer became whole */
  readonly status?: number | undefined
  /** why it is here */
  readonly why: 'failed' | 'misrouted' | 'gone' | 'retried' | 'slow' | 'new connection'
  readonly ms: number
  readonly attempts: number
  /** of the last attempt */
  readonly address?: string | undefined
  readonly code?: string | undefined
  readonly cause?: string | undefined
}

/** So many of each sort: what fails all the time must not push out the few that were slow, nor the other way round. */
const MOST = 25
const SLOW_MS = 1000

/**
 * Keeps the last logins that failed, that found no login at the backend, that were left by their client, retried or slow, or that opened a connection: of
 * those that go to an address for the first time there is always one. All others cost a comparison or two.
 */
export function createNotableLogins() {
  const kept = new Map<NotableLogin['why'], NotableLogin[]>()
  let newest = 0
  return {
    /** Looks at a login that is over. */
    count(login: Outcome) {
      const why = reasonOf(login)
      if (why === undefined) return
      const { req, status, ms, attempts = 0, address, code, cause, spans } = login
      const id = req?.headers['x-request-id']
      if (typeof id !== 'string') return
      const description = cause === undefined ? undefined : describeError(cause)
      const same = kept.getOrInsert(why, [])
      same.push({
        n: ++newest,
        at: new Date(),
        id,
        traceId: spans?.traceId,
        status,
        why,
        ms,
        attempts,
        address,
        code,
        cause: description,
      })
      if (same.length > MOST) same.shift()
    },
    /** Those after a number, oldest first. */
    since: (n: number): NotableLogin[] =>
      [...kept.values()]
        .flat()
        .filter(each => each.n > n)
        .toSorted((a, b) => a.n - b.n),
    /** the number of the newest */
    get newest() {
      return newest
    },
  }
}

function reasonOf({ attempts = 0, ms, reused, result }: Outcome): NotableLogin['why'] | undefined {
  if (result === 'failed' || result === 'misrouted' || result === 'gone') return result
  if (attempts > 1) return 'retried'
  if (ms >= SLOW_MS) return 'slow'
  return reused === false ? 'new connection' : undefined
}
