import { randomUUID } from 'node:crypto'
import { quantile } from '../../bench/figures.ts'
import { readConfig } from '../../lib/settings/settings.ts'
import { startDns } from '../../testing/dns.ts'
import { LISTENERS } from '../../testing/front-process.ts'
import { startFront } from '../front.ts'
import { openRelay } from './relay.ts'
import type { Running } from './start.ts'

/**
 * What the API does. `read`: its handlers read the body. `slow`: they don't, and take longer than CONNECT_TIMEOUT. `drop`: they act, and drop
 * the connection. `mixed`: the login reads, its catch-all reads, so that the probe passes on every server; below the login it
 * acts and answers 403 without reading, and after that acts and drops the connection.
 */
export const HANDLERS = ['read', 'slow', 'drop', 'mixed'] as const
export type Handler = (typeof HANDLERS)[number]

export type Case = {
  readonly handler: Handler
  readonly addresses: 1 | 2
  readonly replay: 'on' | 'off'
  /** half of them logins where those read their body, the others below the login's path; the more addresses, the more clients that send so many */
  readonly requests: number
  readonly roundTripMs: number
}

export type Measured = {
  /** what the status page says of the first address */
  readonly says: string
  readonly requests: number
  readonly executedTwice: number
  /** not answered by the API, or in part */
  readonly failed: number
  /** of these, those that were not executed */
  readonly undone: number
  /** a login's median from the sixth request on, ms */
  readonly loginMs: number
  /** how many requests a client had sent when all addresses were known to say 100 or not to */
  readonly learntAfter: number | undefined
  /** connections to the backend, probes included */
  readonly connections: number
}

const NAME = 'api.dev.jp'
/** Of these the login itself reads its body, which the front takes for granted (docs/decisions/0006, "Silence"). */
const READING: readonly Handler[] = ['read', 'mixed']
/** Requests that a login may pay more for: what the address does is not known yet. */
const LEARNING = 5

/** Requests through a front that has just been opened: the very first one counts. */
export async function measure(
  running: Running,
  { handler, addresses, replay, requests, roundTripMs }: Case,
): Promise<Measured> {
  const hosts = running.hosts.slice(0, addresses)
  const relay = await openRelay(NAME, hosts, running.port, roundTripMs)
  const dns = await startDns()
  dns.list(NAME, hosts, 60)
  const config = readConfig({
    BACKEND_ORIGIN: `https://${NAME}:${relay.port}`,
    BACKEND_PATHS: `/${handler}`,
    // what a server's dropped connection takes that its own router keeps; longer than the slow handler
    BACKEND_TIMEOUT: '3s',
    DNS_SERVERS: dns.address,
    REPLAY: replay,
    ...LISTENERS,
  })
  const front = await startFront({ config, pages: { handle: (_req, res) => void res.end() } })
  const { expectations } = front.backend.agent
  const isLearnt = () => hosts.every(each => expectations.isProven(each) || expectations.isUnproven(each))
  const sent: string[] = []
  const failed: string[] = []
  const loginMs: number[] = []
  let learntAfter: number | undefined

  async function client() {
    for (let i = 0; i < requests; i++) {
      const isLogin = i % 2 === 0 && READING.includes(handler)
      const id = randomUUID()
      sent.push(id)
      const started = performance.now()
      const isAnswered = await send(
        front.ports.port,
        handler + (isLogin ? '' : belowLogin(handler, i / requests)),
        id,
      )
      if (isLogin && i >= LEARNING) loginMs.push(performance.now() - started)
      if (!isAnswered) failed.push(id)
      if (isLearnt()) learntAfter ??= i + 1
    }
  }

  try {
    await Promise.all(hosts.map(client))
    const says = expectations.describe(hosts[0] ?? '').en
    const executions = running.executions()
    return {
      says,
      requests: sent.length,
      executedTwice: sent.filter(id => (executions.get(id) ?? 0) > 1).length,
      failed: failed.length,
      undone: failed.filter(id => !executions.has(id)).length,
      loginMs: quantile(loginMs, 0.5),
      learntAfter,
      connections: relay.connections(),
    }
  } finally {
    await front.stop()
    relay.close()
    await dns.close()
  }
}

/** Of the mixed handler, refusals come first, and drops in the last third. */
const belowLogin = (handler: Handler, share: number) =>
  handler !== 'mixed' ? '/logout' : share > 2 / 3 ? '/drop' : '/refuse'

/** @returns whether the API's answer has come, whole */
async function send(port: number, path: string, id: string): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/${path}`, {
      method: 'POST',
      body: '{"name":"taro"}',
      headers: { 'X-Id': id },
    })
    await answer.arrayBuffer()
    return answer.status < 500
  } catch {
    return false
  }
}
