import assert from 'node:assert/strict'
import type net from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { authority } from '../../test/backend.ts'
import { ownTime } from '../../test/own-time.ts'
import { startAlb } from '../../testing/alb.ts'
import { startDns } from '../../testing/dns.ts'
import { GatewayError } from '../http/errors.ts'
import { createAddressCache } from './address-cache.ts'
import { createDialler } from './dial.ts'
import { createResolver } from './resolver.ts'

// What addresses that fail cost, and when they are used again.

type Options = { count?: number; connectTimeoutMs?: number; secure?: boolean }
type Attempt = { address: string; error: unknown; startedAt: number; failedAt: number }
type Dialled = { inTime: boolean; address?: string; error?: unknown }

async function setUp(t: TestContext, options: Options = {}) {
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

/** The most of these that begin within one second. */
function mostInASecond(attempts: readonly Attempt[]): number {
  const times = attempts.map(each => each.startedAt)
  return Math.max(0, ...times.map(from => times.filter(at => at >= from && at < from + 1000).length))
}

async function until(condition: () => boolean) {
  for (const deadline = Date.now() + 60_000; !condition(); await sleep(5)) {
    assert.ok(Date.now() < deadline, 'it did not come to that in a minute')
  }
}

const causesOf = ({ error }: Dialled): readonly Error[] =>
  error instanceof GatewayError && error.cause instanceof AggregateError ? error.cause.errors : []

describe('addresses that fail', { concurrency: 2 }, () => {
  test('eight that refuse cost 20 attempts a second at most, whatever the load, and no dial more than 2 × CONNECT_TIMEOUT', async t => {
    const { alb, load, retries } = await setUp(t, { count: 8, connectTimeoutMs: 500 })
    const addresses = alb.listed
    for (const each of addresses) alb.kill(each)
    const dialled = await load(200, 4000)
    assert.ok(retries().length > 8, `${retries().length} attempts`)
    assert.ok(mostInASecond(retries()) <= 20, `${retries().map(each => Math.round(each.startedAt))}`)
    assert.ok(
      dialled.every(each => each.error !== undefined && each.inTime),
      'each is answered in time',
    )
    const late = dialled.slice(-100)
    for (const each of late) {
      const causes = causesOf(each)
      assert.ok(
        addresses.every(address => causes.some(({ message }) => message.includes(`ECONNREFUSED ${address}`))),
      )
    }
  })

  test('no dial fails where DNS names others a second later', async t => {
    const { alb, load } = await setUp(t, { count: 3, connectTimeoutMs: 3000 })
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
    const { alb, load, retries, first } = await setUp(t, { secure: true, connectTimeoutMs: 400 })
    await alb.fault(first, 'wrong-certificate')
    await load(50, 3000)
    assert.ok(retries().length > 0)
    assert.ok(mostInASecond(retries()) <= 8, `${retries().length} attempts`)
  })

  for (const fault of ['drop', 'hang'] as const) {
    test(`one with the fault ${fault} that is the only one gets a few attempts a second`, async t => {
      const { alb, load, retries, first } = await setUp(t, { secure: true, connectTimeoutMs: 800 })
      await alb.fault(first, fault)
      const dialled = await load(100, 3000)
      await until(() => retries().length > 1)
      assert.ok(mostInASecond(retries()) <= 8, `${retries().length} attempts`)
      assert.ok(dialled.every(each => each.inTime))
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
      // a second is twice the CONNECT_TIMEOUT
      assert.deepEqual(await dial(), { address: first, inTime: true })
    })
  }

  test('once all have failed for 2 × CONNECT_TIMEOUT, a dial ends when each has failed once more', async t => {
    const { alb, dial, dialler, load, failed } = await setUp(t, { count: 2, connectTimeoutMs: 1500 })
    for (const each of alb.listed) alb.kill(each)
    await load(5, 3200)
    await until(() => dialler.failing().every(({ since }) => Date.now() - Number(since) > 3000))
    const attempts = failed.length
    const dialled = dial()
    assert.ok((await ownTime(dialled)) < 2500, 'sooner than after 2 × CONNECT_TIMEOUT')
    assert.ok((await dialled).error instanceof GatewayError)
    const since = failed.slice(attempts).map(each => each.address)
    assert.deepEqual(new Set(since), new Set(alb.listed))
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
    const slow = { count: 2, secure: true, connectTimeoutMs: 1500 }
    const { alb, load, failed, retries, first, second } = await setUp(t, slow)
    await alb.fault(first, 'hang')
    while (failed.length === 0) await load(20, 100)
    const accepted = () => alb.nodes.get(first)?.accepted ?? 0
    const before = accepted()
    const dialled = await load(20, 2000)
    const after = accepted()
    assert.deepEqual(new Set(dialled.map(each => each.address)), new Set([second]))
    await until(() => retries().length > 1)
    const ends = retries().map(each => each.failedAt)
    const next = retries().slice(1)
    assert.ok(
      next.every(({ startedAt }, i) => startedAt >= (ends[i] ?? Number.NaN)),
      'each begins when the one before has ended',
    )
    // a dial that came to it first would be one more
    assert.ok(after - before <= retries().length, `${after - before} attempts for ${dialled.length} dials`)
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
    const killedAt = Date.now()
    alb.kill(first)
    while (failed.length === 0) await dial()
    const [failing, ...others] = dialler.failing()
    assert.deepEqual(others, [])
    assert.equal(failing?.address, first)
    assert.match(String(failing?.error), /ECONNREFUSED/)
    // of two clocks
    const since = Number(failing?.since)
    assert.ok(since > killedAt - 1000 && since < Date.now() + 1000, `${since - killedAt} ms`)
    assert.ok(Number(failing?.nextAttempt) > since)
    await until(() => (dialler.failing()[0]?.attempts ?? 0) >= 3)
    assert.equal(Number(dialler.failing()[0]?.since), since)
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
    const departedAt = performance.now()
    await dial()
    await sleep(1000)
    assert.ok(failed.every(each => each.startedAt <= departedAt))
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
    const closedAt = performance.now()
    await sleep(600)
    assert.ok(failed.every(each => each.startedAt <= closedAt))
  })
})
