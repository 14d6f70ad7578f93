import type http from 'node:http'
import { Writable } from 'node:stream'
import tls from 'node:tls'
import { pino } from 'pino'
import { type Alb, startAlb } from '../demo/alb.ts'
import { createAuthority } from '../demo/certificates.ts'
import { type DnsServer, startDns } from '../demo/dns.ts'
import { LISTENERS } from '../demo/front-process.ts'
import { type Backend, openBackend } from '../lib/backend/backend.ts'
import { type Config, readConfig } from '../lib/config.ts'
import { createEgress } from '../lib/front/egress.ts'
import { listen } from '../lib/front/listen.ts'
import { createFront } from '../lib/front/listener.ts'
import type { Life } from '../lib/life.ts'
import { logOutcomes } from '../lib/log.ts'
import { createLoginLimit, type LoginLimit } from '../lib/login/limit.ts'
import { createProxy } from '../lib/login/proxy.ts'
import { createHistory, type History } from '../lib/ops/history.ts'
import { createMetrics, type Metrics } from '../lib/ops/metrics.ts'
import { type OnOutcome, toAll } from '../lib/outcome.ts'
import type { Pages } from '../lib/pages/pages.ts'
import { createTally, type Tally } from '../lib/tally.ts'
import { openTraces, type Traces } from '../lib/traces/traces.ts'

/** An authority for the whole test process, trusted by it as NODE_EXTRA_CA_CERTS would be. */
export const authority = await createAuthority()
tls.setDefaultCACertificates([authority.ca])

type StageOptions = {
  /** what the API answers; by default its node's address */
  handler?: http.RequestListener
  /** what the pages answer; by default 200 `page` */
  pages?: Pages['handle']
  /** how many nodes the ALB has at first, and the TTL of its DNS answers in seconds */
  count?: number
  ttl?: number
  /** `false`: the backend speaks plain HTTP */
  secure?: boolean
  /** settings over the stage's own */
  env?: Record<string, string>
  /** `false`: DNS is not waited for */
  resolved?: boolean
  /** is told of every request that is over, as the log and the metrics are */
  tell?: OnOutcome
}

export type Stage = {
  alb: Alb
  dns: DnsServer
  config: Config
  backend: Backend
  life: Life
  tally: Tally
  limit: LoginLimit | undefined
  metrics: Metrics
  history: History
  traces: Traces | undefined
  /** log lines so far, parsed */
  log: Record<string, unknown>[]
  server: http.Server
  port: number
  url: string
  egressUrl: string
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
  const dns = await startDns()
  const alb = await startAlb({ handler, dns, ttl, count, ...(secure && { authority }) })
  const config = readConfig({
    BACKEND_ORIGIN: alb.origin,
    DNS_SERVERS: dns.address,
    DNS_MAX_TTL: '0.3',
    ...LISTENERS,
    LOG_LEVEL: 'trace',
    ...env,
  })
  const log: Record<string, unknown>[] = []
  const lines = new Writable({
    write(line: Buffer, _encoding, done) {
      log.push(JSON.parse(line.toString()))
      done()
    },
  })
  const logger = pino({ level: config.LOG_LEVEL, base: null }, lines)
  const backend = openBackend(config, logger)
  const first = backend.book.refresh()
  if (resolved) await first

  const life: Life = { phase: 'ready', turnedAway: 0 }
  const tally = createTally()
  const { agent } = backend
  const limit = await createLoginLimit({
    perAddress: config.LOGIN_LIMIT,
    perAccount: config.LOGIN_LIMIT_ACCOUNT,
    store: config.LIMIT_STORE,
    log: logger,
  })
  const proxy = createProxy({ config, agent, log: logger, tally, limit })
  const handlePage = options.pages ?? ((_req, res) => res.end('page'))
  const pages = { handle: handlePage, close: async () => {} }
  const tallies = { login: tally, egress: createTally() }
  const metrics = createMetrics({ life, backend, tallies, limit: limit?.tally })
  const history = createHistory()
  const traces = await openTraces(config, backend.dials, logger)
  const tell = toAll(logOutcomes(logger), metrics.count, history.count, traces?.end, options.tell)
  const server = createFront({ config, life, login: proxy, pages, tell, spans: traces?.begin })
  const call = createProxy({ config, agent, log: logger, tally: tallies.egress })
  const egress = createEgress({ config, proxy: call, tell, spans: traces?.begin })
  const port = await listen(server, config.PORT, config.HOST)
  const egressPort = await listen(egress, config.EGRESS_PORT, '127.0.0.1')

  t.after(async () => {
    for (const each of [server, egress]) {
      each.close()
      each.closeAllConnections()
    }
    backend.close()
    limit?.close()
    await traces?.close()
    await alb.close()
    await dns.close()
  })
  const url = `http://127.0.0.1:${port}`
  const egressUrl = `http://127.0.0.1:${egressPort}`
  return {
    alb,
    dns,
    config,
    backend,
    life,
    tally,
    limit,
    metrics,
    history,
    traces,
    log,
    server,
    port,
    url,
    egressUrl,
  }
}
