// @ts-check
/** @import { ParsedMessage } from '../feed.ts' */

import { element, keep, make, part, write } from './dom.js'

/** More connections than these are told as a number alone. */
const MOST_DOTS = 16

/** @typedef {{ address: string, state: 'used' | 'missing' | 'leaving' | 'failing', text: string, idle: number, busy: number, unused?: number, expect: string }} Box */

const STATES = {
  used: 'in use',
  missing: 'missing once',
  leaving: 'left DNS: draining',
  failing: '✕ cannot be reached',
}

/** @param {ParsedMessage} told */
export function showAddresses({ at, backend }) {
  const { listed, missing, departed, failing, connections, expect } = backend
  const now = Date.parse(at)
  /**
   * @param {string} address
   * @param {Box['state']} state
   * @returns {Box}
   */
  const box = (address, state) => {
    const counts = connections[address] ?? { idle: 0, busy: 0 }
    const shown = { address, expect: expect[address] ?? '', ...counts }
    const failure = state === 'leaving' ? undefined : failing.find(each => each.address === address)
    if (!failure) return { ...shown, state, text: STATES[state] }
    return { ...shown, state: 'failing', text: failingInWords(now, failure) }
  }
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
  showDns(now, backend)
}

/**
 * @param {number} now
 * @param {ParsedMessage['backend']['failing'][number]} failing
 */
function failingInWords(now, { since, nextAttempt, error }) {
  const seconds = Math.max(Math.round((now - Date.parse(since)) / 1000), 0)
  const next = Math.max(Math.ceil((Date.parse(nextAttempt) - now) / 1000), 0)
  return `✕ cannot be reached for ${seconds} s, ${next > 0 ? `next attempt within ${next} s` : 'an attempt is under way'}: ${error}`
}

/**
 * @param {number} now
 * @param {ParsedMessage['backend']} backend
 */
function showDns(now, { answer, stale }) {
  const place = element('dns')
  const ageSeconds = answer ? Math.max(now - Date.parse(answer.at), 0) / 1000 : 0
  const believed = answer?.believedSeconds ?? null
  place.dataset.state = stale || !answer ? 'stale' : 'fresh'
  element('dns-age').style.inlineSize =
    believed === null ? '0' : `${Math.min(ageSeconds / believed, 1) * 100}%`
  write(element('dns-text'), describeDns(ageSeconds, answer, stale))
}

/**
 * @param {number} ageSeconds
 * @param {ParsedMessage['backend']['answer']} answer
 * @param {ParsedMessage['backend']['stale']} stale
 */
function describeDns(ageSeconds, answer, stale) {
  if (!answer) return stale ? `✕ DNS has never answered: ${stale.reason}` : 'DNS is being asked'
  const { ttlSeconds, believedSeconds, file, name } = answer
  if (file) return `From ${file}: DNS is not asked`
  if (ttlSeconds === null || believedSeconds === null)
    return 'A literal address or localhost: DNS is not asked'
  const age = `${ageSeconds.toFixed(1)} s old`
  if (stale)
    return `✕ DNS gives no answer (${stale.reason}). The last one is ${age}, its TTL was ${ttlSeconds} s`
  const cap = believedSeconds < ttlSeconds ? ` (its TTL: ${ttlSeconds} s)` : ''
  return `DNS answer${name ? ` for ${name}` : ''} ${age}, cached for ${believedSeconds} s${cap}`
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
function fillBox(child, { state, text, idle, busy, unused = 0, expect }) {
  child.dataset.state = state
  const few = idle + busy <= MOST_DOTS
  write(part(child, 'state'), text)
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
