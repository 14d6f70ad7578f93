import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { pino } from 'pino'
import { createExpectations } from './expectation.ts'
import type { Reaction } from './probe.ts'

const A = '10.0.0.7'
const CONNECT_TIMEOUT_MS = 1000
const CONTINUES: Reaction = { does: 'continues', ms: 2 }

/** Addresses that react so, and a clock that the test moves. */
function setUp(t: TestContext, reaction: Reaction = CONTINUES) {
  let nowMs = 1_000_000
  t.mock.method(performance, 'now', () => nowMs)
  const probed: string[] = []
  const set: { reaction: Reaction | Promise<Reaction> } = { reaction }
  const probe = async (address: string) => {
    probed.push(address)
    return set.reaction
  }
  const known = createExpectations(probe, CONNECT_TIMEOUT_MS, pino({ level: 'silent' }))
  const probeNow = async (address = A) => {
    known.probeIfDue(address)
    await turn()
  }
  const prove = async () => {
    await probeNow()
    known.continued(A, 2)
  }
  const pass = (ms: number) => {
    nowMs += ms
  }
  return { known, probed, set, probeNow, prove, pass }
}

test('an address is not relied on before a probe has passed and a login has been answered with 100', async t => {
  const { known, probeNow } = setUp(t)
  assert.equal(known.isProven(A), false)
  known.continued(A, 2)
  assert.equal(known.isProven(A), false, 'a 100 alone may come from a handler that reads its body')
  await probeNow()
  assert.deepEqual([known.isProbed(A), known.isProven(A)], [true, false])
  known.continued(A, 2)
  assert.equal(known.isProven(A), true)
})

for (const reaction of [
  { does: 'answers', status: 404 },
  { does: 'answers', status: 417 },
  { does: 'nothing', cause: 'no 100 within 1000 ms' },
] as const) {
  test(`an address that ${reaction.does} ${'status' in reaction ? reaction.status : ''} is not relied on, and probed again after a minute`, async t => {
    const { known, probeNow, probed, pass } = setUp(t, reaction)
    await probeNow()
    assert.ok(known.isUnproven(A))
    known.continued(A, 2)
    assert.equal(known.isProven(A), false)
    pass(59_000)
    await probeNow()
    assert.equal(probed.length, 1)
    pass(2000)
    await probeNow()
    assert.equal(probed.length, 2)
  })
}

test('an address that has said nothing for 250 ms seems to say no 100, until its probe ends', async t => {
  const { known, set, probeNow, pass } = setUp(t)
  const { promise, resolve } = Promise.withResolvers<Reaction>()
  set.reaction = promise
  await probeNow()
  assert.ok(!known.isUnproven(A))
  pass(250)
  assert.ok(known.isUnproven(A))
  resolve(CONTINUES)
  await turn()
  assert.deepEqual([known.isUnproven(A), known.isProbed(A)], [false, true])
})

test('a proof is renewed while it is used, and runs out where it is not', async t => {
  const { known, probeNow, prove, probed, pass } = setUp(t)
  await prove()
  pass(29_000)
  await probeNow()
  assert.equal(probed.length, 1)
  pass(2000)
  await probeNow()
  assert.equal(probed.length, 2)
  pass(59_000)
  assert.ok(known.isProven(A))
  pass(2000)
  assert.ok(!known.isProven(A))
})

test('a renewal that fails takes the proof away', async t => {
  const { known, probeNow, prove, set, pass } = setUp(t)
  await prove()
  set.reaction = { does: 'answers', status: 404 }
  pass(31_000)
  await probeNow()
  assert.ok(known.isUnproven(A))
})

test('a contradiction takes the proof away at once, also from a probe that is under way', async t => {
  const { known, probeNow, prove, pass } = setUp(t)
  await prove()
  pass(31_000)
  known.probeIfDue(A)
  known.contradicted(A, { en: '417 to Expect: 100-continue', ja: '100-continue：417 で拒否' })
  await turn()
  assert.ok(known.isUnproven(A))
  await probeNow()
  assert.ok(known.isUnproven(A))
})

