import { parseArgs } from 'node:util'
import { withoutNginx } from '../nginx-process.ts'
import { startBackends } from './backends.ts'
import { CONFIGURATIONS } from './configurations.ts'
import { compareOne } from './one.ts'

/**
 * `npm run nginx-parity`: each configuration under Nginx and, with what from-nginx prints of it, under Gatehouse; the same requests to both. Ends
 * with 1 at a difference that docs/from-nginx.md does not have. `--only WORDS`: configurations so named.
 */
const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } })
const say = (words: string) => process.stdout.write(`${words}\n`)
if (withoutNginx) throw new Error(withoutNginx)

const backends = await startBackends()
const known = new Map<string, number>()
let [asked, unknown] = [0, 0]
const all = CONFIGURATIONS.filter(({ name }) => name.includes(values.only))
for (const each of all) {
  const result = await compareOne(each, backends)
  say(`${result.unknown.length === 0 ? '✔' : '✖'} ${each.name}: ${result.asked} requests`)
  for (const line of result.unknown) say(`    ${line}`)
  for (const [reason, count] of result.known) known.set(reason, (known.get(reason) ?? 0) + count)
  asked += result.asked
  unknown += result.unknown.length
}
backends.close()
say('\nDifferent on purpose, as docs/from-nginx.md says:')
for (const [reason, count] of known) say(`  ${count} × ${reason}`)
say(`\n${all.length} configurations, ${asked} requests to each, ${unknown} differences that nobody meant`)
process.exitCode = all.length > 0 && unknown === 0 ? 0 : 1
