// @ts-check
/** @import { ParsedMessage } from '../feed.ts' */
/** @import { Words } from '../../settings/words.ts' */

import { element, keep, make, part, write } from './dom.js'

/** More connections than these are told as a number alone. */
const MOST_DOTS = 16

/** @typedef {{ address: string, state: 'used' | 'missing' | 'leaving' | 'failing', text: Words, idle: number, busy: number, unused?: number, expect: Words | undefined }} Box */

const STATES = {
  used: { en: 'in use', ja: '使用中' },
  missing: { en: 'missing once', ja: '直近の応答に無し' },
  leaving: { en: 'left DNS: draining', ja: 'DNS から削除：処理中のものは完了を待つ' },
}

/** @param {ParsedMessage} told */
export function showAddresses({ at, backend }) {
  const { listed, missing, departed, failing, connections, expect } = backend
  const now = Date.parse(at)
  /**
   * @param {string} address
   * @param {keyof typeof STATES} state
   * @returns {Box}
   */
  const box = (address, state) => {
    const counts = connections[address] ?? { idle: 0, busy: 0 }
    const shown = { address, expect: expect[address], ...counts }
    const failure = state === 'leaving' ? undefined : failing.find(each => each.address === address)
    if (!failure) return { ...shown, state, text: STATES[state] }
    return { ...shown, state: 'failing', text: describeFailing(now, failure) }
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
  const list = left.join(', ')
  write(element('left'), {
    en: `Left DNS within 5 minutes, no connection open: ${list}`,
    ja: `5 分以内に DNS から削除、接続なし：${list}`,
  })
  showDns(now, backend)
}

/**
 * @param {number} now
 * @param {ParsedMessage['backend']['failing'][number]} failing
 * @returns {Words}
 */
function describeFailing(now, { since, nextAttempt, error }) {
  const seconds = Math.max(Math.round((now - Date.parse(since)) / 1000), 0)
  const next = Math.max(Math.ceil((Date.parse(nextAttempt) - now) / 1000), 0)
  const attempt =
    next > 0
      ? { en: `next attempt within ${next} s`, ja: `次の試行は ${next} 秒以内` }
      : { en: 'an attempt is under way', ja: '試行中' }
  return {
    en: `✕ cannot be reached for ${seconds} s, ${attempt.en}: ${error}`,
    ja: `✕ ${seconds} 秒間到達不可、${attempt.ja}：${error}`,
  }
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
 * @returns {Words}
 */
function describeDns(ageSeconds, answer, stale) {
  if (!answer)
    return stale
      ? {
          en: `✕ DNS has never answered: ${stale.reason}`,
          ja: `✕ DNS が一度も応答していません：${stale.reason}`,
        }
      : { en: 'DNS is being asked', ja: 'DNS に問い合わせています' }
  const { ttlSeconds, believedSeconds, file, name } = answer
  if (file)
    return { en: `From ${file}: DNS is not asked`, ja: `${file} による指定のため、DNS には問い合わせません` }
  if (ttlSeconds === null || believedSeconds === null)
    return {
      en: 'A literal address or localhost: DNS is not asked',
      ja: 'IP アドレスまたは localhost のため、DNS には問い合わせません',
    }
  const age = ageSeconds.toFixed(1)
  if (stale)
    return {
      en: `✕ DNS gives no answer (${stale.reason}). The last one is ${age} s old, its TTL was ${ttlSeconds} s`,
      ja: `✕ DNS から応答がありません（${stale.reason}）。最後の応答は ${age} 秒前、TTL は ${ttlSeconds} 秒`,
    }
  const isCapped = believedSeconds < ttlSeconds
  return {
    en: `DNS answer${name ? ` for ${name}` : ''} ${age} s old, cached for ${believedSeconds} s${isCapped ? ` (its TTL: ${ttlSeconds} s)` : ''}`,
    ja: `${name ? `${name} の ` : ''}DNS の応答：${age} 秒前、キャッシュ ${believedSeconds} 秒${isCapped ? `（TTL は ${ttlSeconds} 秒）` : ''}`,
  }
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
  write(part(child, 'count'), {
    en: `${busy} busy, ${idle} idle${unused > 0 ? `, ${unused} unused` : ''}`,
    ja: `使用中 ${busy}、アイドル ${idle}${unused > 0 ? `、未使用 ${unused}` : ''}`,
  })
  write(part(child, 'expect'), expect ?? '')
}

/**
 * @param {string} a
 * @param {string} b
 */
const byNumber = (a, b) => a.localeCompare(b, 'en', { numeric: true })
