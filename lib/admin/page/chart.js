// @ts-check
/** @import { ParsedMessage } from '../feed.ts' */
/** @import { Words } from '../../settings/words.ts' */

import { element, write } from './dom.js'
import { describeRows, formatMs, formatRate } from './figures.js'
import { color, drawMarks, isMark } from './marks.js'
import uPlot from './uplot.js'
import { say } from './words.js'

/** @typedef {ParsedMessage['buckets'][number]} Bucket */
/** @typedef {'failed' | 'misrouted' | 'limited' | 'refused' | 'gone' | 'ok'} Result */

/** From the base line up: what fails stands on it, where it can be seen and compared. */
/** @type {readonly { result: Result, label: Words }[]} */
const STACK = [
  { result: 'failed', label: { en: 'failed (5xx)', ja: '失敗 (5xx)' } },
  {
    result: 'misrouted',
    label: { en: 'misrouted (404, 405, 415, 421)', ja: '宛先違い (404, 405, 415, 421)' },
  },
  { result: 'limited', label: { en: 'too many (429)', ja: 'レート制限 (429)' } },
  { result: 'refused', label: { en: 'refused (4xx)', ja: '拒否 (4xx)' } },
  { result: 'gone', label: { en: 'client left', ja: 'クライアント離脱' } },
  { result: 'ok', label: { en: 'ok', ja: '成功' } },
]

const SPANS = [300, 900, 3600]
const HEIGHT = 170
const DURATIONS_HEIGHT = 120

/** @type {{ rates: uPlot, durations: uPlot } | undefined} */
let plots
/** @type {Bucket[]} */
let rows = []
/** @type {ParsedMessage['events']} */
let events = []
let bucketSeconds = 5
let nowSeconds = 0
/** @type {number | undefined} what the person has chosen */
let chosen

/** A front that started anew has another history. */
export function clearChart() {
  rows = []
}

/**
 * @param {ParsedMessage} told
 * @param {Bucket[]} buckets
 * @param {ParsedMessage['events']} all
 */
export function showChart(told, buckets, all) {
  bucketSeconds = told.bucketSeconds
  nowSeconds = Date.parse(told.at) / 1000
  // the bucket under way would look like a fall
  rows = buckets.filter(({ at }) => at + bucketSeconds <= nowSeconds)
  events = all.filter(isMark)
  plots ??= open()
  draw()
  write(element('time-summary'), describeRows(rows, bucketSeconds))
}

function draw() {
  if (!plots) return
  const span = chosen ?? SPANS.find(each => nowSeconds - (rows[0]?.at ?? nowSeconds) < each) ?? 3600
  for (const input of document.querySelectorAll('#spans input')) {
    if (input instanceof HTMLInputElement) input.checked = Number(input.value) === span
  }
  const shown = { min: nowSeconds - span, max: nowSeconds }
  const times = rows.map(({ at }) => at + bucketSeconds / 2)
  /** @type {number[]} */
  let below = rows.map(() => 0)
  const stacked = STACK.map(({ result }) => {
    below = below.map((value, i) => value + (rows[i]?.[result] ?? 0) / bucketSeconds)
    return below
  })
  const { rates, durations } = plots
  rates.batch(() => {
    // the whole is painted first, and the parts over it
    rates.setData([times, ...stacked.toReversed()], false)
    rates.setScale('x', shown)
  })
  durations.batch(() => {
    durations.setData([times, rows.map(({ p99 }) => p99), rows.map(({ p50 }) => p50)], false)
    durations.setScale('x', shown)
  })
  // where nobody points at anything, the figures are the newest
  for (const plot of [rates, durations]) if (plot.cursor.idx == null) plot.setLegend({ idx: rows.length - 1 })
}

