import { parseArgs } from 'node:util'
import { besiege } from './siege.ts'

/**
 * `npm run siege`: hostile and unlucky clients, one after the other, against the built front in a task of 512 MB (as root, by a cgroup) with
 * 1,024 descriptors; a figure is the most that was seen, and behind the arrow what there is 5 s afterwards at the latest. Ends with 1
 * where a login failed that no bound refused, where something does not come back, or where p99 is above 5 times that of the quiet front.
 * `--only uploads` runs the rows that have this in their name, `--seconds 5` shortens each.
 *
 * Beside p99 stands that of the CPU time that the front's event loop had while a login was under way: p99 alone has the clients' and the
 * machine's other work in it.
 */
const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, seconds: { type: 'string', default: '10' } },
})
const FACTOR = 5
const MOST_MB = 300

const { quiet, rows, peakMb, isLimited } = await besiege(Number(values.seconds), { only: values.only })
const say = (words: string) => process.stdout.write(`${words}\n`)
say(isLimited ? 'memory limit: 512 MB' : 'no memory limit: not root, or no cgroups')
say(
  `quiet: p99 ${quiet.p99.toFixed(1)} ms, of the front's CPU ${quiet.cpuP99.toFixed(1)} ms, of ${quiet.all} logins`,
)
say(
  '\n| clients | p99 of others | CPU of the front meanwhile: p99, most | refused by a bound | failed | RSS MB | descriptors | clients | to the API | pages | back | restarts |',
)
say(`|${' --- |'.repeat(12)}`)
let isGood = quiet.failed.length === 0 && peakMb <= MOST_MB
for (const { what, logins, most, after, isBack, restarts } of rows) {
  const figure = (field: keyof typeof most) => `${most[field].toFixed(0)} → ${after[field].toFixed(0)}`
  const isSlow = logins.p99 > FACTOR * quiet.p99
  const cells = [
    what,
    `${logins.p99.toFixed(1)} ms${isSlow ? ' (slow)' : ''}`,
    `${logins.cpuP99.toFixed(1)} ms, ${logins.cpuMax.toFixed(1)} ms`,
    `${logins.refused} of ${logins.all}`,
    `${logins.failed.length} ${[...new Set(logins.failed)].slice(0, 2).join('; ')}`,
    ...(['rssMb', 'descriptors', 'clients', 'toApi', 'pages'] as const).map(figure),
    isBack ? 'yes' : 'NO',
    `${restarts}`,
  ]
  say(`| ${cells.join(' | ')} |`)
  isGood &&= !isSlow && logins.failed.length === 0 && isBack && restarts === 0
}
say(`\nthe front's peak: ${peakMb.toFixed(0)} MB; ${isGood ? 'all bounds hold' : 'A BOUND DOES NOT HOLD'}`)
process.exitCode = isGood ? 0 : 1
