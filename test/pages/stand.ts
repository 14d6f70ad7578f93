import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { pino } from 'pino'
import type { Pages } from '../../lib/pages/pages.ts'
import { openPageWorkers } from '../../lib/pages/workers/dispatch.ts'
import type { WorkerTimeouts } from '../../lib/pages/workers/worker-timeouts.ts'
import { ask, eventually, request } from '../raw.ts'
import { stage } from '../stage.ts'

/** Production's, so much faster that a test can wait for it; but a busy machine gives page workers the last core. */
const TIMEOUTS: WorkerTimeouts = {
  start: 60_000,
  probe: 60_000,
  ping: 150,
  silentPings: 60,
  drain: 2000,
  term: 1000,
  backOff: 50,
  mostBackOff: 200,
  steady: 0,
  wait: 60_000,
  silence: 20_000,
}

type Options = {
  count?: number
  memory?: number
  timeouts?: Partial<WorkerTimeouts>
  /** settings for the workers, over this process' own */
  env?: Record<string, string>
}

export type Stand = {
  readonly pages: Pages
  readonly port: number
  /** how many connections of clients the front has */
  clients(): Promise<number>
  /** log lines of the workers so far, parsed */
  readonly log: Record<string, unknown>[]
  /** a page's answer over a connection of its own */
  get(path: string, headers?: string[]): ReturnType<typeof ask>
  post(path: string, body?: string): ReturnType<typeof ask>
  login(): ReturnType<typeof ask>
  /** resolves with the first line, of those there are and those to come, that `look` accepts */
  line(look: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>
}

/** A front whose page workers run odd-server.ts; all of it ends with the test. */
export async function stand(
  t: Pick<TestContext, 'after'>,
  { count = 1, memory = 512 * 1024 ** 2, timeouts = {}, env = {} }: Options = {},
): Promise<Stand> {
  const log: Record<string, unknown>[] = []
  const looking = new Set<() => void>()
  const write = (line: string) => {
    log.push(JSON.parse(line))
    for (const look of looking) look()
  }
  Object.assign(process.env, env)
  t.after(() => {
    for (const name of Object.keys(env)) delete process.env[name]
  })
  const pages = await openPageWorkers(
    {
      script: fileURLToPath(new URL('./odd-server.ts', import.meta.url)),
      count,
      memory,
      maxHeader: 64 * 1024,
      self: { hostname: 'localhost', port: 4000 },
      log: pino({ base: null, level: 'trace', redact: ['cookie'] }, { write }),
    },
    { ...TIMEOUTS, ...timeouts },
  )
  t.after(() => pages.close(500))
  const { port, server } = await stage(t, { pages: pages.handle })
  return {
    pages,
    port,
    clients: promisify(server.getConnections.bind(server)),
    log,
    get: (path, headers = []) => ask(port, request(`GET ${path}`, headers)),
    post: (path, body = 'x') => ask(port, request(`POST ${path}`, [], body)),
    login: () => ask(port, request('POST /user/login', [], 'name=taro')),
    line: look =>
      new Promise(resolve => {
        const search = () => {
          const found = log.find(look)
          if (!found) return
          looking.delete(search)
          resolve(found)
        }
        looking.add(search)
        search()
      }),
  }
}

/** Until all workers serve: their ids. */
export async function allReady({ pages }: Pick<Stand, 'pages'>, look = () => true): Promise<number[]> {
  const lookAt = () => {
    const state = pages.state?.() ?? []
    return state.every(each => each.phase === 'ready') && look() && state.map(each => each.pid ?? 0)
  }
  return eventually(lookAt, { patienceMs: 180_000 })
}
