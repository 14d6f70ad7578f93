import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chart } from './chart.ts'

test('a chart has a bar a contender, as long as its share of the longest', () => {
  const bars = [
    { label: 'nginx & next', value: 400, strong: false },
    { label: 'Gatehouse', value: 100, strong: true },
  ]
  const svg = chart('CPU', [{ title: 'CPU', better: 'less', bars }])
  const widths = [...svg.matchAll(/class="(?:bar|strong)"[^>]* width="([\d.]+)"/g)].map(([, each]) =>
    Number(each),
  )
  assert.equal(widths.length, 2)
  assert.equal(widths[0], 4 * (widths[1] ?? 0))
  assert.match(svg, /nginx &amp; next/)
  assert.match(svg, /prefers-color-scheme: dark/)
})
