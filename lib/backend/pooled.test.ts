import assert from 'node:assert/strict'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { test } from 'node:test'
import { BUSY, createPooled } from './pooled.ts'

const ADDRESS = '192.0.2.1'

/** A pool whose first so many connections are busy, the others idle for a minute, a minute less a second, and so on. */
function poolOf(busy: number, addresses: readonly string[] = []) {
  const idle: Duplex[] = []
  const pool = createPooled(() => idle)
  const add = (address: string, idleSince: number) => {
    const socket = new Socket().on('error', () => {})
    const connection = { socket, address, connectMs: 0 }
    const pooled = { connection, retireAt: BUSY, idleSince, leavesDemand: false }
    pool.add(pooled, () => {})
    if (idleSince !== BUSY) idle.push(socket)
    return pooled
  }
  for (let i = 0; i < busy; i++) add(ADDRESS, BUSY)
  const began = performance.now() - 60_000
  for (const [i, address] of addresses.entries()) add(address, began + i * 1000)
  return { pool, add, closed: () => idle.map(({ destroyed }) => destroyed) }
}

/** What a thousand looks for an idle connection take beside so many busy ones, in ms of CPU. */
function cost(busy: number): number {
  const { pool } = poolOf(busy)
  const measure = () => {
    const before = process.cpuUsage()
    for (let i = 0; i < 1000; i++) pool.resetLongestIdle(ADDRESS, 0)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  }
  return Math.min(measure(), measure(), measure())
}

test('to look for an idle connection costs no more where thousands are busy', () => {
  const few = cost(20)
  const many = cost(4000)
  assert.ok(many < 20 * Math.max(few, 0.1), `${few} ms beside 20, ${many} ms beside 4,000`)
})

test('of the connections of an address the one that is idle for the longest time is closed', () => {
  const { pool, closed } = poolOf(1, ['192.0.2.2', ADDRESS, ADDRESS])
  pool.resetLongestIdle(ADDRESS, 70_000)
  assert.deepEqual(closed(), [false, false, false])
  pool.resetLongestIdle(ADDRESS, 50_000)
  assert.deepEqual(closed(), [false, true, false])
  assert.equal(pool.idle(ADDRESS), 1)
})

test('while nothing comes over a new connection, idle ones are closed after pauses that grow: four in its first minute', t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { pool, add, closed } = poolOf(0, Array(6).fill(ADDRESS))
  pool.closeSurplus(add(ADDRESS, BUSY))
  const closedAt: number[] = []
  for (let ms = 50; ms <= 60_000; ms += 50) {
    t.mock.timers.tick(50)
    if (closed().filter(Boolean).length > closedAt.length) closedAt.push(ms)
  }
  assert.deepEqual(closedAt, [250, 1250, 5250, 21_250])
})

test('a new connection that is idle, for its client has left, is closed itself, and no other one', t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { pool, add, closed } = poolOf(0, [ADDRESS, ADDRESS])
  pool.closeSurplus(add(ADDRESS, performance.now()))
  t.mock.timers.tick(60_000)
  assert.deepEqual(closed(), [false, false, true])
})