for (const [status, isRefused] of [
  [200, false],
  [302, false],
  [401, true],
  [503, true],
] as const) {
  test(`${status} in place of 100 takes the proof away at once, for a minute, and it has to be earned anew`, async t => {
    const { known, probeNow, prove, pass } = setUp(t)
    await prove()
    known.answered(A, status)
    assert.deepEqual([known.isProven(A), known.isUnproven(A), known.isRefused(A)], [false, true, isRefused])
    known.continued(A, 2)
    pass(59_000)
    await probeNow()
    assert.equal(known.isProven(A), false)
    pass(2000)
    await probeNow()
    assert.deepEqual([known.isProbed(A), known.isProven(A)], [true, false])
    known.continued(A, 2)
    assert.ok(known.isProven(A))
  })
}

test('each answer in place of 100 doubles the time until a proof can be earned anew, up to an hour', async t => {
  const { known, probeNow, prove, pass } = setUp(t)
  await prove()
  const minutes: number[] = []
  for (let i = 0; i < 8; i++) {
    known.answered(A, i % 2 === 0 ? 401 : 200)
    let waited = 0
    for (; !known.isProbed(A); waited++) {
      pass(60_000)
      await probeNow()
    }
    minutes.push(waited)
    known.continued(A, 2)
  }
  assert.deepEqual(minutes, [1, 2, 4, 8, 16, 32, 60, 60])
})

for (const status of [200, 401]) {
  test(`${status} in place of 100 takes the proofs of the other addresses away, too: they run the same software`, async t => {
    const { known, probeNow, prove } = setUp(t)
    const other = '10.0.0.8'
    await prove()
    await probeNow(other)
    known.continued(other, 2)
    assert.ok(known.isProven(other))
    known.answered(A, status)
    assert.deepEqual([known.isUnproven(A), known.isUnproven(other)], [true, true])
  })
}

test('a refusal in place of 100 does not complete a proof, and does not make good a contradiction', async t => {
  const { known, probeNow } = setUp(t)
  await probeNow()
  known.answered(A, 401)
  assert.deepEqual([known.isProven(A), known.isRefused(A)], [false, true])
  known.answered(A, 200)
  known.answered(A, 401)
  assert.deepEqual([known.isUnproven(A), known.isRefused(A)], [true, false])
})

test('an address whose connections are gone has to prove itself anew, for another server may be there', async t => {
  const { known, probeNow, prove, pass } = setUp(t)
  await prove()
  known.forget(A)
  assert.ok(!known.isProven(A))
  pass(2000)
  await probeNow()
  assert.deepEqual([known.isProbed(A), known.isProven(A)], [true, false])
})

test('an address where no connection can be set up keeps its proof for those that are open, until there is a new one', async t => {
  const { known, set, probeNow, prove, pass } = setUp(t)
  await prove()
  known.connected(A)
  known.unreachable(A)
  assert.ok(known.isProven(A))
  pass(31_000)
  set.reaction = { does: 'unreachable', cause: 'ETIMEDOUT' }
  await probeNow()
  assert.ok(known.isProven(A))
  known.connected(A)
  assert.ok(!known.isProven(A))
  pass(2000)
  set.reaction = CONTINUES
  await prove()
  known.connected(A)
  assert.ok(known.isProven(A))
})

test('each address proves for itself, on 100 addresses', async t => {
  const { known, probeNow, set } = setUp(t)
  const addresses = Array.from({ length: 100 }, (_, i) => `10.0.1.${i}`)
  for (const [i, address] of addresses.entries()) {
    set.reaction = i % 2 === 0 ? CONTINUES : { does: 'answers', status: 404 }
    await probeNow(address)
    known.continued(address, 2)
  }
  assert.deepEqual(
    addresses.map(each => known.isProven(each)),
    addresses.map((_, i) => i % 2 === 0),
  )
})

test('the time-out for 100 follows how fast the address says 100, between a floor and half of CONNECT_TIMEOUT', async t => {
  const { known, prove } = setUp(t)
  await prove()
  for (let i = 0; i < 20; i++) known.continued(A, 2)
  assert.equal(known.continueTimeoutMs(A), 100)
  for (let i = 0; i < 20; i++) known.continued(A, 200)
  const slower = known.continueTimeoutMs(A)
  assert.ok(slower > 200 && slower <= 500, `${slower} ms`)
  for (let i = 0; i < 20; i++) known.continued(A, 5000)
  assert.equal(known.continueTimeoutMs(A), 500)
})

test('while a login waits there for longer than that, an address is not relied on', async t => {
  const { known, prove } = setUp(t)
  await prove()
  const end = known.doubt(A)
  assert.ok(!known.isProven(A))
  end()
  assert.ok(known.isProven(A))
})
