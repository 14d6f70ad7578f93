import { styleText } from 'node:util'
import type { Language } from '../../lib/http/accept.ts'
import { english, type Texts } from './english.ts'
import { japanese } from './japanese.ts'

export const TEXTS: { readonly [language in Language]: Texts } = { en: english, ja: japanese }

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
/** Of these a terminal shows one in two columns. */
const WIDE = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\u3000-\u30ff\uff01-\uff60]/gu
/** Behind a space, and between two wide ones where a line may begin with the second (JIS X 4051). */
const BREAK =
  /(?<= )|(?<=[、。：])(?=[A-Za-z])|(?<=[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}ー、。：）」])(?=[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}（「])(?![ぁぃぅぇぉっゃゅょァィゥェォッャュョ])/u
const WIDTH = 110

/** The report for people: a line a check, details and what to do indented below it. Colours in a terminal only. */
export function inText({ at, backend, findings, ...report }: Report, { report: texts }: Texts = english) {
  const time = at.toISOString().replace('T', ' ').replace(/\..*/, ' UTC')
  const lines = findings.flatMap((finding, index) =>
    lineOf(finding, texts, findings[index - 1], findings[index + 1]),
  )
  const summary = summaryOf(findings, report.ok, texts)
  return `${[texts.title(backend, time), '', ...lines, '', summary].join('\n')}\n`
}

/** A certificate from anywhere may have anything for a name: nothing of it is to move the cursor. */
const printable = (text: string) => text.replace(/\p{Cc}/gu, '\ufffd')

const widthOf = (text: string) => text.length + (text.match(WIDE)?.length ?? 0)

function lineOf(
  { check, result, says, details = [], todo }: Finding,
  { results }: Texts['report'],
  before?: Finding,
  after?: Finding,
) {
  // the same advice for several addresses is given once, below the last of them
  const advice = todo === undefined || todo === after?.todo ? [] : wrap(todo, `${MARGIN}→ `, `${MARGIN}  `)
  const same = result === 'skipped' && before?.result === 'skipped' && before.says === says
  return [
    `  ${styleText(COLOURS[result], results[result])}${' '.repeat(9 - widthOf(results[result]))}${check.padEnd(12)}  ${same ? '″' : printable(says)}`,
    ...details.flatMap(each => wrap(printable(each), MARGIN, MARGIN)),
    ...advice,
  ]
}

/** The same as one JSON object. */
export const inJson = (report: Report): string => `${JSON.stringify(report, null, 2)}\n`

function summaryOf(findings: readonly Finding[], ok: boolean, texts: Texts['report']): string {
  const checks = (result: Finding['result']) => findings.filter(each => each.result === result)
  const warnings = checks('warning').length
  if (ok) return warnings === 0 ? texts.well : texts.warned(warnings)
  const wrong = [...new Set(checks('wrong').map(each => each.check))]
  return texts.wrong(wrong.join(', '), warnings)
}

/** A text into lines of a terminal's width; a word that is longer stays whole. */
function wrap(text: string, first: string, next: string): string[] {
  const lines: string[] = []
  let line = first
  // sentences in Japanese have no space between them
  for (const part of text.replaceAll('。 ', '。').split(BREAK)) {
    const isEmpty = line === first || line === next
    if (!isEmpty && widthOf(line + part.trimEnd()) > WIDTH) {
      lines.push(line.trimEnd())
      line = next
    }
    line += part
  }
  return [...lines, line.trimEnd()]
}

/** A time for people: `0.4 ms`, `25 ms`, `1.8 s`. */
export function took(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
}
