import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verdicts } from './verdicts.ts'

const met = (words: string, figures: Parameters<typeof verdicts>[0]) =>
  verdicts(figures).find(each => each.words === words)?.met

test('a target is met, missed, or not judged without its figures', () => {
  const cpu = (gatehouse: number[]) => ({ login: { nginx: { cpu: [300] }, Gatehouse: { cpu: gatehouse } } })
  const words = 'CPU per login, × nginx'
  assert.equal(met(words, cpu([90, 500, 80])), true)
  assert.equal(met(words, cpu([110])), false)
  assert.equal(met(words, {}), undefined)
})

test('what was not answered once is not judged', () => {
  const pages = { 'nginx + next start': { rate: [0] }, Gatehouse: { rate: [0] } }
  assert.equal(met('heavy page: pages/s, × nginx + next start', { 'pages: heavy page': pages }), undefined)
})

test('the distance to HAProxy is printed, not judged', () => {
  const figures = { login: { 'HAProxy 3.2': { cpu: [20] }, Gatehouse: { cpu: [60] } } }
  const verdict = verdicts(figures).find(each => each.words === 'CPU per login, × HAProxy 3.2')
  assert.deepEqual([verdict?.value, verdict?.met], [3, undefined])
})

test('over the link it is milliseconds that count, not a ratio', () => {
  const words = 'link: p50 below nginx, ms'
  assert.equal(met(words, { link: { nginx: { p50: [7.5] }, Gatehouse: { p50: [5.4] } } }), true)
  assert.equal(met(words, { link: { nginx: { p50: [7.2] }, Gatehouse: { p50: [5.4] } } }), false)
})

test('the memory of one worker at rest is of the image; that of next start is printed, not judged', () => {
  const figures = { start: { 'Gatehouse, the image': { restMb: [151] }, 'next start': { restMb: [90] } } }
  const found = verdicts(figures).filter(({ words }) => words.startsWith('at rest'))
  assert.deepEqual(
    found.map(({ value, met }) => [value, met]),
    [
      [151, false],
      [90, undefined],
    ],
  )
})
