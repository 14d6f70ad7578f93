import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readmes } from './readme.ts'
import { core, picture, report } from './report.ts'
import type { Cell, Result } from './result.ts'

const CELL: Cell = {
  sent: 600,
  failed: 0,
  inFlight: 0,
  twice: 0,
  p99: 30,
  longest: 80,
  strangers: 0,
  outcomes: {},
  starved: 0,
}
const RESULT: Result = {
  perSecond: 100,
  minutes: 12,
  facts: ['2 cores'],
  contenders: ['HAProxy 3.2', 'HAProxy 3.2, retry-on empty-response', 'Gatehouse'],
  rows: [
    {
      key: 'refuse',
      seconds: 6,
      title: { en: 'all replaced', ja: '全て交換' },
      cells: {
        'HAProxy 3.2': { ...CELL, failed: 60, strangers: 3, outcomes: { 503: 60 } },
        'HAProxy 3.2, retry-on empty-response': { ...CELL, twice: 2 },
        Gatehouse: CELL,
      },
    },
    { key: 'empty', seconds: 13, title: { en: 'empty', ja: '空' }, cells: { Gatehouse: CELL } },
  ],
}

test('the table of the README has failed logins, what is worse, and a dash for what did not run', () => {
  assert.equal(
    core(RESULT, 'en'),
    [
      '| fault | logins sent | HAProxy 3.2 | Gatehouse |',
      '| --- | ---: | ---: | ---: |',
      '| all replaced | 600 | 60; 3 sent to somebody else | 0 |',
      '| empty | 600 | – | 0 |',
    ].join('\n'),
  )
  assert.match(core(RESULT, 'ja'), /\| 全て交換 \| 600 \| 60、3 件は他者へ送信 \| 0 \|/)
})

test('the page has every contender, with what each login failed with', () => {
  const page = report(RESULT)
  assert.match(page, /\| HAProxy 3\.2, retry-on empty-response \| 600 +\| 0 +\| 0 +\| 2 /)
  assert.match(page, /\| 60 × 503 +\|/)
})

test('the picture has the share of failed logins, and draws where nothing failed, too', () => {
  assert.match(picture(RESULT), />10\.0</)
  assert.doesNotMatch(picture(RESULT), /NaN|retry-on/)
})

test('both READMEs have the table of docs/versus.json (`npm run readme` prints it)', async () => {
  for (const [file, now, printed] of await readmes()) assert.equal(now, printed, file)
})
