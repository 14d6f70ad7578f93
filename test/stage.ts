import type http from 'node:http'
import { pino } from 'pino'
import { type BackendUrls, type Front, urlOf } from '../lib/front/open.ts'
import type { WorkerState } from '../lib/observe/lifecycle.ts'
import type { Tally } from '../lib/observe/tally.ts'
import type { Pages } from '../lib/pages/pages.ts'
import type { GatehouseConfig } from '../lib/settings/gatehouse-config.ts'
import { type Config, readConfig } from '../lib/settings/settings.ts'
import type { Alb } from '../testing/alb.ts'
import type { DnsServer } from '../testing/dns.ts'
import { LISTENERS } from '../testing/front-process.ts'
import { type BackendOptions, startBackend } from './backend.ts'
import { startFront } from './front.ts'

/** What the API answers is by default its node's address. */
type StageOptions = BackendOptions & {
  /** what the pages answer; by default 200 `page` */
  pages?: Pages['handle']
  /** settings over the stage's own */
  env?: Record<string, string>
  /** what a gatehouse.config.ts says, of the ALB's origin; without it BACKEND_ORIGIN and BACKEND_PATHS do */
  config?: (origin: string) => GatehouseConfig
  /** the page workers, as the status page sees them */
  workers?: () => readonly WorkerState[]
  /** `false`: DNS is not waited for */
  resolved?: boolean
}

export type Stage = Front &
  Front['ports'] & {
    alb: Alb
    dns: DnsServer
    config: Config
    /** that of the logins */
    tally: Tally
    /** log lines so far, parsed */
    log: Record<string, unknown>[]
    server: http.Server
    url: string
    egressUrl: string
    /** all of them, as pages find them */
    urls: BackendUrls
  }

const nodeAddress: http.RequestListener = (req, res) => {
  req.resume().on('end', () => res.end(req.socket.localAddress))
}

/** An ALB with its DNS, and a front before it, on loopback; all of it ends with the test. */
export async function stage(
  t: { after(end: () => Promise<void>): void },
  options: StageOptions = {},
): Promise<Stage> {
  const { handler = nodeAddress, count = 2, ttl = 1, secure = true, env = {}, resolved = true } = options
  const { dns, alb, close } = await startBackend({
    handler,
    ttl,
    count,
    secure,
    ...(options.upgrade && { upgrade: options.upgrade }),
  })
  const content = options.config?.(alb.origin)
  const settings = {
    ...(!content && { BACKEND_ORIGIN: alb.origin }),
    DNS_SERVERS: dns.address,
    DNS_MAX_TTL: '0.3',
    ...LISTENERS,
    LOG_LEVEL: 'trace',
    ...env,
  }
  const config = readConfig(settings, content && { name: 'gatehouse.config.ts', content })
  const log: Record<string, unknown>[] = []
  const write = (line: string) => void log.push(JSON.parse(line))
  const logger = pino({ level: config.LOG_LEVEL, base: null }, { write })
  const handle = options.pages ?? (async (_req, res) => void res.end('page'))
  const front = await startFront({
    config,
    log: logger,
    pages: { handle, ...(options.workers && { state: options.workers }) },
    resolved,
  })
  const { listener, ports } = front
  t.after(async () => {
    await front.stop()
    await close()
  })
  return {
    ...front,
    ...ports,
    alb,
    dns,
    config,
    log,
    tally: front.tallies.login,
    server: listener.server,
    url: `http://127.0.0.1:${ports.port}`,
    egressUrl: urlOf(ports.egressPort),
  }
}

/**
 * Logs in until every address that DNS names has proven that it says 100 before it routes: from then on a login over a
 * reused connection waits for 100.
 */
export async function untilProven({ url, backend }: Pick<Stage, 'url' | 'backend'>, path = '/user/login') {
  const { agent, cache } = backend
  const { length: addresses } = cache.addresses.listed
  // together, for each address needs connections; and more each time, for those that are proven get all that they can take
  for (let count = addresses, deadline = Date.now() + 10_000; ; count += addresses - 1) {
    const logIn = () => fetch(url + path, { method: 'POST', body: 'name=taro' })
    const logins = Array.from({ length: count }, logIn)
    for (const answer of await Promise.all(logins)) await answer.arrayBuffer()
    if (cache.addresses.listed.every(each => agent.expectations.isProven(each))) return
    if (Date.now() > deadline) throw new Error('it was not proven within 10 s')
  }
}
