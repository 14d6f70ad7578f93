// @ts-check
/** @import { ParsedMessage } from '../feed.ts' */
/** @import { Words } from '../../settings/words.ts' */

import { element, write } from './dom.js'

/** @typedef {ParsedMessage['buckets'][number]} Bucket */

/**
 * The figures of the last two buckets: 5 to 10 s.
 * @param {ParsedMessage} told
 * @param {ParsedMessage['buckets']} rows oldest first
 */
export function showFigures(told, rows) {
  const recent = rows.slice(-2)
  const newest = recent.at(-1)
  const seconds = Math.max(Date.parse(told.at) / 1000 - (recent[0]?.at ?? 0), 1)
  const failed = recent.reduce((sum, each) => sum + each.failed + each.misrouted, 0)
  const all = recent.reduce((sum, each) => sum + totalOf(each), 0)
  write(element('rate'), formatRate(all / seconds))
  write(element('failed'), all === 0 ? '–' : formatShare(failed / all))
  element('failed').classList.toggle('bad', failed > 0)
  const answered = newest?.p50 == null ? recent[0] : newest
  write(element('p50'), formatMs(answered?.p50))
  write(element('p99'), formatMs(answered?.p99))
  const pool = Object.values(told.backend.connections)
  write(
    element('connections'),
    String(pool.reduce((sum, { idle, busy, unused = 0 }) => sum + idle + busy + unused, 0)),
  )
  write(element('replayed'), String(told.requests.login.replayed))
}

/** @param {ParsedMessage['buckets'][number]} bucket */
const totalOf = ({ ok, refused, limited, misrouted, failed, gone }) =>
  ok + refused + limited + misrouted + failed + gone

/** @param {number} rate */
export const formatRate = rate => (rate < 10 ? rate.toFixed(1) : Math.round(rate).toLocaleString('en'))

/** @param {number} share */
function formatShare(share) {
  if (share === 0) return '0 %'
  return share < 0.001 ? '< 0.1 %' : `${(share * 100).toPrecision(share < 0.1 ? 2 : 3)} %`
}

/** @param {number | null | undefined} ms */
export function formatMs(ms) {
  if (ms == null) return '–'
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`
}

/**
 * What the time line shows, for whoever does not see it.
 * @param {Bucket[]} rows
 * @param {number} bucketSeconds
 * @returns {Words}
 */
export function describeRows(rows, bucketSeconds) {
  const [total, failed, misrouted] = [totalOf, failedOf, misroutedOf].map(of =>
    rows.reduce((sum, each) => sum + of(each), 0).toLocaleString('en'),
  )
  const lost =
    misrouted === '0'
      ? { en: '', ja: '' }
      : { en: `, ${misrouted} misrouted`, ja: `、宛先違い ${misrouted} 件` }
  /** @type {Bucket | undefined} */
  const worst = rows.toSorted((a, b) => (b.p99 ?? 0) - (a.p99 ?? 0))[0]
  const minutes = Math.max(Math.round((rows.length * bucketSeconds) / 60), 1)
  const at = new Date((worst?.at ?? 0) * 1000).toTimeString().slice(0, 8)
  const slow =
    worst?.p99 == null
      ? { en: '', ja: '' }
      : {
          en: `; the slowest p99 was ${formatMs(worst.p99)} at ${at}`,
          ja: `。p99 の最大値は ${at} の ${formatMs(worst.p99)}`,
        }
  return {
    en: `In the last ${minutes} min: ${total} ${total === '1' ? 'login' : 'logins'}, ${failed} failed${lost.en}${slow.en}.`,
    ja: `直近 ${minutes} 分：ログイン ${total} 件、失敗 ${failed} 件${lost.ja}${slow.ja}。`,
  }
}

/** @param {Bucket} bucket */
const failedOf = ({ failed }) => failed
/** @param {Bucket} bucket */
const misroutedOf = ({ misrouted }) => misrouted
