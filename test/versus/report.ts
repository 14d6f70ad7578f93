import { chart, type Panel } from '../../bench/chart.ts'
import { markdownTable } from '../markdown.ts'
import { CONTENDERS } from './contenders.ts'
import type { Cell, Result, ResultRow } from './result.ts'

type Language = 'en' | 'ja'

/** Rows in which DNS is at fault; in the others it tells the truth. */
const DNS_ROWS = ['nxdomain', 'empty', 'close', 'away']
/** Beyond this share of waiting for a core the times say little. */
const MOST_STARVED = 0.25

const WORDS = {
  en: {
    fault: 'fault',
    twice: (n: number) => `${n} executed twice`,
    strangers: (n: number) => `${n} sent to somebody else`,
    between: '; ',
    of: 'logins sent',
  },
  ja: {
    fault: '障害',
    twice: (n: number) => `${n} 件は二重実行`,
    strangers: (n: number) => `${n} 件は他者へ送信`,
    between: '、',
    of: '送信数',
  },
} as const

const isVariant = (name: string) =>
  CONTENDERS.some(each => each.variant === true && each.contender.name === name)

/** The table of the READMEs: failed logins, and what is worse than a failed login. */
export function core(result: Result, language: Language): string {
  const words = WORDS[language]
  const names = result.contenders.filter(each => !isVariant(each))
  const cell = (its: Cell | undefined) => {
    if (!its) return '–'
    const worse = [
      its.twice > 0 ? words.twice(its.twice) : '',
      its.strangers > 0 ? words.strangers(its.strangers) : '',
    ]
    return [its.failed.toLocaleString('en-US'), ...worse.filter(each => each !== '')].join(words.between)
  }
  const sent = ({ cells }: ResultRow) => Math.max(0, ...Object.values(cells).map(each => each.sent))
  const head = [words.fault, words.of, ...names]
  const rows = result.rows.map(row => [
    row.title[language],
    sent(row).toLocaleString('en-US'),
    ...names.map(name => cell(row.cells[name])),
  ])
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rule = line(head.map((_, i) => (i === 0 ? '---' : '---:')))
  return [line(head), rule, ...rows.map(line)].join('\n')
}

/** Failed logins in per cent of those sent, over the rows that all contenders ran in; and the slowest p99. */
export function picture(result: Result): string {
  const names = result.contenders.filter(each => !isVariant(each))
  const panel = (
    title: string,
    value: (cells: readonly Cell[]) => number,
    isMeant: (key: string) => boolean,
  ) => ({
    title,
    better: 'less' as const,
    bars: names.map(label => ({
      label,
      strong: label.startsWith('Gatehouse'),
      value: value(
        result.rows.flatMap(({ key, cells }) => (isMeant(key) && cells[label] ? [cells[label]] : [])),
      ),
    })),
  })
  const failed = (cells: readonly Cell[]) => (100 * sum(cells, 'failed')) / (sum(cells, 'sent') || 1)
  const panels: Panel[] = [
    panel('Logins failed while addresses changed, %', failed, key => !DNS_ROWS.includes(key)),
    panel('Logins failed while DNS failed, %', failed, key => DNS_ROWS.includes(key)),
    panel(
      'p99 of a login in the slowest row, ms',
      cells => Math.max(0, ...cells.map(each => each.p99)),
      () => true,
    ),
  ]
  return chart(
    'Failed logins while addresses change and while DNS fails, and the slowest p99, of each contender',
    panels,
  )
}

const sum = (cells: readonly Cell[], figure: 'failed' | 'sent') =>
  cells.reduce((total, each) => total + each[figure], 0)

const METHOD = (result: Result) => `## How it is measured

Each contender runs alone, one after the other, before an ALB on loopback addresses with a DNS server of its own (\`testing/alb.ts\`, \`testing/dns.ts\`):
TLS 1.3, TTL 60 s, an idle timeout of 60 s, 20 ms for a login. ${result.perSecond} logins a second leave whether or not earlier ones have been answered.
The fault comes after the first second (the first fifth of a load shorter than 5 s). What was executed, and where, is what the nodes saw;
no contender is asked. A login that is not answered with 200 within 5 s has failed. Nothing is excused: of the failed ones "in flight" were being
executed by a node when it died, and no proxy can know whether such a login took effect.

Where nodes are replaced, a contender that asks DNS at fixed times loses more the sooner before the fault it has last asked: up to 3 s of logins,
HAProxy up to 1 s. So such a figure differs from run to run.

All contenders connect within 1 s, ask DNS again after 3 s at most, and verify the certificate. Each is configured as its documentation
recommends it (\`bench/contenders/\`):

- **nginx, variable**: Debian's nginx, the name in a variable, \`resolver … valid=3s\`. That rules out an \`upstream\`, and with it kept connections.
- **nginx 1.30, resolve**: \`upstream\` with \`zone\`, \`server … resolve\`, \`keepalive 32\`; \`resolver … valid=3s\`.
- **HAProxy 3.2**: \`resolvers\` with the times of the manual's example, \`server-template\`, health checks each second, \`http-reuse safe\`,
  \`option redispatch\`. \`retry-on conn-failure\` is the default; the manual warns of any other where a request may not run twice. **retry-on
  empty-response** is that other, in the rows where connections break.
- **plain recipe**: http-proxy-middleware, cacheable-lookup with \`maxTtl: 3\`, and a keep-alive agent. **Next rewrites**: \`next start\` with a rewrite;
  Next keeps connections, has no setting for DNS, and asks the system at each new connection; a preload asks the DNS server in its place, as getaddrinfo would.
- **Gatehouse**: \`node server.ts\`, settings at their defaults.`

/** The page: a table a row, with everything that was counted. */
export function report(result: Result): string {
  const head = [
    'contender',
    'sent',
    'failed',
    'in flight',
    'executed twice',
    'p99 ms',
    'longest ms',
    'to somebody else',
    'failed with',
  ]
  const cells = (name: string, its: Cell) => [
    its.starved > MOST_STARVED ? `${name} (machine too busy)` : name,
    ...[its.sent, its.failed, its.inFlight, its.twice, its.p99, its.longest, its.strangers].map(String),
    Object.entries(its.outcomes)
      .map(([what, times]) => `${times} × ${what}`)
      .join(', ') || '–',
  ]
  const sections = result.rows.map(
    row =>
      `### ${capital(row.title.en)}\n\n\`${row.key}\`, ${row.seconds} s of logins.\n\n${markdownTable(
        head,
        result.contenders.flatMap(name => (row.cells[name] ? [cells(name, row.cells[name])] : [])),
      )}`,
  )
  const parts = [
    '# Side by side while addresses change and DNS fails',
    `Written by \`npm run versus\` in ${result.minutes} minutes. Failed logins:`,
    core(result, 'en'),
    '![Failed logins while addresses change and while DNS fails, and the slowest p99, of each contender](images/versus.svg)',
    result.facts.map(each => `- ${each}`).join('\n'),
    '## Each fault',
    ...sections,
    METHOD(result),
  ]
  return `${parts.join('\n\n')}\n`
}

const capital = (words: string) => words.slice(0, 1).toUpperCase() + words.slice(1)
