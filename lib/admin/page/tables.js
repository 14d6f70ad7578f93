// @ts-check
/** @import { ParsedMessage } from '../feed.ts' */

import { element, keep, make, write } from './dom.js'
import { say } from './words.js'

const PHASES = {
  ready: { en: '● ready', ja: '● 稼働中' },
  starting: { en: '◔ starting', ja: '◔ 起動中' },
  leaving: { en: '◌ leaving', ja: '◌ 終了処理中' },
  gone: { en: '✕ gone', ja: '✕ 終了' },
}

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
      const cells = [`${worker} (${pid ?? '–'})`, say(PHASES[phase]), inFlight, memory, restarts]
      cells.forEach((text, i) => {
        const cell = row.children[i]
        if (cell) write(cell, String(text))
      })
    },
  )
}

/** @param {ParsedMessage['loginLimit']} limit */
export function showLimits(limit) {
  if (!limit)
    return showPairs('limits', [
      { name: say({ en: 'limits', ja: '制限' }), value: say({ en: 'off', ja: 'なし' }) },
    ])
  const { refused, store } = limit
  const outages = { name: say({ en: 'outages', ja: '接続不可になった回数' }), value: String(store?.outages) }
  showPairs('limits', [
    { name: say({ en: 'refused by address', ja: 'アドレスによる拒否' }), value: String(refused.address) },
    { name: say({ en: 'refused by account', ja: 'アカウントによる拒否' }), value: String(refused.account) },
    { name: say({ en: 'shared store', ja: '共有ストア' }), value: say(describeStore(store)) },
    ...(store ? [outages] : []),
  ])
}

/** @param {NonNullable<ParsedMessage['loginLimit']>['store']} store */
function describeStore(store) {
  if (!store) return { en: 'none', ja: 'なし' }
  if (store.connected) return { en: '● connected', ja: '● 接続中' }
  return { en: '✕ away: each task counts for itself', ja: '✕ 接続不可：タスクごとに集計' }
}

/** @param {NonNullable<ParsedMessage['settings']>} settings */
export function showSettings(settings) {
  write(element('settings-count'), String(settings.length))
  showPairs('settings', settings)
}

/**
 * @param {string} id
 * @param {readonly { name: string, value: string }[]} pairs
 */
function showPairs(id, pairs) {
  keep(
    element(id),
    pairs,
    ({ name }) => name,
    ({ name }) => make('div', '', make('dt', '', name), make('dd')),
    (child, { value }) => {
      if (child.lastElementChild) write(child.lastElementChild, value)
    },
  )
}
