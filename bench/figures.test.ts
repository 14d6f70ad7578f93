import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Figures, median, quantile, record } from './figures.ts'

test('a quantile lies between the values around it', () => {
  assert.equal(quantile([3, 1, 2], 0.5), 2)
  assert.equal(quantile([4, 1, 2, 3], 0.5), 2.5)
  assert.equal(quantile([1, 2, 3, 4, 5], 0.99), 4.96)
  assert.equal(quantile([7], 0.99), 7)
})

test('there is no quantile of nothing', () => {
  assert.ok(Number.isNaN(quantile([], 0.5)))
})

test('each round adds a value, and the median is that of all rounds', () => {
  const figures: Figures = {}
  for (const cpu of [5, 90, 6]) record(figures, 'login', 'nginx', { cpu })
  assert.deepEqual(figures.login?.nginx?.cpu, [5, 90, 6])
  assert.equal(median(figures, 'login', 'nginx', 'cpu'), 6)
  assert.equal(median(figures, 'login', 'HAProxy', 'cpu'), undefined)
})
