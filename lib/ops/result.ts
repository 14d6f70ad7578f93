import { ERRORS } from '../errors.ts'
import type { Outcome } from '../outcome.ts'

/** What became of a login, as whoever is on call sorts them. */
export const RESULTS = ['ok', 'refused', 'limited', 'failed', 'gone'] as const
export type Result = (typeof RESULTS)[number]

/** A 5xx failed, whoever answered it, and so did an answer that the front cut off; other errors are the client's. */
export function resultOf({ status, code }: Outcome): Result {
  if (status === undefined) return code !== undefined && ERRORS[code].status >= 500 ? 'failed' : 'gone'
  if (status >= 500) return 'failed'
  if (status === 429) return 'limited'
  return status >= 400 ? 'refused' : 'ok'
}
