import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import type http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CHANGES } from '../../demo/changes.ts'
import { startAlb } from '../../testing/alb.ts'
import { createAuthority } from '../../testing/certificates.ts'
import { freePort } from '../../testing/command.ts'
import { startDns } from '../../testing/dns.ts'
import { type FrontProcess, startFrontProcess } from '../../testing/front-process.ts'
import { type Login, startClient } from '../faults/client.ts'
import { waitedForCore } from '../faults/machine.ts'
import { ACCOUNT, type Ask, type Page, startVisitors } from '../faults/pages.ts'
import { createWitness } from '../faults/witness.ts'
import { startPublicAlb } from './public-alb.ts'

export type Rehearsal = {
  readonly logins: readonly Login[]
  /** how often a login was executed at the API, by its id */
  readonly executions: (login: Login) => number
  readonly pages: readonly Page[]
  readonly replaced: number
  /** what the private ALB went through, a line each */
  readonly changes: readonly string[]
  readonly seconds: number
  /** the share of the time that this process, which is the clients and the API, waited for a core; 0 to 1 */
  readonly starved: number
  /** where the tasks' logs are, until `forget` */
  readonly folder: string
  forget(): Promise<void>
}

const TASKS = 2
const LOGINS_PER_SECOND = 200
const PAGES_PER_SECOND = 20
/** As a browser would wait; page workers get a core after everybody else. */
const PAGE_PATIENCE_MS = 20_000
/** Before it begins, the tasks have served for a while; a new one gets its share at once. */
const WARM_UP = { ms: 2000, perSecond: 20 }
const CHANGE_MS = 1500
const STOP_DELAY_MS = 1000
/** An ALB takes some time to hear of a deregistration; ECS sends SIGTERM at about the same time. */
const HEARS_LATE_MS = 700
/** Every tenth call of a page takes longer than STOP_DELAY: some page is under way whenever a task stops listening. */
const SLOW_CALL_MS = 1500

type Task = FrontProcess & { readonly port: number }

/**
 * A rolling deployment on ECS: under a steady load of logins, pages and static files a new task is started and, once
 * the public ALB has found it healthy, an old one is deregistered and gets SIGTERM, again and again. Meanwhile the
 * private ALB changes its addresses.
 * @param replacements how many in all
 */
export async function rehearse(replacements: number): Promise<Rehearsal> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-rolling-'))
  const authority = await createAuthority()
  await writeFile(join(folder, 'ca.pem'), authority.ca)
  const dns = await startDns()
  const witness = createWitness()
  const alb = await startAlb({ handler: someSlow(witness.handler), dns, authority, count: 2 })
  const entry = await startPublicAlb(folder)
  const tasks: Task[] = []
  let started = 0

  async function start(): Promise<Task> {
    // a target group is told of a task before that listens
    const port = Number(await freePort())
    await entry.register(port)
    const front = await startFrontProcess(
      {
        BACKEND_ORIGIN: alb.origin,
        DNS_SERVERS: dns.address,
        NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
        HOST: '127.0.0.1',
        PORT: String(port),
        ADMIN_PORT: '0',
        EGRESS_PORT: '0',
        PAGE_WORKERS: '1',
        STOP_DELAY: `${STOP_DELAY_MS}ms`,
        // of use on a busy machine only, where what is under way takes long, and 5 s of waiting ended it with 1
        STOP_TIMEOUT: '30s',
      },
      join(folder, `task-${++started}.log`),
    )
    const task = { ...front, port }
    tasks.push(task)
    await entry.healthy(port)
    return task
  }

  async function replace(albHearsLate: boolean) {
    await start()
    const [old] = tasks
    if (!old) return
    const deregistered = sleep(albHearsLate ? HEARS_LATE_MS : 0).then(() => entry.deregister(old.port))
    old.process.kill('SIGTERM')
    await deregistered
    const code = await old.exited
    if (code !== 0) throw new Error(`a task that was told to stop ended with ${code}`)
    await entry.remove(old.port)
    tasks.shift()
  }

  try {
    while (tasks.length < TASKS) await start()
    const asks = await everyAsk()
    await warmUp(entry.port, asks)
    const waitedBefore = await waitedForCore([process.pid])
    const client = startClient(() => entry.port, LOGINS_PER_SECOND)
    const visitors = startVisitors(() => entry.port, PAGES_PER_SECOND, asks, PAGE_PATIENCE_MS)
    const startedAt = performance.now()
    const over = new AbortController()
    const changes: string[] = []

    async function change() {
      while (await sleep(CHANGE_MS, true, { signal: over.signal }).catch(() => false)) {
        const next = CHANGES[changes.length % CHANGES.length]
        // a login that is under way to a machine that dies may be lost behind any proxy: this one asks for a quiet moment
        changes.push((await next?.(alb, client)) ?? '')
      }
    }
    const changing = change()
    try {
      for (let i = 0; i < replacements; i++) await replace(i % 2 === 1)
    } finally {
      over.abort()
      await changing
      await Promise.all([client.stop(), visitors.stop()])
    }
    await witness.settled()
    const elapsedMs = performance.now() - startedAt
    return {
      logins: client.logins,
      executions: ({ id }) => (witness.arrivals.get(id) ?? []).filter(each => each.whole).length,
      pages: visitors.pages,
      replaced: replacements,
      changes,
      seconds: elapsedMs / 1000,
      starved: ((await waitedForCore([process.pid])) - waitedBefore) / elapsedMs,
      folder,
      forget: () => rm(folder, { recursive: true }),
    }
  } finally {
    await Promise.all(tasks.map(task => task.stop()))
    await entry.close()
    await alb.close()
    await dns.close()
  }
}

async function warmUp(port: number, asks: readonly Ask[]) {
  const client = startClient(() => port, WARM_UP.perSecond)
  const visitors = startVisitors(() => port, WARM_UP.perSecond, asks)
  await sleep(WARM_UP.ms)
  await Promise.all([client.stop(), visitors.stop()])
}

function someSlow(handler: http.RequestListener): http.RequestListener {
  let calls = 0
  return (req, res) => {
    const isSlow = req.url === '/user/me' && calls++ % 10 === 0
    setTimeout(handler, isSlow ? SLOW_CALL_MS : 0, req, res)
  }
}

/** Rendered pages, one of which calls the API, and static files of the build. */
async function everyAsk(): Promise<Ask[]> {
  const chunks = '.next/static/chunks'
  const names = await readdir(chunks)
  const files = ['.js', '.css'].flatMap(kind => names.filter(each => each.endsWith(kind)).slice(0, 1))
  const statics = files.map(async (name): Promise<Ask> => {
    const end = (await readFile(join(chunks, name), 'latin1')).slice(-100)
    return { path: `/_next/static/chunks/${name}`, expects: () => end }
  })
  // not /login, which sends who is logged in on to the account
  const front: Ask = { path: '/', expects: () => '</html>' }
  return [front, ACCOUNT, front, ACCOUNT, ...(await Promise.all(statics))]
}
