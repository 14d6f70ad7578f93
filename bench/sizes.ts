import { loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '../testing/command.ts'
import { findLoopback } from '../testing/loopback.ts'
import { type Backend, openBackend } from './backend.ts'
import { makeCgroup } from './cgroup.ts'
import type { Running } from './contenders/contender.ts'
import { gatehouse } from './contenders/gatehouse.ts'
import { type Load, pace, saturate } from './load.ts'
import { machine } from './machine.ts'
import { withRunning } from './parts/part.ts'
import { login, untilAnswered } from './parts/ready.ts'
import { here, type SpawnAt } from './programs.ts'
import { memoryMb } from './usage.ts'

/**
 * `npm run sizes`: what a task of each size carries, in a cgroup with the CPU and memory of it; as root, four minutes. Settings as
 * deploy/lib/task.ts has them. The API and the clients are outside.
 */
const SIZES = [
  { name: '0.25 vCPU, 512 MB', cores: 0.25, mb: 512 },
  { name: '0.5 vCPU, 1 GB', cores: 0.5, mb: 1024 },
  { name: '1 vCPU, 2 GB', cores: 1, mb: 2048 },
]

const RATES = [10, 25, 50, 100, 200, 400, 800, 1600]
/** A rate is carried when no login fails and one in a hundred at most takes longer. */
const MOST_P99_MS = 250
const SECONDS = 5
const SETTLE_MS = 2000
const VISITORS = 8
const MB = 1024 ** 2
const BESIDE_PAGES = 10
const SITE = fileURLToPath(new URL('..', import.meta.url))

const say = (words: string) => process.stdout.write(`${words}\n`)
const times = ({ p50, p99 }: Load) => `p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`

async function measure({ name, cores, mb }: (typeof SIZES)[number], backend: Backend) {
  const group = makeCgroup(mb * MB, cores)
  if (!group) throw new Error('this process may make no cgroup: it needs root')
  const spawnAt: SpawnAt = (side, command, args, options) =>
    side === 'front'
      ? here(side, 'sh', ['-c', `${group.enter} && exec "$0" "$@"`, command, ...args], options)
      : here(side, command, args, options)
  const setup = { spawnAt, backend, site: SITE }
  const front = gatehouse(name, { METRICS: 'emf', PAGE_WORKERS: '1' })
  const startedAt = performance.now()
  try {
    await withRunning(front, setup, async running => {
      await untilAnswered(login(running.url))
      const started = performance.now() - startedAt
      const cells = [
        name,
        `${(started / 1000).toFixed(1)} s`,
        ...(await carried(running)),
        `${group.kills()}`,
      ]
      say(`| ${cells.join(' | ')} |`)
    })
  } finally {
    await group.remove()
  }
}

async function carried({ url, pids, spawnAt }: Running): Promise<string[]> {
  const page = { url: `${url}/login` }
  const logins = async (perSecond: number) => {
    const how = { perSecond, seconds: SECONDS, warmUp: 0 }
    return (await pace(spawnAt, login(url).url, how)).load
  }
  await untilAnswered(page)
  await sleep(SETTLE_MS)
  const rest = memoryMb(pids)
  // code that has run seldom is slow
  await saturate(spawnAt, login(url), VISITORS, SECONDS)
  await saturate(spawnAt, page, VISITORS, SECONDS)
  const most = await highest(logins)
  const pages = await saturate(spawnAt, page, VISITORS, SECONDS)
  const [busy, beside] = await Promise.all([saturate(spawnAt, page, VISITORS, SECONDS), logins(BESIDE_PAGES)])
  return [
    `${rest.toFixed(0)} MB`,
    `${memoryMb(pids).toFixed(0)} MB`,
    most ? `${most.rate.toFixed(0)}/s (${times(most)})` : 'none',
    `${pages.rate.toFixed(0)}/s (${times(pages)})`,
    times(beside),
    `${pages.failed + busy.failed + beside.failed}`,
  ]
}

/** The highest rate that is carried; asked twice, for others on the machine disturb, too. */
async function highest(logins: (perSecond: number) => Promise<Load>): Promise<Load | undefined> {
  const carries = async (perSecond: number) => {
    const load = await logins(perSecond)
    return load.failed === 0 && load.p99 <= MOST_P99_MS ? load : undefined
  }
  let most: Load | undefined
  for (const perSecond of RATES) {
    const load = (await carries(perSecond)) ?? (await carries(perSecond))
    if (!load) break
    most = load
  }
  return most
}

const loopback = await findLoopback()
const address = loopback.fresh(() => false)
const backend = await openBackend(here, [address], Number(await freePort()))
try {
  for (const fact of machine()) say(fact)
  say(`load average before it began: ${loadavg()[0]?.toFixed(1)} (on a busy machine the figures are too low)`)
  const titles = [
    'task',
    'first login',
    'memory when idle',
    'after load',
    'logins alone',
    `pages alone, ${VISITORS} visitors`,
    `${BESIDE_PAGES} logins/s beside these pages`,
    'failed',
    'out of memory',
  ]
  say(`\n| ${titles.join(' | ')} |\n| ${titles.map(() => '---').join(' | ')} |`)
  for (const size of SIZES) await measure(size, backend)
} finally {
  await backend.close()
}
