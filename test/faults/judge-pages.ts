import { quantile } from '../../bench/figures.ts'
import type { Page } from './pages.ts'
import type { Arrival } from './witness.ts'
import { BACKEND_TIMEOUT_MS, type World } from './world.ts'

export type PagesResult = {
  readonly sent: number
  readonly answered: number
  /** what did not come with the API's answer in it, by what came instead */
  readonly failed: Readonly<Record<string, number>>
  /** of those, how many the backend itself had left without an answer */
  readonly unanswered: number
  /** whose call was sent to the backend more than once */
  readonly again: number
  /** in ms */
  readonly p99: number
  readonly longest: number
  /** failures that nothing excuses */
  readonly wrong: readonly Page[]
}

/** A node that vanishes is noticed by its silence, 250 ms after something was sent there; and a page calls a moment after it is asked for. */
const NOTICED_MS = 500

/** Compares what visitors of a page saw with what the backend saw of the page's own calls. */
export function judgePages(
  pages: readonly Page[],
  { witness, firstTruthAt, vanishedAt }: World,
): PagesResult {
  const arrivalsOf = ({ id }: Page) => witness.arrivals.get(id) ?? []
  const failures = pages.filter(each => each.outcome !== 200)
  const unanswered = failures.filter(page => isUnanswered(arrivalsOf(page)))
  const isEarly = ({ doneAt }: Page) => doneAt < (firstTruthAt ?? Number.POSITIVE_INFINITY)
  const isUnnoticed = ({ dueAt, doneAt }: Page) =>
    vanishedAt.some(at => doneAt > at && dueAt < at + NOTICED_MS)
  const failed: Record<string, number> = {}
  for (const { outcome } of failures) failed[outcome] = (failed[outcome] ?? 0) + 1
  const times = pages.map(each => each.doneAt - each.dueAt)
  return {
    sent: pages.length,
    answered: pages.length - failures.length,
    failed,
    unanswered: unanswered.length,
    again: pages.filter(each => arrivalsOf(each).length > 1).length,
    p99: quantile(times, 0.99),
    longest: quantile(times, 1),
    wrong: failures.filter(each => !unanswered.includes(each) && !isEarly(each) && !isUnnoticed(each)),
  }
}

/**
 * Whether it was the backend that left a call without an answer: it was silent for BACKEND_TIMEOUT, or the answer broke
 * off in the middle. A connection that only died under the call excuses nothing, for a GET is retried; the second
 * one that does so does.
 */
function isUnanswered(arrivals: readonly Arrival[]): boolean {
  const last = arrivals.at(-1)
  if (!last) return false
  // its visitor has left, and the page itself has not given up yet
  if (last.fate === 'open') return last.begun
  if (last.fate === 'abandoned')
    return last.begun || last.endedAt - last.lastByteAt >= BACKEND_TIMEOUT_MS * 0.95
  return last.fate === 'killed' && (last.begun || arrivals.length > 1)
}
