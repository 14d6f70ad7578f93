import { quantile } from '../../bench/figures.ts'
import { type Login, MIXED_UP } from './client.ts'
import { judgePages, type PagesResult } from './judge-pages.ts'
import type { Page } from './pages.ts'
import type { Row } from './row.ts'
import type { Arrival } from './witness.ts'
import { BACKEND_TIMEOUT_MS, type World } from './world.ts'

export type Result = {
  readonly name: string
  readonly sent: number
  readonly answered: number
  /** what was not answered with 200, by what came instead */
  readonly failed: Readonly<Record<string, number>>
  /** of those, how many were in flight on a connection that died after their bytes were sent */
  readonly inFlight: number
  /** and of these, how many no node saw: they were on their way when it died */
  readonly unseen: number
  readonly twice: number
  /** of all logins, failed ones too, in ms */
  readonly p50: number
  readonly p99: number
  readonly longest: number
  /** of the logins sent after an address must have been known to be gone, the share executed there; 0 to 1 */
  readonly departed: number | undefined
  readonly pages: PagesResult
  /** the share of the time that a process of the row waited for a core; 0 to 1 */
  readonly starved: number
  /** what broke the promise; empty: it was kept */
  readonly broken: readonly string[]
  /** a machine that gives no core makes any timeout expire; what must never happen is judged all the same */
  readonly verdict: 'kept' | 'broken' | 'machine too busy'
}

/** The promise of the design: the longest login, where the backend itself is not slow. */
const LONGEST_MS = 2500
/** The way of an answer through the resolver, and of two busy event loops. */
const SLACK_MS = 250
/** Questions to DNS in a second, whatever the TTL and the number of failed dials: the address cache's own limit is 4. */
const MOST_QUERIES = 5
/** Past this share of waiting for a core, times say nothing about the front. */
const MOST_STARVED = 0.25

/** Compares what the clients saw, and the visitors of pages, with what the backend saw. The front is not asked. */
export function judge(
  row: Row,
  { logins, pages: visited }: { logins: readonly Login[]; pages: readonly Page[] },
  world: World,
  { elapsedMs, starved, leaks }: { elapsedMs: number; starved: number; leaks: readonly string[] },
): Result {
  const { witness, form } = world
  const failures = logins.filter(each => each.outcome !== 200)
  const freshDeaths = [...witness.freshDeaths]
  const excused = failures.filter(login => inFlight(login, witness.arrivals.get(login.id) ?? [], freshDeaths))
  const early = failures.filter(login => unknown(login, world))
  const arrivalsOf = (login: Login | Page) => witness.arrivals.get(login.id) ?? []
  const executions = (login: Login) => arrivalsOf(login).filter(each => each.whole).length
  // a WebSocket's handshake is a GET: idempotent, it may be retried
  const once = row.sockets ? [] : logins
  const twice = once.filter(login => executions(login) > 1)
  const lied = once.filter(login => login.error?.retry && executions(login) > 0)
  const mixedUp = failures.filter(each => each.outcome === MIXED_UP)
  const times = logins.map(each => each.doneAt - each.dueAt)
  const longest = quantile(times, 1)
  const departed = shareOnDeparted(logins, world)
  const pages = judgePages(visited, world)

  const never: string[] = []
  const inTime: string[] = []
  const told = failures.filter(each => each.leaked)
  const wrong = failures.filter(each => !excused.includes(each) && !early.includes(each))
  const some = (found: readonly (Login | Page)[], words: string): string[] => {
    const examples = found.slice(0, 5).map(each => inFull(each, arrivalsOf(each)))
    return found.length === 0 ? [] : [[`${found.length} ${words}`, ...examples].join('\n    ')]
  }
  never.push(...some(twice, 'executed twice'))
  never.push(...some(lied, 'executed, though the answer says that nothing was done'))
  never.push(...some(told, 'got an error with a secret in it'), ...leaks)
  never.push(...some(mixedUp, 'got the answer to another login'))
  inTime.push(...some(wrong, 'failed that were not in flight on a connection that died'))
  if (!row.slow && longest >= LONGEST_MS) inTime.push(`the longest took ${longest.toFixed(0)} ms`)
  inTime.push(...some(pages.wrong, 'pages went without an answer that the API would have given'))
  if (!row.slow && pages.longest >= LONGEST_MS)
    inTime.push(`the longest page took ${pages.longest.toFixed(0)} ms`)
  if (visited.length < (form.pagesPerSecond * form.loadMs) / 1100)
    inTime.push(`only ${visited.length} pages were asked for`)
  if (world.truthful && shareOnDeparted(visited, world))
    inTime.push('pages still reached addresses that had left DNS')
  if (world.truthful && departed) inTime.push('logins still reached addresses that had left DNS')
  if (logins.length < (form.perSecond * form.loadMs) / 1100) inTime.push(`only ${logins.length} were sent`)
  const perSecond = (world.queries / elapsedMs) * 1000
  if (perSecond > MOST_QUERIES) inTime.push(`DNS was asked ${perSecond.toFixed(1)} times a second`)
  const broken = [...never, ...inTime]
  const unclear = never.length === 0 && starved > MOST_STARVED

  return {
    name: row.name,
    sent: logins.length,
    answered: logins.length - failures.length,
    failed: tally(failures),
    inFlight: excused.length,
    unseen: excused.filter(each => !witness.arrivals.has(each.id)).length,
    twice: twice.length,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    longest,
    departed,
    pages,
    starved,
    broken,
    verdict: broken.length === 0 ? 'kept' : unclear ? 'machine too busy' : 'broken',
  }
}

