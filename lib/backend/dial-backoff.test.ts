import assert from 'node:assert/strict'
import type net from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import { startAlb } from '../../testing/alb.ts'
import { createAuthority } from '../../testing/certificates.ts'
import { startDns } from '../../testing/dns.ts'
import { GatewayError } from '../http/errors.ts'
import { createAddressCache } from './address-cache.ts'
import { createDialler } from './dial.ts'
import { createResolver } from './resolver.ts'

// What addresses that fail cost, and when they are used again.

const authority = await createAuthority()
tls.setDefaultCACertificates([authority.ca])

// A timer may be late on a busy machine.
const LATE = 1000

type Options = { count?: number; connectTimeoutMs?: number; secure?: boolean }
type Dialled = { at: number; ms: number; address?: string; error?: unknown }

async function setUp(t: TestContext, options: Options = {}) {
  const { count = 1, connectTimeoutMs = 1000, secure = false } = options
  const dns = await startDns()
  const handler = () => {}
  const alb = await startAlb({ dns, count, ttl: 60, handler, ...(secure && { authority }) })
  const cache = createAddressCache(createResolver(alb.name, [dns.address], '4'), 60_000)
  await cache.refresh()
  /** when an attempt failed, and where */
  const failed: { at: number; address: string; error: unknown }[] = []
  let connected = 0
  const dialler = createDialler({
    cache,
    target: { port: alb.port, ...(secure && { verify: alb.name }) },
    connectTimeoutMs,
    onFailure: (address, error) => failed.push({ address, error, at: performance.now() }),
    onConnection: () => connected++,
  })
  const sockets: net.Socket[] = []
  t.after(async () => {
    for (const socket of sockets) socket.destroy()
    dialler.close()
    cache.close()
    await alb.close()
    await dns.close()
  })
  async function dial(): Promise<Dialled> {
    const at = performance.now()
    try {
      const { socket, address } = await dialler.dial()
      sockets.push(socket.on('error', () => {}))
      return { at, address, ms: performance.now() - at }
    } catch (error) {
      return { at, error, ms: performance.now() - at }
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
  return { dns, alb, cache, dialler, dial, load, failed, first, second, connected: () => connected }
}

/** The most of these that come within one second. */
function mostInASecond(times: readonly number[]): number {
  return Math.max(0, ...times.map(from => times.filter(at => at >= from && at < from + 1000).length))
}

async function until(condition: () => boolean) {
  for (const deadline = Date.now() + 15_000; !condition(); await sleep(5)) {
    assert.ok(Date.now() < deadline, 'it did not come to that in 15 s')
  }
}

const causesOf = ({ error }: Dialled): readonly Error[] =>
  error instanceof GatewayError && error.cause instanceof AggregateError ? error.cause.errors : []

describe('addresses that fail', { concurrency: 2 }, () => {
  test('eight that refuse cost 20 attempts a second at most, whatever the load, and no dial more than 2 × CONNECT_TIMEOUT', async t => {
    const { alb, load, failed } = await setUp(t, { count: 8, connectTimeoutMs: 500 })
    const addresses = alb.listed
    for (const each of addresses) alb.kill(each)
    const dialled = await load(200, 4000)
    // attempts that were under way when the first one failed are not counted
    const times = failed.map(each => each.at - (failed[0]?.at ?? 0)).filter(ms => ms > 250)
    assert.ok(mostInASecond(times) <= 20, `${times.map(Math.round)}`)
    assert.ok(failed.length <= 80, `${failed.length} attempts in 4 s`)
    assert.ok(
      dialled.every(each => each.error !== undefined && each.ms < 1000 + LATE),
      'each is answered in time',
    )
    const late = dialled.slice(-400)
    for (const each of late) {
      const causes = causesOf(each)
      assert.ok(
        addresses.every(address => causes.some(({ message }) => message.includes(`ECONNREFUSED ${address}`))),
      )
    }
  })

  test('no dial fails where DNS names others a second later', async t => {
    const { alb, load } = await setUp(t, { count: 3 })
    for (const each of alb.listed) alb.kill(each)
    const change = sleep(1000).then(async () => alb.list([await alb.start(), await alb.start()]))
    const dialled = await load(200, 2500)
    await change
    assert.deepEqual(
      dialled.flatMap(each => each.error ?? []),
      [],
    )
  })

  test('one with a wrong certificate costs a few TLS handshakes a second, and no more', async t => {
    const { alb, load, failed, first } = await setUp(t, { secure: true, connectTimeoutMs: 400 })
    await alb.fault(first, 'wrong-certificate')
    await load(50, 3000)
    assert.ok(failed.length >= 3, `${failed.length} attempts`)
    assert.ok(mostInASecond(failed.map(each => each.at)) <= 8, `${failed.length} attempts`)
  })

  for (const fault of ['drop', 'hang'] as const) {
    test(`one with the fault ${fault} that is the only one gets a few attempts a second`, async t => {
      const { alb, load, first } = await setUp(t, { secure: true, connectTimeoutMs: 800 })
      await alb.fault(first, fault)
      const dialled = load(100, 3000)
      await sleep(1500)
      const node = alb.nodes.get(first)
      const before = node?.accepted ?? 0
      await dialled
      assert.ok((node?.accepted ?? 0) - before < 20, `${node?.accepted} attempts, ${before} before`)
      assert.ok((await dialled).every(each => each.ms < 1600 + LATE))
    })
  }

  for (const secure of [false, true]) {
    test(`the first dial after the only address is back succeeds within a second, however long that was away (TLS: ${secure})`, async t => {
      const { alb, dial, load, first } = await setUp(t, { secure, connectTimeoutMs: 500 })
      if (secure) await alb.fault(first, 'wrong-certificate')
      else alb.kill(first)
      await load(20, 2500)
      if (secure) await alb.heal(first)
      else await alb.start(first)
      const { address, ms } = await dial()
      assert.equal(address, first)
      assert.ok(ms < 1000 + LATE, `${ms} ms`)
    })
  }

  test('once all have failed for 2 × CONNECT_TIMEOUT, a dial ends when each has failed once more', async t => {
    const { alb, dial, dialler, load, failed } = await setUp(t, { count: 2, connectTimeoutMs: 1500 })
    for (const each of alb.listed) alb.kill(each)
    await load(5, 3200)
    const attempts = failed.length
    const { error, ms } = await dial()
    assert.ok(error instanceof GatewayError && ms < 2500, `${ms} ms`)
    const since = failed.slice(attempts).map(each => each.address)
    assert.deepEqual(
      since.sort(),
      dialler
        .failing()
        .map(each => each.address)
        .sort(),
    )
  })

  test('the dials that wait when an address is back all succeed', async t => {
    const { alb, load, first } = await setUp(t, { secure: true, connectTimeoutMs: 3000 })
    alb.kill(first)
    const back = sleep(1200).then(() => alb.start(first))
    const dialled = await load(20, 2000)
    await back
    assert.deepEqual(
      dialled.flatMap(each => each.error ?? []),
      [],
    )
  })

  test('one of two is tried by one attempt at a time, whatever the load, and the other one is used at once', async t => {
    const { alb, load, failed, first, second } = await setUp(t, { count: 2, secure: true })
    await alb.fault(first, 'hang')
    const node = alb.nodes.get(first)
    while (failed.length === 0) await load(20, 100)
    let most = 0
    const watch = setInterval(() => {
      most = Math.max(most, node?.connections ?? 0)
    }, 2)
    const dialled = await load(20, 2000)
    clearInterval(watch)
    assert.deepEqual(new Set(dialled.map(each => each.address)), new Set([second]))
    assert.ok(most <= 1, `${most} at a time`)
    const median = dialled.map(each => each.ms).sort((a, b) => a - b)[dialled.length >> 1] ?? Number.NaN
    assert.ok(median < 200, `${median} ms`)
  })

  for (const perSecond of [0, 20]) {
    test(`one of two is noticed to be back with ${perSecond} dials a second`, async t => {
      const { alb, dial, dialler, failed, load, first, second } = await setUp(t, { count: 2 })
      alb.kill(first)
      while (failed.length === 0) await dial()
      await alb.start(first)
      while (dialler.failing().length > 0) {
        if (perSecond > 0) await load(perSecond, 200)
        else await sleep(20)
      }
      // it has fewer connections than the other one by now
      assert.equal((await dial()).address, first)
      assert.notEqual(first, second)
    })
  }

  test('a failing address is told with its error, since when it fails and when it is tried next', async t => {
    const { alb, dial, dialler, failed, first } = await setUp(t, { count: 2 })
    assert.deepEqual(dialler.failing(), [])
    alb.kill(first)
    while (failed.length === 0) await dial()
    const [failing, ...others] = dialler.failing()
    assert.deepEqual(others, [])
    assert.equal(failing?.address, first)
    assert.match(String(failing?.error), /ECONNREFUSED/)
    assert.ok(Math.abs(Date.now() - Number(failing?.since)) < LATE)
    assert.ok(Number(failing?.nextAttempt) > Number(failing?.since))
    await until(() => (dialler.failing()[0]?.attempts ?? 0) >= 3)
    assert.equal(Number(dialler.failing()[0]?.since), Number(failing?.since))
  })

  test('one that is gone from DNS is told and tried no more', async t => {
    const { alb, cache, dial, failed, first, second } = await setUp(t, { count: 2 })
    alb.kill(first)
    while (failed.length === 0) await dial()
    alb.list([second])
    for (let i = 0; i < 2; i++) {
      await sleep(260)
      await cache.refresh()
    }
    assert.deepEqual(cache.addresses.departed, [first])
    await dial()
    const attempts = failed.length
    await sleep(1000)
    assert.equal(failed.length, attempts)
  })

  test('an address that comes back into DNS is as good as new', async t => {
    const { alb, cache, dial, dialler, failed, first, second } = await setUp(t, { count: 2 })
    alb.kill(first)
    while (failed.length === 0) await dial()
    const list = async (...addresses: string[]) => {
      alb.list(addresses)
      await sleep(260)
      await cache.refresh()
    }
    await list(second)
    await list(second)
    await alb.start(first)
    await list(first, second)
    assert.deepEqual(dialler.failing(), [])
    assert.equal((await dial()).address, first)
  })

  test('a closed dialler tries no address any more', async t => {
    const { alb, dial, dialler, failed, first } = await setUp(t, { count: 2 })
    alb.kill(first)
    while (failed.length === 0) await dial()
    dialler.close()
    const attempts = failed.length
    await sleep(600)
    assert.equal(failed.length, attempts)
  })
})
