import assert from 'node:assert/strict'
import { test } from 'node:test'
import { number, report, table } from './report.ts'

test('numbers have three digits', () => {
  assert.deepEqual([2182.4, 461.9, 21.25, 7.157, 0.8743].map(number), [
    '2,182',
    '462',
    '21.3',
    '7.16',
    '0.874',
  ])
  assert.equal(number(Number.NaN), '–')
})

const CPU = { figure: 'cpu', title: 'CPU µs', relative: true } as const

test('a table has medians, spreads and multiples of the first row', () => {
  const rows = { nginx: { cpu: [400, 420, 410] }, Gatehouse: { cpu: [41] } }
  assert.equal(
    table(rows, [CPU]),
    [
      '|  | CPU µs |  |',
      '| --- | ---: | ---: |',
      '| nginx | 410 (400-420) | 1.00 × |',
      '| Gatehouse | 41.0 | 0.100 × |',
    ].join('\n'),
  )
})

test('a contender whose requests failed is marked', () => {
  assert.match(table({ nginx: { cpu: [400], failed: [0, 3] } }, [CPU]), /\| nginx ✖ 3 failed \|/)
})

test('a report of one part has its table and its targets alone', () => {
  const text = report({ login: { nginx: { cpu: [400] }, Gatehouse: { cpu: [100] } } }, ['2 cores'], {})
  assert.match(text, /- 2 cores/)
  assert.match(text, /\| CPU per login, × nginx \| ≤ 0\.333 \| 0\.250 \| ✔ met \|/)
  assert.match(text, /## Logins\n/)
  assert.doesNotMatch(text, /## Pages|## Start|over a link|HAProxy 3.2 \|/)
})
