import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startCalmApi } from '../../demo/second-api.ts'
import { type Fault, startAlb } from '../../testing/alb.ts'
import { createAuthority } from '../../testing/certificates.ts'
import { type DnsBehaviour, type DnsServer, startDns } from '../../testing/dns.ts'
import { type FrontProcess, LISTENERS, startFrontProcess } from '../../testing/front-process.ts'
import { SOCKETS } from '../../testing/sockets.ts'
import { leaksOf } from './leaks.ts'
import { createNodeEnds } from './node-ends.ts'
import { createWitness } from './witness.ts'

/** What all rows of one table share. */
export type Form = {
  /** how long logins come, in ms, and how many in a second */
  readonly loadMs: number
  readonly perSecond: number
  /** pages that call the API each time, beside the logins */
  readonly pagesPerSecond: number
  /** DNS_MAX_TTL in seconds */
  readonly maxTtl: number
  /** the front's pages are Next.js on the production build; otherwise an app of one page, which starts faster */
  readonly withNext: boolean
  /** a row that a busy machine has spoilt is run again, so often in all */
  readonly runs: number
}

export type World = Awaited<ReturnType<typeof openWorld>>

export type Setup = {
  readonly nodes?: number
  /** seconds; an ALB's is 60 */
  readonly ttl?: number
  readonly env?: Record<string, string>
  /** the faults are those of a second API: logins go there, and pages ask the first one */
  readonly second?: true
  /** before the front starts */
  readonly before?: (world: World) => unknown
}

/** Silence that the front bears from the backend where a row does not set it. */
export const BACKEND_TIMEOUT_MS = 1000

const authority = createAuthority()

/** Opens a world of its own for one row, runs `use` in it, and ends it whatever happens. */
export async function inWorld<T>(form: Form, setup: Setup, use: (world: World) => Promise<T>): Promise<T> {
  const world = await openWorld(form, setup)
  try {
    await setup.before?.(world)
    await world.startFront()
    return await use(world)
  } finally {
    await world.close()
  }
}

