import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Figures, median, quantile, record, spread } from './figures.ts'

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

test('the spread is that of the contender in the middle, and none with one round', () => {
  const figures: Figures = {}
  for (const [nginx = 0, plain = 0, ours = 0] of [
    [100, 50, 200],
    [110, 60, 200],
    [90, 40, 204],
  ])
    for (const [name, cpu] of Object.entries({ nginx, plain, ours })) record(figures, 'login', name, { cpu })
  assert.equal(spread(figures, 'login', 'cpu'), 0.2)
  assert.ok(Number.isNaN(spread({ login: { nginx: { cpu: [1] } } }, 'login', 'cpu')))
})
