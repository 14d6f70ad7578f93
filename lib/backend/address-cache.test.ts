import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type DnsBehaviour, startDns } from '../../testing/dns.ts'
import { type AddressCache, createAddressCache } from './address-cache.ts'
import { createResolver } from './resolver.ts'

const NAME = 'api.dev.jp'
const [A, B, C, D] = ['127.1.0.1', '127.1.0.2', '127.1.0.3', '127.1.0.4'] as const

type Options = { addresses?: string[]; maxTtlMs?: number; how?: DnsBehaviour }

/** An address cache with a DNS server of its own, asked once; `told` is all that it has emitted. */
async function open(t: TestContext, { addresses = [A, B], maxTtlMs = 60_000, how = 'answer' }: Options = {}) {
  const dns = await startDns()
  dns.list(NAME, addresses, 60)
  dns.behave(how)
  const cache = createAddressCache(createResolver(NAME, [dns.address], '4'), maxTtlMs)
  const told: string[] = []
  for (const change of ['added', 'departed'] as const)
    cache.changes.on(change, each => told.push(`${change} ${each.join(' ')}`))
  for (const change of ['stale', 'fresh'] as const) cache.changes.on(change, () => told.push(change))
  t.after(async () => {
    cache.close()
    await dns.close()
  })
  await cache.refresh()
  const list = (...listed: string[]) => dns.list(NAME, listed, 60)
  return { dns, cache, told, list }
}

/** One more answer, past the rate limit. */
async function again(cache: AddressCache) {
  await sleep(260)
  await cache.refresh()
}

async function failsAgain(cache: AddressCache) {
  const { stale } = cache.addresses
  while (cache.addresses.stale === stale) await sleep(5)
}

const numbered = (net: number) => Array.from({ length: 20 }, (_, i) => `127.${net}.0.${i + 1}`)

