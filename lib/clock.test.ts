import assert from 'node:assert/strict'
import { test } from 'node:test'
import { now } from './clock.ts'

const HOUR = 3_600_000
const isAbout = (expected: number) => assert.ok(Math.abs(now() - expected) < 5000, `${now()}, ${expected}`)

test('it is the wall clock, goes on where that is set back, and follows where it is set forward', t => {
  const wall = Date.now()
  isAbout(wall)
  t.mock.timers.enable({ apis: ['Date'], now: wall - HOUR })
  isAbout(wall)
  let passed = 60_000
  const { now: real } = performance
  t.mock.method(performance, 'now', () => real.call(performance) + passed)
  isAbout(wall + 60_000)
  passed = 120_000
  isAbout(wall + 120_000)
  t.mock.timers.setTime(wall + HOUR)
  isAbout(wall + HOUR)
})
