import { mkdir, writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { originAt } from '../../bench/backend.ts'
import { machine } from '../../bench/machine.ts'
import { buildRewrites, copySite } from '../../bench/site.ts'
import { freePort } from '../../testing/command.ts'
import { measure, PER_SECOND } from './cell.ts'
import { CONTENDERS, NEEDS_BUILD } from './contenders.ts'
import { printReadmes } from './readme.ts'
import { picture, report } from './report.ts'
import type { Result } from './result.ts'
import { ROWS } from './rows.ts'

/**
 * `npm run versus`: every row before every contender, one after the other. `--only nginx,gatehouse`: contenders whose name
 * has such a word. `--rows refuse,nxdomain`. `--seconds N`: of every row. A whole run writes docs/ and the READMEs, any other .bench/.
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    rows: { type: 'string', default: '' },
    seconds: { type: 'string', default: '' },
  },
})
const listed = (words: string) => words.split(',').filter(each => each !== '')
const [only, keys] = [listed(values.only), listed(values.rows)]
const unknown = keys.filter(key => !ROWS.some(row => row.key === key))
if (unknown.length > 0) throw new Error(`--rows: no ${unknown}; there are ${ROWS.map(each => each.key)}`)
const isMeant = (name: string) =>
  only.length === 0 || only.some(word => name.toLowerCase().includes(word.toLowerCase()))
const meant = CONTENDERS.filter(({ contender }) => isMeant(contender.name))
if (meant.length === 0)
  throw new Error(`--only: none of ${CONTENDERS.map(each => each.contender.name).join('; ')}`)
const isWhole = values.only === '' && values.rows === '' && values.seconds === ''
const folder = isWhole ? 'docs' : '.bench'
const root = fileURLToPath(new URL('../..', import.meta.url))
const say = (words: string) => process.stderr.write(`${words}\n`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
const startedAt = Date.now()
const [busyBefore = 0] = loadavg()
const left = meant.filter(({ contender }) => contender.absent !== undefined)
const entries = meant.filter(each => !left.includes(each))
const port = Number(await freePort())
let next: string | undefined
if (entries.some(({ contender }) => contender === NEEDS_BUILD)) {
  say('Building the pages for Next rewrites …')
  next = await copySite()
  await buildRewrites(next, originAt(port))
}

const rows: Result['rows'] = []
const broken: string[] = []
for (const row of ROWS.filter(({ key }) => keys.length === 0 || keys.includes(key))) {
  const seconds = Number(values.seconds) || row.seconds
  const cells: Result['rows'][number]['cells'] = {}
  for (const { contender, rows: its } of entries) {
    if (its && !its.includes(row.key)) continue
    const site = contender === NEEDS_BUILD && next !== undefined ? next : root
    try {
      const cell = await measure(contender, row, { port, site, seconds })
      cells[contender.name] = cell
      const { sent, failed, inFlight, twice, strangers, p99, longest } = cell
      say(
        `${row.key}, ${contender.name}: ${failed} of ${sent} failed (${inFlight} in flight), ${twice} twice, ` +
          `${strangers} to strangers, p99 ${p99} ms, longest ${longest} ms ${JSON.stringify(cell.outcomes)}`,
      )
    } catch (error) {
      broken.push(`✖ ${row.key}, ${contender.name}: ${error}`)
      say(broken.at(-1) ?? '')
    }
  }
  rows.push({ key: row.key, seconds, title: row.title(seconds), cells })
}

const starved = Math.max(0, ...rows.flatMap(({ cells }) => Object.values(cells).map(each => each.starved)))
const result: Result = {
  perSecond: PER_SECOND,
  minutes: Math.round((Date.now() - startedAt) / 60_000),
  facts: [
    ...machine(),
    ...(isWhole ? [] : [`a part of it: ${process.argv.slice(2).join(' ')}`]),
    `load average before it began: ${busyBefore.toFixed(1)}; a process waited for a core ${(starved * 100).toFixed(0)} % of the time at most`,
    ...left.map(({ contender }) => `${contender.name} was left out: ${contender.absent}`),
    ...broken,
  ],
  contenders: entries.map(({ contender }) => contender.name),
  rows,
}
const images = join(folder, 'images')
await mkdir(images, { recursive: true })
await writeFile(join(folder, 'versus.json'), `${JSON.stringify(result, undefined, 2)}\n`)
await writeFile(join(folder, 'versus.md'), report(result))
await writeFile(join(images, 'versus.svg'), picture(result))
if (isWhole) await printReadmes()
process.stdout.write(`${report(result)}\n${folder}/versus.md is written\n`)
process.exitCode = broken.length === 0 ? 0 : 1
