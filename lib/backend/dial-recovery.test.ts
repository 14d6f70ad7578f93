import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { setUp } from '../../test/failing-addresses.ts'
import { eventually } from '../../test/raw.ts'

// When addresses that failed are used again, and what is told of them meanwhile.

describe('addresses that failed', { concurrency: 2 }, () => {
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
    await eventually(() => (dialler.failing()[0]?.attempts ?? 0) >= 3)
    assert.equal(Number(dialler.failing()[0]?.since), since)
  })

  test('one that is gone from DNS is told and tried no more', async t => {
    const { alb, cache, dial, failed, settleOn, first, second } = await setUp(t, { count: 2 })
    alb.kill(first)
    while (failed.length === 0) await dial()
    await settleOn([second])
    assert.deepEqual(cache.addresses.departed, [first])
    const departedAt = performance.now()
    await dial()
    await sleep(1000)
    assert.ok(failed.every(each => each.startedAt <= departedAt))
  })

  test('an address that comes back into DNS is as good as new', async t => {
    const { alb, dial, dialler, failed, settleOn, first, second } = await setUp(t, { count: 2 })
    alb.kill(first)
    while (failed.length === 0) await dial()
    await settleOn([second])
    await alb.start(first)
    await settleOn([first, second])
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
