import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { withDialler } from '../../test/dialler.ts'
import { ownTime } from '../../test/own-time.ts'
import { GatewayError } from '../http/errors.ts'

// What a dial does when the addresses that it knows fail: it asks DNS, tries again, and in the end gives up.

/** What may come behind a time that is over: an attempt that is under way. */
const MORE = 500

async function setUp(t: TestContext, options?: Parameters<typeof withDialler>[1]) {
  const dialler = await withDialler(t, options)
  /** The error of a dial that fails, after how many milliseconds, and how many of them were this process' own. */
  async function failing() {
    const started = performance.now()
    const dialled = dialler.dial()
    const own = ownTime(dialled)
    const error = await dialled.catch((error: unknown) => error)
    const ms = performance.now() - started
    await setImmediate()
    assert.ok(error instanceof GatewayError, `it is ${error}`)
    const causes: Error[] = error.cause instanceof AggregateError ? error.cause.errors : []
    return { error, ms, ownMs: await own, causes }
  }
  return { ...dialler, failing }
}

// most of them wait most of the time
describe('a dial', { concurrency: 4 }, () => {
  for (const fault of ['refuse', 'drop', 'wrong-certificate'] as const) {
    test(`a dial whose only address has the fault ${fault} finds the one that DNS lists now`, async t => {
      const { dns, alb, dial, first } = await setUp(t)
      await alb.fault(first, fault)
      const fresh = await alb.start()
      alb.list([fresh])
      assert.equal(await dial(), fresh)
      assert.ok(dns.queries.length >= 2, 'DNS was asked')
    })
  }

  test('many dials that fail at once ask DNS once', async t => {
    const { dns, alb, cache, dial, first } = await setUp(t)
    alb.kill(first)
    const fresh = await alb.start()
    alb.list([fresh])
    await sleep(260)
    // those that wait for a slow handshake ask again
    let questions = Number.NaN
    cache.changes.once('added', () => {
      questions = dns.queries.length
    })
    const reached = await Promise.all(Array.from({ length: 10 }, dial))
    assert.deepEqual(new Set(reached), new Set([fresh]))
    assert.ok(questions <= 3, `${questions} questions`)
  })

  test('a dial that succeeds asks nothing of DNS', async t => {
    const { dns, dial } = await setUp(t, { secure: false })
    const asked = dns.queries.length
    await dial()
    assert.equal(dns.queries.length, asked)
  })

  test('a backend that is back 500 ms later is reached by the same dial', async t => {
    const { alb, dial, failed, first } = await setUp(t)
    alb.kill(first)
    const dialled = dial()
    await sleep(500)
    await alb.start(first)
    assert.equal(await dialled, first)
    assert.ok(failed.length > 0, 'it was refused at first')
  })

  test('an unreachable backend is given up within twice CONNECT_TIMEOUT, with the cause of every address', async t => {
    const { alb, failing, first, second } = await setUp(t, { count: 2, connectTimeoutMs: 400 })
    alb.kill(first)
    alb.kill(second)
    const { error, causes, ms, ownMs } = await failing()
    assert.equal(error.code, 'BACKEND_UNREACHABLE')
    assert.ok(ms > 400 && ownMs < 800 + MORE, `${ms} ms`)
    for (const address of [first, second]) {
      assert.ok(causes.some(each => each.message.includes(`ECONNREFUSED ${address}`)))
    }
  })

  test('a backend that answers nowhere is given up after twice CONNECT_TIMEOUT, were its addresses many', async t => {
    const { alb, failing } = await setUp(t, { count: 8, connectTimeoutMs: 600 })
    for (const address of alb.listed) await alb.fault(address, 'hang')
    const { error, causes, ms, ownMs } = await failing()
    assert.equal(error.code, 'BACKEND_UNREACHABLE')
    assert.ok(ms >= 1195 && ownMs < 1200 + MORE, `${ms} ms`)
    assert.ok(causes.length > 0 && causes.every(each => 'code' in each && each.code === 'ETIMEDOUT'))
  })

  test('a certificate of somebody else is never accepted, were there nothing else', async t => {
    const { alb, failing, first } = await setUp(t, { connectTimeoutMs: 500 })
    await alb.fault(first, 'wrong-certificate')
    const { error, causes } = await failing()
    assert.equal(error.code, 'BACKEND_UNREACHABLE')
    const codes = causes.map(each => 'code' in each && each.code)
    assert.deepEqual(new Set(codes), new Set(['ERR_TLS_CERT_ALTNAME_INVALID']))
  })

  test('an empty address cache is given up within twice CONNECT_TIMEOUT, with what DNS said as the cause', async t => {
    const { failing } = await setUp(t, { dnsAtStart: 'servfail', connectTimeoutMs: 150 })
    const { error, ms, ownMs } = await failing()
    assert.equal(error.code, 'BACKEND_UNKNOWN')
    assert.ok(error.cause instanceof Error && 'code' in error.cause && error.cause.code === 'ESERVFAIL')
    assert.ok(ms > 250 && ownMs < 300 + MORE, `${ms} ms`)
  })

  test('dials that found the address cache empty go on when DNS answers for the first time', async t => {
    const { dns, alb, dial } = await setUp(t, { dnsAtStart: 'servfail' })
    const dialled = Promise.all([dial(), dial()])
    await sleep(300)
    dns.behave('answer')
    assert.deepEqual(await dialled, [alb.listed[0], alb.listed[0]])
  })

  test('dials that have tried all addresses go on as soon as there is a new one', async t => {
    const { alb, cache, dial, first } = await setUp(t, { connectTimeoutMs: 3000 })
    alb.kill(first)
    const dialled = dial()
    await sleep(1700) // the pause from 1550 to 3150 ms
    const fresh = await alb.start()
    alb.list([fresh])
    while (!cache.addresses.listed.includes(fresh)) await Promise.all([cache.refresh(), sleep(20)])
    const ms = await ownTime(dialled)
    assert.equal(await dialled, fresh)
    assert.ok(ms < 800, `${ms} ms later`)
  })

  test('a dial that comes just behind an answer of DNS is not given up by that answer', async t => {
    // DNS is asked twice in 500 ms at most, and the new address is dialled: all within twice this
    const { alb, cache, dial, first } = await setUp(t, { connectTimeoutMs: 1500 })
    alb.kill(first)
    await assert.rejects(dial())
    const fresh = await alb.start()
    await cache.askAnew()
    alb.list([fresh])
    assert.equal(await dial(), fresh)
  })

  test('a departed address gets no connection while a listed one can be had', async t => {
    const { alb, dial, settleOn, first, second } = await setUp(t, { count: 2 })
    await settleOn([first])
    for (let i = 0; i < 10; i++) assert.equal(await dial(), first)
    assert.equal(alb.nodes.get(second)?.accepted, 0)
  })

  test('a departed address is the last resort, once DNS has nothing better', async t => {
    const { dns, alb, dial, settleOn, first, second } = await setUp(t, { count: 2 })
    await settleOn([first])
    alb.kill(first)
    const asked = dns.queries.length
    await sleep(260)
    assert.equal(await dial(), second)
    assert.ok(dns.queries.length > asked)
  })

  test('a departed address does not overtake a listed one that is only slow', async t => {
    const { alb, dial, settleOn, first, second } = await setUp(t, { count: 2, connectTimeoutMs: 800 })
    await settleOn([first])
    await alb.fault(first, 'hang')
    const started = performance.now()
    assert.equal(await dial(), second)
    const ms = performance.now() - started
    assert.ok(ms >= 795, `it is tried after ${ms} ms, when the listed one has had its CONNECT_TIMEOUT`)
  })

  test('what DNS lists only now comes before a departed address', async t => {
    const { alb, dial, settleOn, first, second } = await setUp(t, { count: 2 })
    await settleOn([first])
    alb.kill(first)
    const fresh = await alb.start()
    alb.list([fresh])
    await sleep(260)
    assert.equal(await dial(), fresh)
    assert.equal(alb.nodes.get(second)?.accepted, 0)
  })

  test('a silent DNS does not keep the last resort waiting for long', async t => {
    const { dns, alb, dial, settleOn, first, second } = await setUp(t, { count: 2 })
    await settleOn([first])
    alb.kill(first)
    dns.behave('silent')
    await sleep(260)
    const dialled = dial()
    const ms = await ownTime(dialled)
    assert.equal(await dialled, second)
    assert.ok(ms < 1000, `${ms} ms`)
  })

  test('over plain http a departed address is no resort at all: nobody vouches for it', async t => {
    const plain = { count: 2, secure: false, connectTimeoutMs: 200 }
    const { alb, failing, settleOn, first, second } = await setUp(t, plain)
    await settleOn([first])
    alb.kill(first)
    assert.equal((await failing()).error.code, 'BACKEND_UNREACHABLE')
    assert.equal(alb.nodes.get(second)?.accepted, 0)
  })

  test('plain http reaches another address when one is refused', async t => {
    const { alb, dial, failed, first, second } = await setUp(t, { count: 2, secure: false })
    alb.kill(first)
    assert.deepEqual([await dial(), await dial(), await dial()], [second, second, second])
    assert.deepEqual(new Set(failed.map(each => each.address)), new Set([first]))
  })

  test('answers for another name cost no connection: over TLS the right addresses are still found', async t => {
    const { dns, alb, cache, dial, settleOn, first } = await setUp(t)
    const stranger = await alb.start()
    await alb.fault(stranger, 'wrong-certificate')
    dns.behave('wrong-name') // which c-ares does not tell apart
    await settleOn([stranger])
    assert.deepEqual([cache.addresses.listed, cache.addresses.departed], [[stranger], [first]])
    assert.equal(await dial(), first)
  })
})