// each has its own DNS server and waits for the rate limit most of the time
describe('the address cache', { concurrency: true }, () => {
  test('a first answer is listed, told and frozen', async t => {
    const { cache, told } = await open(t)
    const { listed, missing, departed, answer, stale } = cache.addresses
    assert.deepEqual([listed, missing, departed, stale], [[A, B], [], [], undefined])
    assert.equal(answer?.ttlMs, 60_000)
    assert.ok(Date.now() - Number(answer?.at) < 2000)
    assert.deepEqual(told, [`added ${A} ${B}`, 'fresh'])
    assert.ok(Object.isFrozen(cache.addresses) && Object.isFrozen(listed))
  })

  test('an address that one answer lacks is missing, and departs with the second in a row', async t => {
    const { cache, told, list } = await open(t)
    list(A)
    await again(cache)
    assert.deepEqual(cache.addresses.missing, [B])
    assert.deepEqual(cache.addresses.departed, [])
    assert.equal(told.includes(`departed ${B}`), false)
    await again(cache)
    assert.deepEqual(cache.addresses.listed, [A])
    assert.deepEqual(cache.addresses.missing, [])
    assert.deepEqual(cache.addresses.departed, [B])
    assert.equal(told.at(-1), `departed ${B}`)
  })

  test('one answer counts once, however many asked for it', async t => {
    const { cache, list } = await open(t)
    list(A)
    await sleep(260)
    await Promise.all(Array.from({ length: 10 }, () => cache.refresh()))
    assert.deepEqual([cache.addresses.missing, cache.addresses.departed], [[B], []])
  })

  test('an address that is back after one answer without it never left', async t => {
    const { cache, told, list } = await open(t)
    list(A)
    await again(cache)
    list(A, B)
    await again(cache)
    assert.deepEqual(cache.addresses.listed, [A, B])
    assert.deepEqual(told, [`added ${A} ${B}`, 'fresh'])
  })

  test('a departed address that comes back is added again and no longer departed', async t => {
    const { cache, told, list } = await open(t)
    list(A)
    await again(cache)
    await again(cache)
    list(A, B)
    await again(cache)
    assert.deepEqual(cache.addresses.departed, [])
    assert.deepEqual(told, [`added ${A} ${B}`, 'fresh', `departed ${B}`, `added ${B}`])
  })

  test('answers that list two halves in turn make nothing depart', async t => {
    const { dns, cache, told, list } = await open(t, { addresses: [] })
    dns.subset = 2
    list(A, B, C, D)
    for (let i = 0; i < 5; i++) {
      await again(cache)
      assert.equal(cache.addresses.listed.length, 2)
    }
    assert.deepEqual([...cache.addresses.listed, ...cache.addresses.missing].sort(), [A, B, C, D])
    assert.deepEqual(
      told.filter(each => /added|departed/.test(each)),
      [`added ${A} ${B}`, `added ${C} ${D}`],
    )
  })

  test('no more than the newest sixteen departed addresses are remembered', async t => {
    const { cache, list } = await open(t, { addresses: numbered(2) })
    list(...numbered(3).slice(0, 3))
    await again(cache)
    await again(cache)
    assert.deepEqual(cache.addresses.departed, numbered(2).slice(-16))
    list(A)
    await again(cache)
    await again(cache)
    assert.deepEqual(cache.addresses.departed, [...numbered(2).slice(-13), ...numbered(3).slice(0, 3)])
  })

  for (const how of ['silent', 'servfail', 'nxdomain', 'empty'] as const) {
    test(`${how}: the last good addresses stay, stale is told once, fresh when DNS is back`, async t => {
      const { dns, cache, told, list } = await open(t, { maxTtlMs: 250 })
      dns.behave(how)
      const [reason]: unknown[] = await once(cache.changes, 'stale')
      assert.ok(reason instanceof Error && cache.addresses.stale?.reason === reason)
      const { since } = cache.addresses.stale
      await failsAgain(cache)
      assert.deepEqual(cache.addresses.listed, [A, B])
      assert.deepEqual([cache.addresses.missing, cache.addresses.departed], [[], []])
      assert.equal(cache.addresses.stale?.since, since)

      list(A, B, C)
      dns.behave('answer')
      await once(cache.changes, 'fresh')
      assert.equal(cache.addresses.stale, undefined)
      assert.deepEqual(told, [`added ${A} ${B}`, 'fresh', 'stale', `added ${C}`, 'fresh'])
    })
  }

  test('an address does not depart while DNS fails, however often', async t => {
    const { dns, cache, told, list } = await open(t)
    list(A)
    await again(cache)
    dns.behave('servfail')
    await again(cache)
    await again(cache)
    assert.deepEqual(cache.addresses.missing, [B])
    assert.equal(told.includes(`departed ${B}`), false)
  })

  test('DNS that is down at the start leaves the address cache empty, which fills by itself later', async t => {
    const day = 86_400_000
    const { dns, cache, told } = await open(t, { how: 'servfail', maxTtlMs: day })
    assert.deepEqual([cache.addresses.listed, cache.addresses.answer, told], [[], undefined, ['stale']])
    dns.behave('answer')
    await once(cache.changes, 'fresh')
    assert.deepEqual(cache.addresses.listed, [A, B])
    assert.equal(cache.addresses.stale, undefined)
  })

  test('an answer that comes after close() changes nothing', async t => {
    const { cache, told, list } = await open(t)
    list(A, B, C)
    await sleep(260)
    const late = cache.refresh()
    cache.close()
    await late
    assert.deepEqual(cache.addresses.listed, [A, B])
    assert.deepEqual(told, [`added ${A} ${B}`, 'fresh'])
  })
})

test('a departed address is forgotten after five minutes', async t => {
  const { cache, list } = await open(t)
  list(A)
  await again(cache)
  await again(cache)
  assert.deepEqual(cache.addresses.departed, [B])
  const later = performance.now() + 301_000
  t.mock.method(performance, 'now', () => later)
  await cache.refresh()
  assert.deepEqual(cache.addresses.departed, [])
})
