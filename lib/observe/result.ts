import { ERRORS } from '../http/errors.ts'
import type { Outcome } from './outcome.ts'

/** What became of a login, as whoever is on call sorts them. */
export const RESULTS = ['ok', 'refused', 'limited', 'misrouted', 'failed', 'gone'] as const
export type Result = (typeof RESULTS)[number]

/**
 * No API says these of a wrong password: there is no such path, it takes no POST, no such body, or is another host. A load
 * balancer's default rule says them, too.
 */
const MISROUTED: ReadonlySet<number> = new Set([404, 405, 415, 421])

/**
 * A 5xx failed, whoever answered it, and so did an answer that the front cut off. Misrouted is a login proper that found no
 * login at the backend; below the login path, and to other methods, the same statuses are what a scanner gets. Other
 * errors are the client's.
 */
export function resultOf({ status, code, isLogin = false }: Outcome): Result {
  if (status === undefined) return code !== undefined && ERRORS[code].status >= 500 ? 'failed' : 'gone'
  if (status >= 500) return 'failed'
  if (status === 429) return 'limited'
  if (isLogin && code === undefined && MISROUTED.has(status)) return 'misrouted'
  return status >= 400 ? 'refused' : 'ok'
}

/** Whether the backend, or what stands for it, answered a login proper: of these the misrouted ones are a share. */
export const isAnsweredLogin = ({ isLogin = false }: Outcome, result: Result): boolean =>
  isLogin && result !== 'limited' && result !== 'gone'
