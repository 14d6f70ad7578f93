// @ts-check
/** @import { Told } from '../feed.ts' */

import { element, keep, make, part, write } from './dom.js'

/** More connections than these are told as a number alone. */
const MOST_DOTS = 16

/** @typedef {{ address: string, state: 'used' | 'missing' | 'leaving', idle: number, busy: number, unused?: number, expect: string }} Box */

const STATES = {
  used: 'in use',
  missing: 'missing once',
  leaving: 'left DNS: what is busy finishes',
}

/** @param {Told} told */
export function showAddresses({ at, backend }) {
  const { listed, missing, departed, connections, expect } = backend
  /**
   * @param {string} address
   * @param {Box['state']} state
   * @returns {Box}
   */
  const box = (address, state) => ({
    address,
    state,
    expect: expect[address] ?? '',
    ...(connections[address] ?? { idle: 0, busy: 0 }),
  })
  const current = [...listed, ...missing]
  const draining = Object.keys(connections).filter(each => !current.includes(each))
  const boxes = [
    ...current.toSorted(byNumber).map(each => box(each, listed.includes(each) ? 'used' : 'missing')),
    ...draining.toSorted(byNumber).map(each => box(each, 'leaving')),
  ]
  keep(element('addresses'), boxes, ({ address }) => address, makeBox, fillBox)
  const left = departed.filter(each => !draining.includes(each))
  element('left').hidden = left.length === 0
  write(element('left'), `Left DNS within 5 minutes, no connection open: ${left.join(', ')}`)
  showDns(Date.parse(at), backend)
}

/**
 * @param {number} now
 * @param {Told['backend']} backend
 */
function showDns(now, { answer, stale }) {
  const place = element('dns')
  const ageSeconds = answer ? Math.max(now - Date.parse(answer.at), 0) / 1000 : 0
  const believed = answer?.believedSeconds ?? null
  place.dataset.state = stale || !answer ? 'stale' : 'fresh'
  element('dns-age').style.inlineSize =
    believed === null ? '0' : `${Math.min(ageSeconds / believed, 1) * 100}%`
  write(element('dns-text'), dnsInWords(ageSeconds, answer, stale))
}

/**
 * @param {number} ageSeconds
 * @param {Told['backend']['answer']} answer
 * @param {Told['backend']['stale']} stale
 */
function dnsInWords(ageSeconds, answer, stale) {
  if (!answer) return stale ? `✕ DNS has never answered: ${stale.reason}` : 'DNS is being asked'
  const { ttlSeconds, believedSeconds } = answer
  if (ttlSeconds === null || believedSeconds === null) return 'A literal address: DNS is not asked'
  const age = `${ageSeconds.toFixed(1)} s old`
  if (stale)
    return `✕ DNS gives no answer (${stale.reason}). The last one is ${age}, its TTL was ${ttlSeconds} s`
  const cap = believedSeconds < ttlSeconds ? ` (its TTL: ${ttlSeconds} s)` : ''
  return `DNS answer ${age}, believed for ${believedSeconds} s${cap}`
}

/** @param {Box} box */
function makeBox({ address }) {
  const dots = make('span', 'dots', make('span', 'busy'), make('span', 'idle'))
  dots.ariaHidden = 'true'
  return make(
    'li',
    '',
    make('strong', '', address),
    make('span', 'state'),
    dots,
    make('span', 'count'),
    make('span', 'expect'),
  )
}

/**
 * @param {HTMLElement} child
 * @param {Box} box
 */
function fillBox(child, { state, idle, busy, unused = 0, expect }) {
  child.dataset.state = state
  const few = idle + busy <= MOST_DOTS
  write(part(child, 'state'), STATES[state])
  write(part(child, 'busy'), few ? '●'.repeat(busy) : `●×${busy}`)
  write(part(child, 'idle'), few ? '○'.repeat(idle) : ` ○×${idle}`)
  const ready = unused > 0 ? `, ${unused} unused` : ''
  write(part(child, 'count'), `${busy} busy, ${idle} idle${ready}`)
  write(part(child, 'expect'), expect)
}

/**
 * @param {string} a
 * @param {string} b
 */
const byNumber = (a, b) => a.localeCompare(b, 'en', { numeric: true })
