// @ts-check
/** @import { ParsedMessage } from '../feed.ts' */

import { element, keep, make, timedItem } from './dom.js'
import { runbookLink } from './runbook.js'
import { say } from './words.js'

const MOST = 50

const SHAPES = { failed: '✕', misrouted: '✕', gone: '◌', retried: '↻', slow: '◔', 'new connection': '+' }

const WHY = {
  failed: { en: 'failed', ja: '失敗' },
  misrouted: { en: 'misrouted', ja: '宛先違い' },
  gone: { en: 'gone', ja: 'クライアント離脱' },
  retried: { en: 'retried', ja: '再送' },
  slow: { en: 'slow', ja: '遅延' },
  'new connection': { en: 'new connection', ja: '新しい接続' },
}

/** @param {ParsedMessage['logins']} logins oldest first */
export function showLogins(logins) {
  const newest = logins.slice(-MOST).toReversed()
  element('no-logins').hidden = newest.length > 0
  keep(
    element('logins'),
    newest,
    ({ n }) => String(n),
    makeLogin,
    () => {},
  )
}

/** @param {ParsedMessage['logins'][number]} login */
function makeLogin({ at, id, traceId, status, why, ms, attempts, address, code, cause, runbook }) {
  const answer = status === undefined ? say({ en: 'no answer', ja: '応答なし' }) : String(status)
  const tries = attempts > 1 ? say({ en: `${attempts} attempts`, ja: `試行 ${attempts} 回` }) : undefined
  const took = ms < 100 ? ms.toFixed(1) : Math.round(ms).toLocaleString('en')
  const facts = [say(WHY[why]), answer, code, `${took} ms`, address, tries]
  const words = facts.filter(each => each !== undefined).join(' · ')
  const reason = cause === undefined ? [] : [make('span', 'cause', ` (${cause})`)]
  const trace =
    traceId === undefined ? [] : [{ en: ' trace ', ja: ' トレース ' }, make('code', 'id', traceId)]
  const line = make(
    'div',
    'words',
    words,
    ...reason,
    ' ',
    make('code', 'id', id),
    ...trace,
    ...runbookLink(runbook),
  )
  const item = timedItem(at, SHAPES[why], line)
  item.dataset.why = why
  return item
}

// it scrolls: the keyboard must reach it, and not every browser sees to that (WCAG 2.1.1)
element('logins').tabIndex = 0