async function openWorld(form: Form, { nodes: count = 2, ttl = 60, env = {}, second }: Setup) {
  const { ca, issue } = await authority
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-faults-'))
  const [caFile, logFile] = [join(folder, 'ca.pem'), join(folder, 'front.log')]
  await writeFile(caFile, ca)

  const dns = await startDns()
  const witness = createWitness()
  /** since when an address is out of DNS, ms, monotonic; those listed now are not there */
  const leftAt = new Map<string, number>()
  /** when nodes vanished whose connections stay open, and silent */
  const vanishedAt: number[] = []
  let listed: readonly string[] = []
  const notice = (addresses: readonly string[]) => {
    const now = performance.now()
    for (const each of listed) if (!addresses.includes(each)) leftAt.set(each, now)
    for (const each of addresses) leftAt.delete(each)
    listed = addresses
  }
  const watched: DnsServer = {
    ...dns,
    list(name, addresses, ttl) {
      notice(addresses)
      dns.list(name, addresses, ttl)
    },
  }
  const { handler, upgrade } = witness
  const alb = await startAlb({ dns: watched, authority: { ca, issue }, count, ttl, handler, upgrade })
  const { kill, vanish } = createNodeEnds(alb, witness)
  const calm =
    second &&
    (await startCalmApi(await mkdtemp(join(folder, 'app-')), alb.origin, {
      dns,
      authority: { ca, issue },
      handler,
    }))
  let logKept = false
  let over = new AbortController()
  let current = form
  const fronts: FrontProcess[] = []
  let firstTruthAt: number | undefined = performance.now()
  let truthful = true

  async function startFront() {
    const front = await startFrontProcess(
      {
        ...(!calm && { BACKEND_ORIGIN: alb.origin, BACKEND_PATHS: `/user/login,${SOCKETS}` }),
        DNS_SERVERS: dns.address,
        DNS_MAX_TTL: String(form.maxTtl),
        DNS_FAMILY: '4',
        NODE_EXTRA_CA_CERTS: caFile,
        ...LISTENERS,
        BACKEND_TIMEOUT: `${BACKEND_TIMEOUT_MS}ms`,
        STOP_DELAY: '500ms',
        STOP_TIMEOUT: '5s',
        PAGE_WORKERS: form.withNext ? '1' : '0',
        ...(!form.withNext && {
          NODE_OPTIONS: `--import=${new URL('without-next.ts', import.meta.url).pathname}`,
        }),
        ...env,
      },
      logFile,
      calm?.cwd,
    )
    fronts.push(front)
  }

  function order(order: DnsServer['order'], subset?: number) {
    dns.order = order
    dns.subset = subset
  }

  /** ms; false when the load ended before */
  const pause = (ms: number) => sleep(ms, true, { signal: over.signal }).catch(() => false)

  return {
    alb,
    witness,
    leftAt,
    vanishedAt,
    /** what the fronts have written; it is gone with the world, unless `keepLog` is called */
    logFile,
    keepLog() {
      logKept = true
    },
    /** where a secret of a login stands that must stand nowhere: in the log, the state or the metrics of the front */
    leaks: () => leaksOf(logFile, fronts.at(-1)?.adminUrl ?? ''),
    /** The node dies at once, with all its connections. DNS stays as it is. */
    kill,
    order,
    pause,
    startFront,
    /** of the load that is on, or was */
    get form() {
      return current
    },
    /** where the logins go now */
    get port() {
      return Number(new URL(fronts.at(-1)?.url ?? '').port)
    },
    /** when DNS first answered with the truth; undefined before */
    get firstTruthAt() {
      return firstTruthAt
    },
    /** DNS has told nothing but the truth, all the time */
    get truthful() {
      return truthful
    },
    /** the processes that answer in time only if they get a core: this one, and every front there was */
    get pids() {
      return [process.pid, ...fronts.map(front => front.process.pid ?? 0)]
    },
    /** questions that DNS has been asked under this load, for each name */
    get queries() {
      return dns.queries.length / (calm ? 2 : 1)
    },
    /** A load begins, and has sent its last login: what waits in `every` or `pause` returns. */
    begin(form: Form) {
      current = form
      over = new AbortController()
      dns.queries.length = 0
    },
    end: () => over.abort(),
    /** As at first, at new addresses, which the front knows by then. */
    async reset(nodes: number) {
      dns.behave('answer')
      order('fixed')
      witness.reset()
      alb.keepAliveTimeout = 60_000
      const old = [...alb.nodes.keys()]
      await alb.add(nodes)
      alb.list(alb.listed.slice(-nodes))
      await sleep(2 * form.maxTtl * 1000 + 500)
      for (const address of old) alb.kill(address)
      leftAt.clear()
      vanishedAt.length = 0
      truthful = true
    },
    dns(how: DnsBehaviour) {
      const tells = how === 'answer' || how === 'truncate'
      if (!tells) truthful = false
      if (!tells && fronts.length === 0) firstTruthAt = undefined
      if (tells) firstTruthAt ??= performance.now()
      dns.behave(how)
    },
    /** The node dies, and something else stands at its address. */
    async fault(address: string, how: Exclude<Fault, 'vanish'>) {
      await kill(address)
      await alb.fault(address, how)
    },
    /** The node is gone without a word: its connections stay open, and silent. */
    async vanish(address: string) {
      vanishedAt.push(performance.now())
      await vanish(address)
    },
    /** As a rolling update does it: a new front, then no more logins to the old one, which gets SIGTERM. */
    async replaceFront() {
      const [old] = fronts.slice(-1)
      await startFront()
      old?.process.kill('SIGTERM')
      await old?.exited
    },
    /** Does something every so many ms until the load is over. */
    async every(ms: number, work: () => unknown) {
      while (await pause(ms)) await work()
    },
    async close() {
      over.abort()
      await Promise.all(fronts.map(front => front.stop()))
      await alb.close()
      await calm?.close()
      await dns.close()
      if (!logKept) await rm(folder, { recursive: true, force: true })
    },
  }
}
