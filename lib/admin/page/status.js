// @ts-check
/** @import { ParsedMessage } from '../feed.ts' */
/** @import { Words } from '../../settings/words.ts' */

import { showAddresses } from './addresses.js'
import { clearChart, showChart } from './chart.js'
import { element, write } from './dom.js'
import { showEvents } from './events.js'
import { showFigures } from './figures.js'
import { showLogins } from './logins.js'
import { showLimits, showSettings, showWorkers } from './tables.js'
import { say, translatePage } from './words.js'

/** Messages come once a second; after so many ms without one the page says that it is not live. */
const SILENT_MS = 3000
/** Then the page begins anew: after a sleep a browser may wait for ever on a connection that nobody has any more. */
const DEAD_MS = 10_000
/** A browser gives a stream up for good that is answered with 503. */
const ANEW_MS = 5000

/** So many events and logins stay, as many as the front keeps. */
const MOST = 200

const LEVELS = {
  fine: { en: 'Fine', ja: '正常' },
  watch: { en: 'Watch', ja: '要注意' },
  bad: { en: 'Failing', ja: '失敗あり' },
  lost: { en: 'Not live', ja: '更新停止' },
}
const SHAPES = { fine: '✓', watch: '▲', bad: '✕', lost: '?' }

const PHASES = {
  starting: { en: 'starting', ja: '起動中' },
  ready: { en: 'ready', ja: '稼働中' },
  stopping: { en: 'stopping', ja: '停止処理中' },
}

/** @type {Map<number, ParsedMessage['buckets'][number]>} by its beginning */
const buckets = new Map()
/** @type {Map<number, ParsedMessage['events'][number]>} by its id */
const events = new Map()

/** @type {Map<number, ParsedMessage['logins'][number]>} by its number */
const logins = new Map()

/** @type {EventSource} */
let source
let heardAt = performance.now()
/** @type {Date | undefined} */
let lastAt

/** @param {ParsedMessage} told */
function show(told) {
  const { headline, backend, otherBackends, version, node, phase, uptimeSeconds } = told
  if (told.settings) {
    buckets.clear()
    events.clear()
    logins.clear()
    clearChart()
    showSettings(told.settings)
  }
  for (const each of told.buckets) buckets.set(each.at, each)
  for (const at of buckets.keys()) if (at < Date.parse(told.at) / 1000 - 3600) buckets.delete(at)
  for (const each of told.events) events.set(each.id, each)
  for (const each of told.logins) logins.set(each.n, each)
  for (const kept of [events, logins]) for (const key of [...kept.keys()].slice(0, -MOST)) kept.delete(key)
  const inOrder = [...events.values()]
  showHeadline(headline.level, headline.text, headline.detail, headline.runbook)
  const others = otherBackends.map(({ origin, listed }) => `${origin} (${listed.length})`)
  write(element('origin'), [backend.origin, ...others].join(' · '))
  const facts = [version, `Node ${node}`, say(PHASES[phase]), say(formatUptime(uptimeSeconds))]
  write(element('about'), facts.join(' · '))
  const rows = [...buckets.values()].toSorted((a, b) => a.at - b.at)
  showFigures(told, rows)
  showAddresses(told)
  showChart(told, rows, inOrder)
  showEvents(inOrder)
  showLogins([...logins.values()])
  showWorkers(told.pages)
  showLimits(told.loginLimit)
}

/**
 * @param {keyof typeof LEVELS} level
 * @param {Words} text
 * @param {Words} detail
 * @param {string} [runbook] the section that says what to do
 */
function showHeadline(level, text, detail, runbook) {
  element('headline').dataset.level = level
  const shape = document.querySelector('#headline .shape')
  if (shape) write(shape, SHAPES[level])
  write(element('headline-text'), text)
  write(element('headline-detail'), detail)
  const link = element('headline-runbook')
  link.hidden = runbook === undefined
  link.setAttribute('href', `runbook#${runbook ?? ''}`)
  document.title = `${SHAPES[level]} ${say(LEVELS[level])} – Gatehouse`
}

function watchSilence() {
  const live = performance.now() - heardAt < SILENT_MS
  element('live').dataset.live = live && lastAt ? 'yes' : 'no'
  document.body.classList.toggle('lost', !live)
  if (live) {
    if (lastAt) write(element('live'), { en: 'live', ja: '更新中' })
    return
  }
  const since = lastAt?.toTimeString().slice(0, 8)
  write(element('live'), {
    en: `not live since ${since ?? 'the start'}`,
    ja: since ? `${since} から更新停止` : '開始時から更新停止',
  })
  if (performance.now() - heardAt > DEAD_MS && source.readyState === EventSource.OPEN) listen()
  showHeadline(
    'lost',
    {
      en: 'Not live: Gatehouse does not answer this page.',
      ja: '更新停止：Gatehouse がこのページに応答していません。',
    },
    {
      en: `Below is how it was at ${since ?? 'the start'}. Trying again.`,
      ja: `以下は${since ? ` ${since} ` : '開始時'}時点の状態です。再接続しています。`,
    },
  )
}

/**
 * @param {number} seconds
 * @returns {Words}
 */
function formatUptime(seconds) {
  if (seconds < 120) return { en: `up ${seconds} s`, ja: `稼働時間 ${seconds} 秒` }
  const [minutes, hours, days] = [60, 3600, 86_400].map(unit => Math.floor(seconds / unit))
  if (seconds < 7200) return { en: `up ${minutes} min`, ja: `稼働時間 ${minutes} 分` }
  if (seconds < 172_800) return { en: `up ${hours} h`, ja: `稼働時間 ${hours} 時間` }
  return { en: `up ${days} days`, ja: `稼働時間 ${days} 日` }
}

function listen() {
  source?.close()
  source = new EventSource('events')
  source.addEventListener('message', ({ data }) => {
    heardAt = performance.now()
    lastAt = new Date()
    show(JSON.parse(data))
    watchSilence()
  })
  source.addEventListener('error', () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, ANEW_MS)
  })
}

translatePage()
write(element('zone'), Intl.DateTimeFormat().resolvedOptions().timeZone)
listen()
setInterval(watchSilence, 500)
