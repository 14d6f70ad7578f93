import { styleText } from 'node:util'

/** In this order: what one finds out, the next one needs. */
const CHECKS = [
  'settings',
  'resolver',
  'name',
  'connection',
  'certificate',
  'request',
  'login',
  '100-continue',
  'clock',
] as const

/** The collector is asked whatever the others find. */
type Check = (typeof CHECKS)[number] | 'collector'

/** What one check came to. */
export type Finding = {
  readonly check: Check
  readonly result: 'ok' | 'warning' | 'wrong' | 'skipped'
  /** in one line */
  readonly says: string
  readonly details?: readonly string[]
  /** what to do about it */
  readonly todo?: string
}

export type Report = {
  /** nothing is wrong; there may be warnings */
  readonly ok: boolean
  readonly at: Date
  /** BACKEND_ORIGIN; null where it cannot be read */
  readonly backend: string | null
  readonly findings: readonly Finding[]
}

/** This check and all after it make no sense any more. */
export const skipFrom = (first: (typeof CHECKS)[number], says: string): Finding[] =>
  CHECKS.slice(CHECKS.indexOf(first)).map(check => ({ check, result: 'skipped', says }))

const COLOURS = { ok: 'green', warning: 'yellow', wrong: 'red', skipped: 'gray' } as const
const MARGIN = ' '.repeat('  skipped  100-continue  '.length)
const WIDTH = 110

/** The report for people: a line a check, details and what to do indented below it. Colours in a terminal only. */
export function inText({ at, backend, findings, ...report }: Report): string {
  const time = at.toISOString().replace('T', ' ').replace(/\..*/, ' UTC')
  const lines = findings.flatMap((finding, index) =>
    lineOf(finding, findings[index - 1], findings[index + 1]),
  )
  const title = `Gatehouse's doctor: ${backend ?? 'no backend'}, as seen from here at ${time}`
  return `${[title, '', ...lines, '', summary(findings, report.ok)].join('\n')}\n`
}

/** A certificate from anywhere may have anything for a name: nothing of it is to move the cursor. */
const printable = (text: string) => text.replace(/\p{Cc}/gu, '\ufffd')

function lineOf({ check, result, says, details = [], todo }: Finding, before?: Finding, after?: Finding) {
  // the same advice for several addresses is given once, below the last of them
  const advice = todo === undefined || todo === after?.todo ? [] : wrap(todo, `${MARGIN}→ `, `${MARGIN}  `)
  const same = result === 'skipped' && before?.result === 'skipped' && before.says === says
  return [
    `  ${styleText(COLOURS[result], result.padEnd(7))}  ${check.padEnd(12)}  ${same ? '″' : printable(says)}`,
    ...details.flatMap(each => wrap(printable(each), MARGIN, MARGIN)),
    ...advice,
  ]
}

/** The same as one JSON object. */
export const inJson = (report: Report): string => `${JSON.stringify(report, null, 2)}\n`

function summary(findings: readonly Finding[], ok: boolean): string {
  const checks = (result: Finding['result']) => findings.filter(each => each.result === result)
  const warnings = checks('warning').length
  const also = warnings === 0 ? '' : `, ${warnings} warning${warnings === 1 ? '' : 's'}`
  if (ok) return warnings === 0 ? 'All is well.' : `Nothing is wrong${also}.`
  const wrong = [...new Set(checks('wrong').map(each => each.check))]
  return `Wrong: ${wrong.join(', ')}${also}. The lines with → say what to do.`
}

/** Words into lines of a terminal's width; a word that is longer stays whole. */
function wrap(text: string, first: string, next: string): string[] {
  const lines: string[] = []
  let line = first
  for (const word of text.split(' ')) {
    const empty = line === first || line === next
    if (!empty && line.length + 1 + word.length > WIDTH) {
      lines.push(line)
      line = next + word
    } else line += empty ? word : ` ${word}`
  }
  return [...lines, line]
}

/** A time for people: `0.4 ms`, `25 ms`, `1.8 s`. */
export function took(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
}
