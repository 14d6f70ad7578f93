// @ts-check
/** @import { ParsedMessage } from '../feed.ts' */

import { element, keep, make, write, writePlain } from './dom.js'

const PHASES = { ready: '● ready', starting: '◔ starting', leaving: '◌ leaving', gone: '✕ gone' }

/** @param {ParsedMessage['pages']} workers */
export function showWorkers(workers) {
  element('workers-table').hidden = !workers
  element('no-workers').hidden = workers !== undefined
  keep(
    element('workers'),
    workers ?? [],
    ({ worker }) => String(worker),
    () => make('tr', '', ...Array.from({ length: 5 }, () => make('td'))),
    (row, { worker, phase, inFlight, rssMb, restarts, pid }) => {
      row.dataset.phase = phase
      const memory = rssMb === undefined ? '–' : `${rssMb} MB`
      const cells = [`${worker} (${pid ?? '–'})`, PHASES[phase], inFlight, memory, restarts]
      cells.forEach((text, i) => {
        const cell = row.children[i]
        if (cell) write(cell, String(text))
      })
    },
  )
}

/** @param {ParsedMessage['loginLimit']} limit */
export function showLimits(limit) {
  if (!limit) return showPairs('limits', [{ name: 'limits', value: 'off' }])
  const { refused, store } = limit
  showPairs('limits', [
    { name: 'refused by address', value: String(refused.address) },
    { name: 'refused by account', value: String(refused.account) },
    {
      name: 'shared store',
      value: store ? (store.connected ? '● connected' : '✕ away: each task counts for itself') : 'none',
    },
    ...(store ? [{ name: 'outages', value: String(store.outages) }] : []),
  ])
}

/** @param {NonNullable<ParsedMessage['settings']>} settings */
export function showSettings(settings) {
  write(element('settings-count'), String(settings.length))
  // a value is what somebody wrote, in no language
  showPairs('settings', settings, writePlain)
}

/**
 * @param {string} id
 * @param {readonly { name: string, value: string }[]} pairs
 * @param {(where: Element, text: string) => void} say
 */
function showPairs(id, pairs, say = write) {
  keep(
    element(id),
    pairs,
    ({ name }) => name,
    ({ name }) => make('div', '', make('dt', '', name), make('dd')),
    (child, { value }) => {
      if (child.lastElementChild) say(child.lastElementChild, value)
    },
  )
}
