import type http from 'node:http'
import { Writable } from 'node:stream'
import tls from 'node:tls'
import { pino } from 'pino'
import { type Alb, startAlb } from '../demo/alb.ts'
import { createAuthority } from '../demo/certificates.ts'
import { type DnsServer, startDns } from '../demo/dns.ts'
import { LISTENERS } from '../demo/front-process.ts'
import { type Front, openFront, urlOf } from '../lib/front/open.ts'
import type { WorkerState } from '../lib/observe/life.ts'
import type { Tally } from '../lib/observe/tally.ts'
import type { Pages } from '../lib/pages/open.ts'
import { type Config, readConfig } from '../lib/settings/settings.ts'

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
  const handle = options.pages ?? (async (_req, res) => void res.end('page'))
  const front = await openFront({
    config,
    log: logger,
    openPages: async () => ({
      handle,
      close: async () => {},
      ...(options.workers && { state: options.workers }),
    }),
    ...(!resolved && { firstAnswerMs: 0 }),
  })
  const { listener, ports } = front
  t.after(async () => {
    listener.server.close()
    listener.server.closeAllConnections()
    front.egress.close()
    await front.close()
    front.admin.server.closeAllConnections()
    await alb.close()
    await dns.close()
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
 * reused connection is asked first.
 */
export async function untilProven({ url, backend }: Pick<Stage, 'url' | 'backend'>, path = '/user/login') {
  const { agent, book } = backend
  const { length: addresses } = book.addresses.listed
  // together, for each address needs connections; and more each time, for those that are proven get all that they can take
  for (let count = addresses, deadline = Date.now() + 10_000; ; count += addresses - 1) {
    const logIn = () => fetch(url + path, { method: 'POST', body: 'name=taro' })
    const logins = Array.from({ length: count }, logIn)
    for (const answer of await Promise.all(logins)) await answer.arrayBuffer()
    if (book.addresses.listed.every(each => agent.expectations.isProven(each))) return
    if (Date.now() > deadline) throw new Error('it was not proven within 10 s')
  }
}
