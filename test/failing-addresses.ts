import assert from 'node:assert/strict'
import type net from 'node:net'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAddressCache } from '../lib/backend/address-cache.ts'
import { createDialler } from '../lib/backend/dial.ts'
import { createResolver } from '../lib/backend/resolver.ts'
import { startAlb } from '../testing/alb.ts'
import { startDns } from '../testing/dns.ts'
import { authority } from './backend.ts'
import { ownTime } from './own-time.ts'

type Options = { count?: number; connectTimeoutMs?: number; secure?: boolean }
export type Attempt = { address: string; error: unknown; startedAt: number; failedAt: number }
export type Dialled = { inTime: boolean; address?: string; error?: unknown }

/** A dialler at an ALB whose addresses fail as a test says; what it tried, and when. */
export async function setUp(t: TestContext, options: Options = {}) {
  const { count = 1, connectTimeoutMs = 1000, secure = false } = options
  const dns = await startDns()
  const handler = () => {}
  const alb = await startAlb({ dns, count, ttl: 60, handler, ...(secure && { authority }) })
  const cache = createAddressCache(createResolver(alb.name, [dns.address], '4'), 60_000)
  await cache.refresh()
  const failed: Attempt[] = []
  const dialler = createDialler({
    cache,
    target: { port: alb.port, ...(secure && { verify: alb.name }) },
    connectTimeoutMs,
    onConnection: () => {},
    onFailure(address, error, ms) {
      const failedAt = performance.now()
      failed.push({ address, error, startedAt: failedAt - ms, failedAt })
    },
  })
  const sockets: net.Socket[] = []
  t.after(async () => {
    for (const socket of sockets) socket.destroy()
    dialler.close()
    cache.close()
    await alb.close()
    await dns.close()
  })
  /** Those that began when their address was known to fail. */
  function retries(): Attempt[] {
    const knownAt = (address: string) => failed.find(each => each.address === address)?.failedAt ?? 0
    return failed.filter(each => each.startedAt >= knownAt(each.address))
  }
  async function dial(): Promise<Dialled> {
    const dialled = dialler.dial()
    const time = ownTime(dialled)
    // half a second: an attempt that is under way may end first
    const inTime = async () => (await time) < 2 * connectTimeoutMs + 500
    try {
      const { socket, address } = await dialled
      sockets.push(socket.on('error', () => {}))
      return { address, inTime: await inTime() }
    } catch (error) {
      return { error, inTime: await inTime() }
    }
  }
  /** Dials `perSecond` times a second for so long; what came of each. */
  async function load(perSecond: number, forMs: number): Promise<Dialled[]> {
    const started = performance.now()
    const dials: Promise<Dialled>[] = []
    for (let elapsed = 0; elapsed < forMs; elapsed = performance.now() - started) {
      while (dials.length < (elapsed / 1000) * perSecond) dials.push(dial())
      await sleep(5)
    }
    return Promise.all(dials)
  }
  const [first = '', second = ''] = alb.listed
  return { dns, alb, cache, dialler, dial, load, failed, retries, first, second }
}

export async function until(condition: () => boolean) {
  for (const deadline = Date.now() + 60_000; !condition(); await sleep(5)) {
    assert.ok(Date.now() < deadline, 'it did not come to that in a minute')
  }
}
