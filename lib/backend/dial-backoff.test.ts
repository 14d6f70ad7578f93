import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Attempt } from '../../test/dialler.ts'
import { type Dialled, setUp } from '../../test/failing-addresses.ts'
import { ownTime } from '../../test/own-time.ts'
import { eventually } from '../../test/raw.ts'
import { GatewayError } from '../http/errors.ts'

// What addresses that fail cost.

/** The most of these that begin within one second. */
function mostInASecond(attempts: readonly Attempt[]): number {
  const times = attempts.map(each => each.startedAt)
  return Math.max(0, ...times.map(from => times.filter(at => at >= from && at < from + 1000).length))
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
      await eventually(() => retries().length > 1)
      assert.ok(mostInASecond(retries()) <= 8, `${retries().length} attempts`)
      assert.ok(dialled.every(each => each.inTime))
    })
  }

  test('once all have failed for 2 × CONNECT_TIMEOUT, a dial ends when each has failed once more', async t => {
    const { alb, dial, dialler, load, failed } = await setUp(t, { count: 2, connectTimeoutMs: 1500 })
    for (const each of alb.listed) alb.kill(each)
    await load(5, 3200)
    await eventually(() => dialler.failing().every(({ since }) => Date.now() - Number(since) > 3000))
    const attempts = failed.length
    const dialled = dial()
    assert.ok((await ownTime(dialled)) < 2500, 'sooner than after 2 × CONNECT_TIMEOUT')
    assert.ok((await dialled).error instanceof GatewayError)
    const since = failed.slice(attempts).map(each => each.address)
    assert.deepEqual(new Set(since), new Set(alb.listed))
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
    await eventually(() => retries().length > 1)
    const ends = retries().map(each => each.failedAt)
    const next = retries().slice(1)
    assert.ok(
      next.every(({ startedAt }, i) => startedAt >= (ends[i] ?? Number.NaN)),
      'each begins when the one before has ended',
    )
    // a dial that came to it first would be one more
    assert.ok(after - before <= retries().length, `${after - before} attempts for ${dialled.length} dials`)
  })
})
