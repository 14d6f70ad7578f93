import assert from 'node:assert/strict'
import { Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { behindAnswer, dropInTurns, inTurn, pipeInTurns } from './in-turns.ts'

const MB = 1024 ** 2
const PIECE = 64 * 1024

/** All of it is there at any time, as from a fast connection. */
function flood(bytes: number) {
  let left = bytes
  return new Readable({
    read() {
      if (left <= 0) return void this.push(null)
      const size = Math.min(left, PIECE)
      left -= size
      this.push(Buffer.alloc(size, left / PIECE))
    },
  })
}

/** Takes all at once, or a piece at a time. */
function sink(isSlow = false) {
  const pieces: Buffer[] = []
  const to = new Writable({
    highWaterMark: isSlow ? 1 : MB,
    write(chunk, _encoding, done) {
      pieces.push(chunk)
      if (isSlow) setImmediate(done)
      else done()
    },
  })
  return { to, pieces, size: () => pieces.reduce((sum, { length }) => sum + length, 0) }
}

test('however much there is to pass on, a turn of the event loop comes after a few pieces of it', async () => {
  const sinks = Array.from({ length: 20 }, () => sink())
  const pipes = sinks.map(({ to }) => pipeInTurns(flood(4 * MB), to))
  const passed = () => sinks.reduce((sum, { size }) => sum + size(), 0)
  await turn()
  for (let turns = 0; turns < 40; turns++) {
    const before = passed()
    await turn()
    assert.ok(passed() - before <= 4 * 3 * PIECE, `${(passed() - before) / PIECE} pieces in one turn`)
  }
  assert.ok(sinks.every(({ size }) => size() > 0))
  for (const end of pipes) end()
})

test('between two turns with bulk come some without it, for a turn accepts one connection', async () => {
  const sinks = Array.from({ length: 20 }, () => sink())
  const pipes = sinks.map(({ to }) => pipeInTurns(flood(4 * MB), to))
  const passed = () => sinks.reduce((sum, { size }) => sum + size(), 0)
  await turn()
  let [before, withBulk] = [passed(), 0]
  // what waited before these has its turn first
  while (passed() === before) await turn()
  before = passed()
  for (let turns = 0; turns < 40; turns++) {
    await turn()
    if (passed() > before) withBulk++
    before = passed()
  }
  assert.ok(withBulk > 0 && withBulk <= 10, `${withBulk} of 40`)
  for (const end of pipes) end()
})

test('one that throws takes no other along, and what comes later has its turn', async t => {
  const seen: number[] = []
  const caught: unknown[] = []
  process.setUncaughtExceptionCaptureCallback(error => void caught.push(error))
  t.after(() => process.setUncaughtExceptionCaptureCallback(null))
  inTurn(() => {
    throw new Error('by a page')
  }, 1)
  inTurn(() => seen.push(1), 1)
  while (seen.length < 1) await turn()
  inTurn(() => seen.push(2), 1)
  while (seen.length < 2) await turn()
  assert.equal(caught.length, 1)
})

test('one that throws behind an answer takes no other along either, and the timer goes on once', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const fails = () => {
    throw new Error('by a page')
  }
  const seen: number[] = []
  // the second has another wait behind it, as a stream that goes on does
  behindAnswer(fails)
  behindAnswer(() => void behindAnswer(() => seen.push(2)))
  assert.throws(() => t.mock.timers.tick(2), /by a page/)
  t.mock.timers.tick(2)
  t.mock.timers.tick(2)
  assert.deepEqual(seen, [2])
  for (const number of [3, 4, 5, 6]) behindAnswer(() => seen.push(number))
  t.mock.timers.tick(2)
  assert.deepEqual(seen, [2, 3, 4], 'two at a time')
  t.mock.timers.tick(2)
  assert.deepEqual(seen, [2, 3, 4, 5, 6])
})

for (const isSlow of [false, true])
  test(`all of it arrives as it came, where the other side takes ${isSlow ? 'a piece at a time' : 'all at once'}`, async () => {
    const { to, pieces } = sink(isSlow)
    pipeInTurns(flood(4 * MB).pause(), to)
    await finished(to)
    const whole = Buffer.concat(pieces)
    assert.deepEqual(whole, Buffer.concat(await flood(4 * MB).toArray()))
  })

test('what is ended passes no more, and what has closed is not written to', async () => {
  const { to, size } = sink()
  const from = flood(4 * MB)
  const end = pipeInTurns(from, to)
  end()
  await finished(from.resume())
  assert.equal(size(), 0)
  const other = flood(PIECE)
  pipeInTurns(other, to.destroy())
  await finished(other)
})

test('what nobody reads goes on a few pieces at a time, however many send it, and to its end', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let read = 0
  const floods = Array.from({ length: 20 }, () =>
    flood(4 * MB).on('data', ({ length }: Buffer) => {
      read += length
    }),
  )
  for (const each of floods) dropInTurns(each)
  await turn()
  assert.ok(read <= 20 * 3 * PIECE, `${read / PIECE} pieces in the first turn`)
  for (let ticks = 0; ticks < 10; ticks++) {
    const before = read
    for (let turns = 0; turns < 40; turns++) await turn()
    assert.equal(read, before)
    t.mock.timers.tick(2)
    await turn()
    assert.ok(read > before && read <= before + 2 * 3 * PIECE, `${(read - before) / PIECE} pieces`)
  }
  const ends = Promise.all(floods.map(each => finished(each)))
  const timer = setInterval(() => t.mock.timers.tick(2))
  await ends
  clearInterval(timer)
  assert.equal(read, 20 * 4 * MB)
})
