import type net from 'node:net'
import type { TestContext } from 'node:test'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { createAddressCache } from '../lib/backend/address-cache.ts'
import { createDialler } from '../lib/backend/dial.ts'
import { createResolver } from '../lib/backend/resolver.ts'
import type { DnsBehaviour } from '../testing/dns.ts'
import { withBackend } from './backend.ts'

export type Attempt = { address: string; error: unknown; startedAt: number; failedAt: number }
export type DiallerOptions = {
  count?: number
  connectTimeoutMs?: number
  secure?: boolean
  dnsAtStart?: DnsBehaviour
}

/** An ALB, its DNS and a dialler whose address cache is asked once, and then only where a test or a dial asks it. */
export async function withDialler(t: TestContext, options: DiallerOptions = {}) {
  const { count = 1, connectTimeoutMs = 3000, secure = true, dnsAtStart = 'answer' } = options
  const sockets: net.Socket[] = []
  t.after(() => {
    for (const socket of sockets) socket.destroy()
  })
  const { dns, alb } = await withBackend(t, { count, ttl: 60, secure, handler: (_req, res) => res.end() })
  dns.behave(dnsAtStart)
  const cache = createAddressCache(createResolver(alb.name, [dns.address], '4'), 60_000)
  t.after(() => cache.close())
  await cache.refresh()
  const failed: Attempt[] = []
  const target = { port: alb.port, ...(secure && { verify: alb.name }) }
  const onFailure = (address: string, error: unknown, ms: number) => {
    const failedAt = performance.now()
    failed.push({ address, error, startedAt: failedAt - ms, failedAt })
  }
  const dialler = createDialler({ cache, target, connectTimeoutMs, onConnection: () => {}, onFailure })
  t.after(() => dialler.close())
  /** Dials, keeps the connection open, and says where it went; the attempts that lost have ended by then. */
  async function dial(): Promise<string> {
    const { socket, address } = await dialler.dial()
    sockets.push(socket.on('error', () => {}))
    await setImmediate()
    return address
  }
  /** DNS has listed `addresses` for two answers. */
  async function settleOn(addresses: string[]) {
    alb.list(addresses)
    for (let i = 0; i < 2; i++) {
      await sleep(260)
      await cache.refresh()
    }
  }
  const [first = '', second = ''] = alb.listed
  return { dns, alb, cache, dial, dialler, settleOn, sockets, failed, first, second }
}
