import { parseArgs } from 'node:util'
import { FULL, SHORT } from './forms.ts'
import type { Result } from './judge.ts'
import { runRow } from './row.ts'
import { ROWS } from './rows.ts'
import { table } from './table.ts'

/** `npm run faults`: every row, one after the other. `--short`: those of `npm test`. `--only WORDS`: rows so named.
 * `--seconds N`: a longer load. */
const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    seconds: { type: 'string', default: '' },
  },
})
const form = {
  ...(values.short ? SHORT : FULL),
  ...(values.seconds && { loadMs: Number(values.seconds) * 1000 }),
}
const rows = ROWS.filter(row => (!values.short || row.short) && row.name.includes(values.only))

const results: Result[] = []
for (const row of rows) {
  const result = await runRow(row, form)
  results.push(result)
  const { name, broken, verdict, starved } = result
  process.stdout.write(
    `${verdict === 'kept' ? '✔' : '✖'} ${name}: ${verdict} (${(starved * 100).toFixed(0)} %)\n`,
  )
  for (const each of broken) process.stdout.write(`  ${each}\n`)
}
process.stdout.write(`\n${table(results, form)}\n`)
process.exitCode = results.length > 0 && results.every(each => each.verdict === 'kept') ? 0 : 1
