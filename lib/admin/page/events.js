// @ts-check
/** @import { ParsedMessage } from '../feed.ts' */

import { element, keep, make, part, timedItem, write } from './dom.js'
import { runbookLink } from './runbook.js'

const MOST = 50

/** Each kind has a shape; those that are marks of the time line as well have it there, too. */
export const SHAPES = {
  added: '▲',
  departed: '▼',
  stale: '✕',
  fresh: '✓',
  dial: '!',
  replay: '↻',
  worker: '◆',
  full: '⊘',
  life: '■',
}

/** @param {ParsedMessage['events']} events oldest first */
export function showEvents(events) {
  const newest = events.slice(-MOST).toReversed()
  keep(element('events'), newest, ({ id }) => String(id), makeEvent, fillEvent)
}

/** @param {ParsedMessage['events'][number]} event */
function makeEvent({ at, kind, text, runbook }) {
  const said = make('span', 'words', text, make('span', 'times'), ...runbookLink(runbook))
  const item = timedItem(at, SHAPES[kind], said)
  item.dataset.kind = kind
  return item
}

/**
 * @param {HTMLElement} child
 * @param {ParsedMessage['events'][number]} event
 */
function fillEvent(child, { times }) {
  write(part(child, 'times'), times > 1 ? { en: `, ${times} times`, ja: `、${times} 回` } : '')
}

// it scrolls: the keyboard must reach it, and not every browser sees to that (WCAG 2.1.1)
element('events').tabIndex = 0
