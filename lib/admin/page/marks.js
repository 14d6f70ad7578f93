// @ts-check
/** @import { ParsedMessage } from '../feed.ts' */
/** @import uPlot from './uplot.js' */

import { element, make, write } from './dom.js'
import { SHAPES } from './events.js'

/** @type {ReadonlyMap<string, string>} the events that are marks, and their colours */
const MARKS = new Map([
  ['added', '--fine'],
  ['departed', '--watch'],
  ['stale', '--bad'],
  ['fresh', '--fine'],
  ['worker', '--soft'],
  ['life', '--soft'],
])

/** @param {ParsedMessage['events'][number]} event */
export const isMark = ({ kind }) => MARKS.has(kind)

const probe = make('span')
probe.hidden = true
document.body.append(probe)

/**
 * What a variable of the style sheet is in the present colour scheme; a canvas knows nothing of `light-dark()`.
 * @param {string} name
 */
export function color(name) {
  probe.style.color = `var(${name})`
  return getComputedStyle(probe).color
}

/**
 * @param {uPlot} plot
 * @param {ParsedMessage['events']} events
 */
export function drawMarks(plot, events) {
  const { ctx, bbox } = plot
  const ratio = devicePixelRatio
  ctx.save()
  ctx.font = `${11 * ratio}px system-ui`
  ctx.textAlign = 'center'
  ctx.lineWidth = ratio
  ctx.setLineDash([2 * ratio, 3 * ratio])
  for (const { at, kind } of events) {
    const x = Math.round(plot.valToPos(Date.parse(at) / 1000, 'x', true))
    if (x < bbox.left || x > bbox.left + bbox.width) continue
    ctx.strokeStyle = ctx.fillStyle = color(MARKS.get(kind) ?? '--soft')
    ctx.beginPath()
    ctx.moveTo(x, bbox.top)
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
    ctx.fillText(SHAPES[kind], x, bbox.top - 3 * ratio)
  }
  ctx.restore()
}

write(element('marks-key'), {
  en: `${SHAPES.added} address added  ${SHAPES.departed} address left  ${SHAPES.stale} DNS silent  ${SHAPES.fresh} DNS answers  ${SHAPES.worker} page worker  ${SHAPES.life} start, stop`,
  ja: `${SHAPES.added} アドレス追加  ${SHAPES.departed} アドレス削除  ${SHAPES.stale} DNS 無応答  ${SHAPES.fresh} DNS が応答  ${SHAPES.worker} ページワーカー  ${SHAPES.life} 起動・停止`,
})
