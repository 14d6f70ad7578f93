import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Attempt, type DiallerOptions, withDialler } from './dialler.ts'
import { ownTime } from './own-time.ts'

export type Dialled = { inTime: boolean; address?: string; error?: unknown }

/** A dialler at an ALB whose addresses fail as a test says; what it tried, and when. */
export async function setUp(t: TestContext, options: DiallerOptions = {}) {
  const { connectTimeoutMs = 1000, secure = false } = options
  const made = await withDialler(t, { ...options, connectTimeoutMs, secure })
  const { dialler, failed, sockets } = made
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
  return { ...made, dial, load, retries }
}