function open() {
  const sync = uPlot.sync('time')
  const axis = {
    stroke: () => color('--soft'),
    grid: { stroke: () => color('--line'), width: 1 },
    font: '11px system-ui',
  }
  const ticks = { ...axis.grid, size: 4 }
  /** @param {number} height */
  const options = height => ({
    width: 600,
    height,
    cursor: { sync: { key: sync.key }, drag: { x: false, y: false }, points: { show: false } },
    legend: { isolate: false },
    padding: /** @type {[number, number, number, number]} */ ([14, 18, 0, 0]),
    hooks: { draw: [(/** @type {uPlot} */ plot) => drawMarks(plot, events)] },
  })
  /** @type {uPlot.Series} */
  const time = {
    label: say({ en: 'time', ja: '時刻' }),
    value: (_plot, at) => (at == null ? '–' : new Date(at * 1000).toTimeString().slice(0, 8)),
  }
  /** @type {uPlot.Axis} */
  const times = { ...axis, ticks, size: 30, space: 70, values: (_plot, all) => all.map(clock) }
  const rates = new uPlot(
    {
      ...options(HEIGHT),
      series: [time, ...STACK.toReversed().map(seriesOf)],
      scales: { y: { range: (_plot, _min, max) => [0, Math.max((max ?? 0) * 1.15, 1)] } },
      axes: [times, { ...axis, ticks, size: 48, space: 30 }],
    },
    [[], ...STACK.map(() => [])],
    element('rates'),
  )
  const durations = new uPlot(
    {
      ...options(DURATIONS_HEIGHT),
      series: [time, lineOf('p99', '--p99', [5, 3]), lineOf('p50', '--p50')],
      scales: { y: { distr: 3, range: (_plot, min, max) => decades(min, max) } },
      axes: [
        times,
        {
          ...axis,
          grid: { ...axis.grid, filter: decadesOnly },
          ticks: { ...ticks, filter: decadesOnly },
          filter: decadesOnly,
          size: 48,
          space: 24,
        },
      ],
    },
    [[], [], []],
    element('durations'),
  )
  const opened = { rates, durations }
  const fit = () => {
    for (const [id, plot] of Object.entries(opened)) {
      const width = element(id).clientWidth
      if (width > 0 && width !== plot.width) plot.setSize({ width, height: plot.height })
    }
  }
  new ResizeObserver(fit).observe(element('rates'))
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    for (const plot of Object.values(opened)) plot.redraw(true, true)
  })
  for (const [id, plot] of Object.entries(opened)) {
    element(id).tabIndex = 0
    element(id).addEventListener('keydown', event => moveCursor(plot, event))
  }
  fit()
  return opened
}

/**
 * @param {{ result: Result, label: Words }} part
 * @returns {uPlot.Series}
 */
function seriesOf({ result, label }) {
  return {
    label: say(label),
    fill: () => color(`--${result}`),
    // a line between two parts, for whoever does not tell their colours apart
    stroke: () => color('--surface'),
    width: 1,
    points: { show: false },
    value: (_plot, _stacked, _series, i) =>
      i == null ? '–' : formatRate((rows[i]?.[result] ?? 0) / bucketSeconds),
  }
}

/**
 * @param {'p50' | 'p99'} name
 * @param {string} tone
 * @param {number[]} [dash]
 * @returns {uPlot.Series}
 */
function lineOf(name, tone, dash) {
  return {
    label: name,
    stroke: () => color(tone),
    width: 1.5,
    spanGaps: false,
    points: { show: false },
    ...(dash && { dash }),
    value: (_plot, ms) => formatMs(ms),
  }
}

/**
 * Whole decades, so that the same height means the same all night.
 * @param {number | null} min
 * @param {number | null} max
 * @returns {[number, number]}
 */
const decades = (min, max) => [
  10 ** Math.floor(Math.log10(Math.max(min ?? 1, 0.1))),
  10 ** Math.ceil(Math.log10(Math.max(max ?? 100, 10) * 1.01)),
]

/**
 * @param {uPlot} _plot
 * @param {number[]} all
 */
const decadesOnly = (_plot, all) => all.map(each => (Number.isInteger(Math.log10(each)) ? each : null))

/** @param {number} at */
const clock = at => new Date(at * 1000).toTimeString().slice(0, chosen === 300 ? 8 : 5)

/**
 * The arrow keys go from bucket to bucket, as a mouse does.
 * @param {uPlot} plot
 * @param {KeyboardEvent} event
 */
function moveCursor(plot, event) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
  if (step === undefined || rows.length === 0) return
  event.preventDefault()
  const from = plot.cursor.idx ?? (step < 0 ? rows.length : -1)
  const to = Math.min(Math.max(from + step, 0), rows.length - 1)
  const at = (rows[to]?.at ?? 0) + bucketSeconds / 2
  plot.setCursor({ left: plot.valToPos(at, 'x'), top: 10 })
}

element('spans').addEventListener('change', ({ target }) => {
  if (!(target instanceof HTMLInputElement)) return
  chosen = Number(target.value)
  draw()
})
