import { mkdir, writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openLink } from '../test/link/link.ts'
import { freePort } from '../testing/command.ts'
import { findLoopback } from '../testing/loopback.ts'
import { openBackend, originAt, type Setup } from './backend.ts'
import { type Figures, record, spread } from './figures.ts'
import { machine, missing } from './machine.ts'
import { linkPart } from './parts/link.ts'
import { loginPart } from './parts/login.ts'
import { pagesPart } from './parts/pages.ts'
import type { Measured, Part, Times } from './parts/part.ts'
import { saturatedPart } from './parts/saturated.ts'
import { startPart } from './parts/start.ts'
import { pictures } from './pictures.ts'
import { here } from './programs.ts'
import { report } from './report.ts'
import { buildSite, type Site } from './site.ts'

/**
 * `npm run bench`: everything in turn on one backend, round after round, so that what drifts hits all alike. `--quick`:
 * one short round. `--only login,link,pages,saturated,start`. `--rounds N`. A whole run writes bench/RESULTS.md, any other .bench/.
 */
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '' },
  },
})
const FULL: Times = { compile: 12, warmUp: 2, load: 3, paced: 4, page: 3, rest: 10 }
const QUICK: Times = { compile: 2, warmUp: 1, load: 1, paced: 1, page: 2, rest: 1 }
const times = values.quick ? QUICK : FULL
const rounds = Number(values.rounds || (values.quick ? 1 : 3))
const chosen = values.only.split(',').filter(each => each !== '')
const folder = values.quick || chosen.length > 0 ? '.bench' : 'bench'
/** Milliseconds of the link's round trip, as of `npm run link`. */
const ROUND_TRIP_MS = 2

const say = (words: string) => process.stderr.write(`${words}\n`)
const endings: (() => Promise<unknown>)[] = []

/** The link's own setup, or why there is none. */
async function linkSetup(site: Site): Promise<Setup | string> {
  const link = await openLink(ROUND_TRIP_MS)
  if (typeof link === 'string') return link
  endings.push(() => link.close())
  const spawnAt: Setup['spawnAt'] = (side, ...command) =>
    link.spawnAt(side === 'backend' ? 'backend' : 'front', ...command)
  const backend = await openBackend(spawnAt, [link.backendHost], Number(await freePort()))
  endings.push(() => backend.close())
  return { spawnAt, backend, site: site.folder }
}

async function loopbackSetup(): Promise<{ setup: Setup; site: Site }> {
  const loopback = await findLoopback()
  const addresses: string[] = []
  while (addresses.length < 2) addresses.push(loopback.fresh(each => addresses.includes(each)))
  const port = Number(await freePort())
  say('Building the pages …')
  const site = await buildSite(originAt(port))
  const backend = await openBackend(here, addresses, port)
  endings.push(() => backend.close())
  return { setup: { spawnAt: here, backend, site: site.folder }, site }
}

async function bench(): Promise<{ figures: Figures; broken: string[]; skipped: string[] }> {
  const figures: Figures = {}
  const broken = new Set<string>()
  const skipped: string[] = []
  const { setup, site } = await loopbackSetup()
  const all = [loginPart, linkPart, pagesPart(site.script), saturatedPart, startPart]
  const parts = all.filter(each => chosen.length === 0 || chosen.includes(each.name))
  const stands = new Map<Part, Setup>()
  for (const part of parts) {
    const its = part.onLink ? await linkSetup(site) : setup
    if (typeof its === 'string') skipped.push(`${part.name} was left out: ${its}`)
    else stands.set(part, its)
    for (const { name, absent } of part.contenders)
      if (absent !== undefined) skipped.push(`${part.name}, ${name} was left out: ${absent}`)
  }
  for (let round = 1; round <= rounds; round++) {
    for (const [part, its] of stands) {
      for (const contender of part.contenders.filter(each => each.absent === undefined)) {
        const save = (measured: Measured, below?: string) => {
          const name = below === undefined ? part.name : `${part.name}: ${below}`
          record(figures, name, contender.name, measured)
          const words = Object.entries(measured).map(([key, value]) => `${key} ${value.toFixed(2)}`)
          say(`${round}/${rounds} ${name}, ${contender.name}: ${words.join(', ')}`)
          if ((measured.failed ?? 0) > 0) broken.add(`${name}, ${contender.name}: ${measured.failed} failed`)
        }
        await part.measure(contender, its, times, save).catch(error => {
          broken.add(`${part.name}, ${contender.name}: ${error}`)
          say(`✖ ${part.name}, ${contender.name}: ${error}`)
        })
      }
    }
  }
  return { figures, broken: [...broken], skipped }
}

/** A machine that is shared with others can be slower in one round than in the next, though nothing else runs on it. */
function noise(figures: Figures): string[] {
  const share = spread(figures, loginPart.name, 'cpu')
  if (Number.isNaN(share)) return []
  return [
    `from round to round the CPU of a login differed by ${(share * 100).toFixed(0)} % (median of the contenders): smaller differences say nothing`,
  ]
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
if (process.platform !== 'linux') throw new Error('the bench needs Linux: /proc, taskset, network namespaces')
const absent = missing()
if (absent.length > 0) throw new Error(`missing: ${absent.join(', ')} (Debian packages of these names)`)
const startedAt = Date.now()
const [busyBefore = 0] = loadavg()
try {
  const { figures, broken, skipped } = await bench()
  const drawn = pictures(figures)
  const facts = [
    ...machine(),
    `rounds: ${rounds}, minutes: ${Math.round((Date.now() - startedAt) / 60_000)}; all programs and clients on these cores`,
    `load average before it began: ${busyBefore.toFixed(1)} (on a busy machine the figures are no good)`,
    ...noise(figures),
    ...skipped,
    ...broken.map(each => `✖ ${each}`),
  ]
  const words = Object.fromEntries(Object.entries(drawn).map(([file, each]) => [file, each.words]))
  await mkdir(folder, { recursive: true })
  for (const [file, { svg }] of Object.entries(drawn)) await writeFile(join(folder, file), svg)
  const text = report(figures, facts, words)
  await writeFile(join(folder, 'RESULTS.md'), text)
  process.stdout.write(`${text}\n${folder}/RESULTS.md is written\n`)
  process.exitCode = broken.length === 0 ? 0 : 1
} finally {
  for (const end of endings.toReversed()) await end()
}
