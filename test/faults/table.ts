import { availableParallelism } from 'node:os'
import { markdownTable } from '../markdown.ts'
import type { Result } from './judge.ts'
import type { Form } from './world.ts'

const COLUMNS = [
  'fault',
  'sent',
  'answered',
  'failed',
  'in flight',
  'twice',
  'p50 ms',
  'p99 ms',
  'longest ms',
  'on departed',
  'pages',
  'failed',
  'unanswered',
  'asked again',
  'p99 ms',
  'longest ms',
  'kept',
]

/** The matrix in Markdown, with the conditions that it was measured under. */
export function table(
  results: readonly Result[],
  { perSecond, pagesPerSecond, loadMs, maxTtl, withNext }: Form,
): string {
  const rows = results.map(cells)
  const kept = results.filter(each => each.verdict === 'kept').length
  const starved = Math.max(...results.map(each => each.starved))
  return [
    `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${availableParallelism()} cores; ` +
      `${perSecond} logins/s and ${pagesPerSecond} pages/s that call the API for ${loadMs / 1000} s a row, DNS_MAX_TTL ${maxTtl} s, ` +
      `the front a process of its own ${withNext ? 'with' : 'without'} Next.js; times from when a login or a page was due; the processes waited for a core ${percent(starved)} of the time at most`,
    '',
    markdownTable(COLUMNS, rows),
    '',
    `The promise was kept in ${kept} of ${results.length} rows.`,
  ].join('\n')
}

function cells(result: Result): string[] {
  const { name, sent, answered, failed, inFlight, unseen, twice, departed, pages, verdict } = result
  return [
    name,
    String(sent),
    String(answered),
    countsOf(failed),
    unseen === 0 ? String(inFlight) : `${inFlight} (${unseen} unseen)`,
    String(twice),
    ...[result.p50, result.p99, result.longest].map(ms => ms.toFixed(0)),
    departed === undefined ? '' : percent(departed),
    String(pages.sent),
    countsOf(pages.failed),
    String(pages.unanswered),
    String(pages.again),
    ...[pages.p99, pages.longest].map(ms => ms.toFixed(0)),
    verdict === 'kept' ? 'yes' : verdict === 'broken' ? 'NO' : verdict,
  ]
}

const countsOf = (failed: Readonly<Record<string, number>>) =>
  Object.entries(failed)
    .map(([what, times]) => `${times} × ${what}`)
    .join(', ') || '0'

const percent = (share: number) => `${(share * 100).toFixed(1)} %`
