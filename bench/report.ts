import { type Figures, quantile } from './figures.ts'
import { type Column, METHOD, TABLES, type Table } from './tables.ts'
import { type Verdict, verdicts } from './verdicts.ts'

/** Three digits, thousands apart: 2,182; 21.5; 0.874. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (value === 0) return '0'
  const digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : value >= 0.9995 ? 2 : 3
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

type Row = Record<string, number[]>

const middle = (row: Row | undefined, { figure }: Column) => quantile(row?.[figure] ?? [], 0.5)

function cells(row: Row, column: Column, first: Row | undefined): string[] {
  const values = row[column.figure] ?? []
  const median = middle(row, column)
  const spread = values.length > 1 ? ` (${number(Math.min(...values))}-${number(Math.max(...values))})` : ''
  const cell = `${number(median)}${spread}`
  return column.relative ? [cell, `${number(median / middle(first, column))} ×`] : [cell]
}

const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`

/** A table of medians with lowest and highest; a contender that failed requests says so. */
function table(rows: Record<string, Row>, columns: readonly Column[]): string {
  const [first] = Object.values(rows)
  const head = columns.flatMap(({ title, relative }) => (relative ? [title, ''] : [title]))
  const body = Object.entries(rows).map(([name, row]) => {
    const failed = (row.failed ?? []).reduce((sum, each) => sum + each, 0)
    const label = failed > 0 ? `${name} ✖ ${failed} failed` : name
    return line([label, ...columns.flatMap(column => cells(row, column, first))])
  })
  return [line(['', ...head]), line(['---', ...head.map(() => '---:')]), ...body].join('\n')
}

const target = ({ atLeast, atMost }: Verdict) =>
  atLeast !== undefined ? `≥ ${number(atLeast)}` : atMost !== undefined ? `≤ ${number(atMost)}` : ''

function verdictTable(all: readonly Verdict[]): string {
  const rows = all.map(each => {
    const met = each.met === undefined ? '' : each.met ? '✔ met' : '✖ not met'
    return line([each.words, target(each), number(each.value ?? Number.NaN), met])
  })
  return [line(['', 'target', 'measured', '']), line(['---', '---:', '---:', '---']), ...rows].join('\n')
}

function section({ part, title, columns, note }: Table, figures: Figures): string[] {
  const rows = figures[part]
  if (!rows) return []
  return [`## ${title}`, ...(note === undefined ? [] : [note]), table(rows, columns)]
}

/** The report in Markdown. `pictures`: files beside it. */
export function report(
  figures: Figures,
  facts: readonly string[],
  pictures: Readonly<Record<string, string>>,
): string {
  const parts = [
    '# Side by side',
    'Written by `npm run bench`.',
    facts.map(each => `- ${each}`).join('\n'),
    '## Targets',
    verdictTable(verdicts(figures).filter(each => each.value !== undefined)),
    ...Object.entries(pictures).map(([file, words]) => `![${words}](${file})`),
    ...TABLES.flatMap(each => section(each, figures)),
    METHOD,
  ]
  return `${parts.join('\n\n')}\n`
}