/**
 * Whether a failed login was in flight on a connection that died after its bytes were sent. Three cases, each known
 * from the backend's side:
 * - the node saw it, and died or cut its response before the last byte of that was out;
 * - the node saw it and was silent for BACKEND_TIMEOUT, so that the front gave the connection up; or never came to an
 *   end, so that the client gave up, and the front closed the connection then;
 * - no node saw it, but after its client had sent it a node died together with a connection that had carried no login
 *   yet, as far as the node had read: this one was on its way there. Each such connection excuses one login. One that
 *   had carried a login excuses none, for over those a body leaves only when the backend has said 100.
 * A login that the front itself says was never sent (`retry: true`) is in none of them.
 */
function inFlight(login: Login, arrivals: readonly Arrival[], freshDeaths: number[]): boolean {
  if (login.error?.retry) return false
  const last = arrivals.at(-1)
  if (last) {
    const silentMs = last.endedAt - last.lastByteAt
    if (last.fate === 'abandoned') return login.outcome === 'gave up' || silentMs >= BACKEND_TIMEOUT_MS * 0.95
    return last.fate === 'killed'
  }
  const death = freshDeaths.findIndex(diedAt => diedAt > login.dueAt && diedAt < login.doneAt)
  if (death === -1) return false
  freshDeaths.splice(death, 1)
  return true
}

/** A login that was over before DNS had ever told the truth: no live address was known to anybody. */
function unknown({ error, doneAt }: Login, { firstTruthAt = Number.POSITIVE_INFINITY }: World): boolean {
  return error?.code === 'BACKEND_UNKNOWN' && doneAt < firstTruthAt
}

function shareOnDeparted(
  sent: readonly (Login | Page)[],
  { leftAt, witness, form }: World,
): number | undefined {
  if (leftAt.size === 0) return undefined
  const goneAfter = 2 * form.maxTtl * 1000 + SLACK_MS
  const since = Math.min(...leftAt.values()) + goneAfter
  const late = sent.filter(each => each.dueAt > since)
  const there = late.filter(each =>
    (witness.arrivals.get(each.id) ?? []).some(
      ({ node }) => each.dueAt > (leftAt.get(node) ?? Number.POSITIVE_INFINITY) + goneAfter,
    ),
  )
  return late.length === 0 ? undefined : there.length / late.length
}

function tally(failures: readonly Login[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { outcome, error } of failures) {
    const what = error ? `${outcome} ${error.code}` : String(outcome)
    counts[what] = (counts[what] ?? 0) + 1
  }
  return counts
}

function inFull(sent: Login | Page, arrivals: readonly Arrival[]): string {
  const { id, outcome, dueAt, doneAt } = sent
  const code = 'error' in sent ? sent.error?.code : ''
  const seen = arrivals.map(({ node, whole, fate }) => `${node} ${whole ? 'whole' : 'in part'}, ${fate}`)
  const took = `after ${(doneAt - dueAt).toFixed(0)} ms`
  return `${id}: ${outcome} ${code ?? ''} ${took}; seen by ${seen.join('; ') || 'no node'}`
}
