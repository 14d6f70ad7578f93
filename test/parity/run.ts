import { rm } from 'node:fs/promises'
import { startDemoBackend } from '../../testing/backend.ts'
import { LISTENERS, startFrontProcess } from '../../testing/front-process.ts'
import { buildSite } from '../pages/built-site.ts'
import { startElsewhere } from '../pages/elsewhere.ts'
import { startNextStart } from '../pages/next-start.ts'
import { WAYS } from '../pages/page-rows.ts'
import { BOTH, WITH_WORKERS } from '../pages/websockets.ts'
import { compare } from './compare.ts'
import { reasonFor } from './known.ts'
import { REQUESTS } from './requests.ts'

/**
 * `npm run parity`: an app of many features, built by `gatehouse build`, under `next start` and under Gatehouse; the same requests to both,
 * over http and as behind a load balancer that ends TLS. Ends with 1 at a difference that docs/parity.md does not have.
 */
const say = (words: string) => process.stdout.write(`${words}\n`)

const elsewhere = await startElsewhere()
const env = { ELSEWHERE: elsewhere.origin }
const copy = process.env.PARITY_APP ?? (await buildSite(elsewhere.origin))
const backend = await startDemoBackend({ scryptCost: 2 ** 10 })
const next = await startNextStart(copy, env)
/** In place of a test's context. */
function oneRow() {
  const end: (() => unknown)[] = []
  return { run: { after: (done: () => unknown) => void end.push(done) }, end }
}
let asked = 0
let unknown = 0
const known = new Map<string, number>()
for (const PAGE_WORKERS of ['1', '0']) {
  const settings = {
    ...backend.env,
    ...LISTENERS,
    ...env,
    PAGE_WORKERS,
    STOP_DELAY: '0s',
    STOP_TIMEOUT: '2s',
  }
  const front = await startFrontProcess(settings, undefined, copy)
  const port = Number(new URL(front.url).port)
  for (const [way, headers] of Object.entries(WAYS)) {
    for (const each of REQUESTS) {
      asked++
      for (const line of await compare([next.port, port], each, headers)) {
        const reason = reasonFor(each, line)
        if (reason !== undefined) known.set(reason, (known.get(reason) ?? 0) + 1)
        else {
          unknown++
          say(
            `✖ ${each.method} ${each.path} ${each.headers.join(', ').slice(0, 80)} (${way}, ${PAGE_WORKERS} workers)\n    ${line}`,
          )
        }
      }
    }
  }
  for (const [name, row] of Object.entries({ ...BOTH, ...(PAGE_WORKERS !== '0' && WITH_WORKERS) })) {
    for (const each of [next.port, port]) {
      const { run, end } = oneRow()
      asked++
      try {
        await row(run, each, elsewhere)
      } catch (error) {
        unknown++
        say(`✖ ${name} (${each === port ? `${PAGE_WORKERS} workers` : 'next start'})\n    ${error}`)
      }
      for (const done of end) await done()
    }
  }
  await front.stop()
}
for (const [reason, count] of known) say(`  ${count} × ${reason}`)
say(`${asked} requests to each, ${unknown} differences that docs/parity.md does not have`)
await next.stop()
await backend.close()
elsewhere.close()
if (process.env.PARITY_APP === undefined) await rm(copy, { recursive: true, force: true })
process.exitCode = unknown === 0 ? 0 : 1
