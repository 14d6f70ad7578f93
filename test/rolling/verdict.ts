import { quantile } from '../../bench/figures.ts'
import { markdownTable } from '../markdown.ts'
import type { Rehearsal } from './rehearsal.ts'

/** Past this share of waiting for a core, a time-out says nothing about the front. */
const MOST_STARVED = 0.25

export type Verdict = {
  readonly kept: boolean
  /** something took too long on a machine that gave no core; a login executed twice is never put down to that */
  readonly unclear: boolean
  readonly table: string
}

type Sent = { readonly dueAt: number; readonly doneAt: number; readonly outcome: number | string }

/** What became of a rehearsal, in words and in figures. */
export function verdict({
  logins,
  pages,
  executions,
  replaced,
  changes,
  seconds,
  starved,
}: Rehearsal): Verdict {
  const kinds = Map.groupBy(pages, ({ path }) =>
    path.startsWith('/_next/static/')
      ? 'static files'
      : path === '/account'
        ? 'pages that call the API'
        : 'other pages',
  )
  const rows = [row('logins', logins), ...[...kinds].map(([name, each]) => row(name, each))]
  const notOnce = logins.filter(each => executions(each) !== 1).length
  const isTwice = logins.some(each => executions(each) > 1)
  const most = logins.reduce((sum, each) => Math.max(sum, executions(each)), 0)
  const once =
    notOnce === 0
      ? 'each login was executed exactly once'
      : `${notOnce} logins not once, but up to ${most} times`
  const failedLogins = failed(logins).length
  const failedPages = failed(pages).length
  const table = [
    `${replaced} tasks replaced and ${changes.length} changes of the backend's addresses in ${seconds.toFixed(0)} s; ${once}; waited for a core ${(starved * 100).toFixed(0)} % of the time`,
    '',
    markdownTable(HEAD, rows),
    '',
    `${failedLogins} failed logins, ${failedPages} failed pages`,
  ].join('\n')
  const kept = failedLogins + failedPages + notOnce === 0
  return { table, kept, unclear: !kept && !isTwice && starved > MOST_STARVED }
}

const HEAD = ['', 'sent', 'failed', 'with', 'p50 ms', 'p99 ms', 'longest ms']

const failed = <T extends Sent>(sent: readonly T[]) => sent.filter(each => each.outcome !== 200)

function row(name: string, sent: readonly Sent[]): string[] {
  const failures = failed(sent)
  const outcomes = [...Map.groupBy(failures, each => each.outcome)]
  const times = sent.map(each => each.doneAt - each.dueAt)
  return [
    name,
    String(sent.length),
    String(failures.length),
    outcomes.map(([what, each]) => `${each.length} × ${what}`).join(', '),
    ...[0.5, 0.99, 1].map(part => quantile(times, part).toFixed(0)),
  ]
}
