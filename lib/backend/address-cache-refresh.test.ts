import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type DnsServer, startDns } from '../../testing/dns.ts'
import { createAddressCache } from './address-cache.ts'
import { createResolver } from './resolver.ts'

// When the address cache asks DNS.

async function open(t: TestContext, options: { ttl: number; maxTtlMs: number; count?: number }) {
  const dns = await startDns()
  const names = Array.from({ length: options.count ?? 1 }, (_, i) => `api${i}.dev.jp`)
  /** when each cache asked DNS */
  const asked = names.map((): number[] => [])
  const caches = names.map((name, i) => {
    dns.list(name, ['127.1.0.1'], options.ttl)
    const resolve = createResolver(name, [dns.address], '4')
    const ask = () => {
      asked[i]?.push(performance.now())
      return resolve()
    }
    return createAddressCache(ask, options.maxTtlMs)
  })
  t.after(async () => {
    for (const cache of caches) cache.close()
    await dns.close()
  })
  await Promise.all(caches.map(cache => cache.refresh()))
  return { dns, names, caches, asked }
}

async function queries(dns: DnsServer, count: number) {
  for (const deadline = Date.now() + 60_000; dns.queries.length < count; await sleep(5)) {
    assert.ok(Date.now() < deadline, `${dns.queries.length} queries in a minute`)
  }
}

const gaps = (asked: readonly number[][]) =>
  asked.flatMap(times => times.slice(1).map((at, i) => at - (times[i] ?? Number.NaN)))

describe('the refresh', { concurrency: 4 }, () => {
  test('comes in the background when 80 to 100 % of the TTL are over, by chance', async t => {
    const timers = t.mock.method(globalThis, 'setTimeout')
    const { dns } = await open(t, { ttl: 3, maxTtlMs: 60_000, count: 12 })
    // the first of each cache, or of what else runs in this process
    const delays = timers.mock.calls
      .map(each => Number(each.arguments[1]))
      .filter(ms => ms >= 2400 && ms <= 3000)
    timers.mock.restore()
    assert.ok(delays.length >= 12, `${delays}`)
    assert.ok(Math.max(...delays) > Math.min(...delays) + 60, `${delays}`)
    await queries(dns, 24)
  })

  test('comes after the longest time in the cache where the TTL is of days', async t => {
    const { dns, asked } = await open(t, { ttl: 172_800, maxTtlMs: 500 })
    await queries(dns, 4)
    for (const gap of gaps(asked)) assert.ok(gap >= 390, `${gap} ms`)
  })

  test('of a TTL of 0 comes no sooner than after 250 ms', async t => {
    const { dns, asked } = await open(t, { ttl: 0, maxTtlMs: 60_000 })
    await queries(dns, 4)
    for (const gap of gaps(asked)) assert.ok(gap >= 240, `${gap} ms`)
  })

  test('that several ask for at once is one question', async t => {
    const { asked, caches } = await open(t, { ttl: 60, maxTtlMs: 60_000 })
    await sleep(260)
    await Promise.all(Array.from({ length: 10 }, () => caches[0]?.refresh()))
    assert.equal(asked[0]?.length, 2)
  })

  test('that is asked for all the time comes every 250 ms at most, but for one', async t => {
    const { dns, caches, asked } = await open(t, { ttl: 60, maxTtlMs: 60_000 })
    while (dns.queries.length < 6) {
      await caches[0]?.refresh()
      await sleep(1)
    }
    // one early in any stretch: where a question came late, on a busy machine, that is the next
    const [times = []] = asked
    const isKept = (from: number, i: number) =>
      times.slice(i + 1).every((at, count) => at - from >= count * 250 - 10)
    assert.ok(times.every(isKept), gaps(asked).join(' '))
  })

  test('that is asked for waits for the 250 ms of no other that came just before', async t => {
    const { dns, caches, names } = await open(t, { ttl: 60, maxTtlMs: 60_000 })
    dns.list(names[0] ?? '', ['127.1.0.2'])
    await caches[0]?.refresh()
    assert.deepEqual(caches[0]?.addresses.listed, ['127.1.0.2'])
  })

  test('that was asked for brings what DNS lists now', async t => {
    const { dns, caches, names } = await open(t, { ttl: 60, maxTtlMs: 60_000 })
    dns.list(names[0] ?? '', ['127.1.0.2'])
    await sleep(260)
    await caches[0]?.refresh()
    assert.deepEqual(caches[0]?.addresses.listed, ['127.1.0.2'])
  })

  test('ends with close()', async t => {
    const { asked, caches } = await open(t, { ttl: 60, maxTtlMs: 250 })
    caches[0]?.close()
    await sleep(600)
    await caches[0]?.refresh()
    assert.equal(asked[0]?.length, 1)
  })
})

test('the refresh goes on for ever on a busy event loop, where timers fire a moment early', async t => {
  const { dns, names } = await open(t, { ttl: 60, maxTtlMs: 250, count: 10 })
  let turning = true
  const turn = () => {
    if (turning) setImmediate(turn)
  }
  turn()
  try {
    const asked = (name: string) => dns.queries.filter(each => each.name === name).length
    while (names.some(name => asked(name) < 5)) await queries(dns, dns.queries.length + 1)
  } finally {
    turning = false
  }
})

test('a literal address needs no timer', async () => {
  const timers = () => process.getActiveResourcesInfo().filter(each => each === 'Timeout').length
  const before = timers()
  const cache = createAddressCache(createResolver('127.0.0.1', [], '4'), 250)
  await cache.refresh()
  assert.deepEqual(cache.addresses.listed, ['127.0.0.1'])
  assert.equal(timers(), before)
})

test('a process ends by itself once the address cache is closed, also with a question under way', async () => {
  const script = `
    const { startDns } = await import('./testing/dns.ts')
    const { createResolver } = await import('./lib/backend/resolver.ts')
    const { createAddressCache } = await import('./lib/backend/address-cache.ts')
    const dns = await startDns()
    dns.list('api.dev.jp', ['127.1.0.1'])
    const cache = createAddressCache(createResolver('api.dev.jp', [dns.address], '4'), 250)
    await cache.refresh()
    dns.behave('silent')
    while (dns.queries.length < 2) await new Promise(resolve => setTimeout(resolve, 5))
    cache.close()
    await dns.close()
    console.log('closed')`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: new URL('../..', import.meta.url),
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
  })
  let said = ''
  child.stdout.on('data', chunk => {
    said += chunk
  })
  const [code]: unknown[] = await once(child, 'close')
  assert.deepEqual([said.trim(), code], ['closed', 0])
})
