import { spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { printInto } from '../../tools/settings-doc.ts'
import { compare, type Row } from './compare.ts'
import { measureCost } from './cost.ts'
import { conditions, tableOf } from './report.ts'
import { SERVERS } from './servers.ts'
import { missing, start } from './start.ts'

/**
 * `npm run backends`: the front before real servers. No request may be executed twice, the very first included. As root on Debian it
 * installs what is missing; elsewhere such a server is skipped. Without options it writes docs/backends.md.
 *
 *     node test/backends/run.ts [--only Go] [--no-cost]
 */
const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, 'no-cost': { type: 'boolean', default: false } },
})
const SIZE = { read: 30, slow: 6, drop: 6, mixed: 24, roundTripMs: 40 }
const PAGE = 'docs/backends.md'
const say = (words: string) => process.stdout.write(`${words}\n`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
const chosen = SERVERS.filter(each => each.name.includes(values.only))
install(chosen.flatMap(missing))
const rows: Row[] = []
const skipped: string[] = []
for (const server of chosen) {
  const lacks = missing(server)
  if (lacks.length > 0) {
    skipped.push(`${server.name} (${lacks.join(', ')} cannot be installed here)`)
    continue
  }
  const started = performance.now()
  const running = await start(server)
  try {
    rows.push(...(await compare(running, [1, 2], SIZE)))
  } finally {
    await running.stop()
  }
  const broken = rows.filter(each => each.server === server.name).flatMap(each => each.broken)
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  say(`${broken.length === 0 ? '✔' : '✖'} ${server.name} (${seconds} s) ${broken.join('; ')}`)
  if (broken.length > 0) process.exitCode = 1
}
const cost = values['no-cost'] ? undefined : await measureCost()
const tables = {
  backends: `Measured on ${conditions()}:\n\n${tableOf(rows)}`,
  ...(cost && { cost: `${cost.table}` }),
}
for (const table of Object.values(tables)) say(`\n${table}`)
for (const each of skipped) say(`skipped: ${each}`)
for (const each of cost?.broken ?? []) {
  say(`✖ ${each}`)
  process.exitCode = 1
}
if (values.only === '' && skipped.length === 0) {
  let page = await readFile(PAGE, 'utf8')
  for (const [mark, table] of Object.entries(tables)) page = printInto(page, mark, () => table)
  await writeFile(PAGE, page)
}

function install(packages: readonly string[]) {
  if (packages.length === 0 || process.getuid?.() !== 0) return
  const names = [...new Set(packages)]
  say(`Installing ${names.join(', ')} …`)
  spawnSync('apt-get', ['update'])
  spawnSync('apt-get', ['install', '-y', '--no-install-recommends', ...names])
}
