import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { GatewayError } from '../../http/errors.ts'
import type { Taken } from './count.ts'
import { createQueue, type Permit } from './queue.ts'

/** Whoever still waits at the end of a test leaves. */
function staying(t: TestContext): AbortSignal {
  const end = new AbortController()
  t.after(() => end.abort())
  return end.signal
}

/** A count in which `free` points are left, and which answers only when it is let. */
function countWith(free: number) {
  const asked: (() => void)[] = []
  const count = {
    free,
    fullForMs: 1500,
    asked,
    take: async (): Promise<Taken> => {
      const full = count.free === 0
      if (count.slow) await new Promise<void>(resolve => asked.push(resolve))
      if (full) return { fullForMs: count.fullForMs }
      count.free--
      return {
        giveBack: async () => {
          count.free++
        },
      }
    },
    slow: false,
  }
  return count
}

const isTooMany = (error: unknown) => error instanceof GatewayError && error.code === 'TOO_MANY'

/** Who has entered by now, by their number; and who was refused. */
async function outcome(entering: Promise<Permit>[]) {
  const found = { entered: [] as number[], refused: [] as number[] }
  entering.forEach((each, i) => {
    each.then(
      () => found.entered.push(i),
      (error: unknown) => isTooMany(error) && found.refused.push(i),
    )
  })
  await sleep(5)
  return found
}

test('a point that comes back lets one in, the one who waited longest', async t => {
  const stays = staying(t)
  const { enter } = createQueue('address', countWith(2))
  const entering = Array.from({ length: 5 }, () => enter('key', stays))
  const [first] = await Promise.all(entering.slice(0, 2))
  assert.deepEqual((await outcome(entering)).entered, [0, 1])
  first?.release(false)
  assert.deepEqual((await outcome(entering)).entered, [0, 1, 2])
})

test('a failure lets nobody in, the last one sends all away with the time that is left', async t => {
  const stays = staying(t)
  const { enter } = createQueue('address', countWith(2))
  const entering = Array.from({ length: 5 }, () => enter('key', stays))
  const [first, second] = await Promise.all(entering.slice(0, 2))
  first?.release(true)
  assert.deepEqual(await outcome(entering), { entered: [0, 1], refused: [] })
  second?.release(true)
  assert.deepEqual(await outcome(entering), { entered: [0, 1], refused: [2, 3, 4] })
  await assert.rejects(enter('key', stays), { retryAfterSeconds: 2 })
})

test('keys do not wait for each other', async t => {
  const stays = staying(t)
  const [one, other] = [createQueue('address', countWith(1)), createQueue('account', countWith(1))]
  await one.enter('key', stays)
  await other.enter('key', stays)
  const none = createQueue('address', countWith(0))
  await assert.rejects(none.enter('another', stays), isTooMany)
})

test('who waits is let in when the window is over', async t => {
  const stays = staying(t)
  const count = countWith(1)
  count.fullForMs = 30
  const { enter } = createQueue('address', count)
  await enter('key', stays)
  const waiting = enter('key', stays)
  assert.deepEqual((await outcome([waiting])).entered, [])
  count.free = 1
  await waiting
})

test('who leaves while waiting is gone at once', async t => {
  const stays = staying(t)
  const { enter } = createQueue('address', countWith(1))
  await enter('key', stays)
  const left = new AbortController()
  const waiting = enter('key', left.signal)
  await sleep(5)
  left.abort(new Error('left'))
  const outcome = waiting.then(String, String)
  assert.match(await Promise.race([outcome, sleep(500, 'still waiting')]), /left/)
})

test('who leaves while the count is asked gives the point back, and the next one gets it', async t => {
  const stays = staying(t)
  const count = countWith(1)
  count.slow = true
  const { enter } = createQueue('address', count)
  const left = new AbortController()
  const leaving = enter('key', left.signal)
  const next = enter('key', stays)
  left.abort(new Error('left'))
  for (const answer of count.asked) answer()
  count.slow = false
  await assert.rejects(leaving, /left/)
  await next
  assert.equal(count.free, 0)
})

test('of two refused at the same time neither waits for the other', async t => {
  const stays = staying(t)
  const count = countWith(0)
  count.slow = true
  const { enter } = createQueue('address', count)
  const entering = [enter('key', stays), enter('key', stays)]
  for (const answer of count.asked) answer()
  count.slow = false
  assert.deepEqual((await outcome(entering)).refused.toSorted(), [0, 1])
})

test('a refusal that comes after a point was given back is asked again', async t => {
  const stays = staying(t)
  const count = countWith(1)
  const { enter } = createQueue('address', count)
  const first = await enter('key', stays)
  count.slow = true
  const next = enter('key', stays)
  for (const answer of count.asked) answer()
  first.release(false)
  count.slow = false
  await next
})
