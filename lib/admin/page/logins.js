// @ts-check
/** @import { ParsedMessage } from '../feed.ts' */

import { element, keep, make, timedItem } from './dom.js'
import { runbookLink } from './runbook.js'

const MOST = 50

const SHAPES = { failed: '✕', misrouted: '✕', gone: '◌', retried: '↻', slow: '◔', 'new connection': '+' }

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
function makeLogin({ at, id, traceId, status, why, ms, attempts, address, code, cause }) {
  const said = status === undefined ? 'no answer' : String(status)
  const took = ms < 100 ? ms.toFixed(1) : Math.round(ms).toLocaleString('en')
  const facts = [why, said, code, `${took} ms`, address, attempts > 1 ? `${attempts} attempts` : undefined]
  const words = facts.filter(each => each !== undefined).join(' · ')
  const reason = cause === undefined ? [] : [make('span', 'cause', ` (${cause})`)]
  const trace = traceId === undefined ? [] : [' trace ', make('code', 'id', traceId)]
  const line = make(
    'div',
    'words',
    words,
    ...reason,
    ' ',
    make('code', 'id', id),
    ...trace,
    ...runbookLink(code, why),
  )
  const item = timedItem(at, SHAPES[why], line)
  item.dataset.why = why
  return item
}

// it scrolls: the keyboard must reach it, and not every browser sees to that (WCAG 2.1.1)
element('logins').tabIndex = 0
