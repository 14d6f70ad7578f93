import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { openFront } from '../../lib/front/open.ts'
import { readConfig } from '../../lib/settings/settings.ts'
import { startDns } from '../../testing/dns.ts'
import { LISTENERS } from '../../testing/front-process.ts'
import { type Server, start } from './servers.ts'

export type Handler = 'read' | 'slow' | 'drop'

export type Row = {
  readonly server: Server
  readonly handler: Handler
  /** below the login's path: a handler that acts on a cookie alone */
  readonly path: string
  readonly addresses: number
  readonly replay: 'on' | 'off'
}

export type Measured = {
  /** what the status page says of the address */
  readonly says: string
  readonly requests: number
  readonly executedTwice: number
  readonly notAnswered: number
  /** a request's duration, in ms: of the first, and the median of the last half */
  readonly firstMs: number
  readonly lastMs: number
  /** connections to the backend, probes included, over requests */
  readonly connections: number
}

/** Requests one after the other, the very first included, through a front that has just been opened. */
export async function measure(
  { server, handler, path, addresses, replay }: Row,
  requests: number,
): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-backends-'))
  const counts = join(folder, 'counts')
  const port = await freePort()
  const hosts = ['127.0.0.1', '127.0.0.2'].slice(0, addresses)
  const dns = await startDns()
  dns.list('api.dev.jp', hosts, 60)
  const servers: Awaited<ReturnType<typeof start>>[] = []
  try {
    for (const host of hosts)
      servers.push(await start(server, { host, port, counts, folder: join(folder, host) }))
    const config = readConfig({
      BACKEND_ORIGIN: `http://api.dev.jp:${port}`,
      BACKEND_PATHS: `/${handler}`,
      DNS_SERVERS: dns.address,
      REPLAY: replay,
      ...LISTENERS,
    })
    const front = await openFront({
      config,
      log: pino({ level: 'silent' }),
      openPages: async () => ({ handle: (_req, res) => void res.end(), close: async () => {} }),
    })
    let connections = 0
    front.backend.dials.on('connected', () => connections++)
    const times: number[] = []
    let notAnswered = 0
    for (let i = 0; i < requests; i++) {
      const started = performance.now()
      const answer = await fetch(`http://127.0.0.1:${front.ports.port}${path}`, {
        method: 'POST',
        body: '{"name":"taro"}',
        headers: { 'X-Id': randomUUID() },
      })
      await answer.arrayBuffer()
      if (answer.status !== 200) notAnswered++
      times.push(performance.now() - started)
    }
    const says = front.backend.agent.expectations.describe(hosts[0] ?? '')
    front.listener.server.close()
    front.listener.server.closeAllConnections()
    front.egress.close()
    await front.close(0)
    const lines = existsSync(counts) ? readFileSync(counts, 'utf8').trim().split('\n') : []
    const last = times.slice(times.length / 2).sort((a, b) => a - b)
    return {
      says,
      requests,
      executedTwice: lines.length - new Set(lines).size,
      notAnswered,
      firstMs: times[0] ?? 0,
      lastMs: last[Math.floor(last.length / 2)] ?? 0,
      connections,
    }
  } finally {
    await Promise.all(servers.map(each => each.stop()))
    await dns.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.2')
  await once(server, 'listening')
  const bound = server.address()
  server.close()
  return typeof bound === 'object' && bound ? bound.port : 0
}
