import { number } from './report.ts'

/** A panel of bars, one a contender; `better` says which end is good. */
export type Panel = { title: string; better: 'less' | 'more'; bars: readonly Bar[] }

export type Bar = { label: string; value: number; strong: boolean }

const WIDTH = 760
const LABEL = 190
const ROW = 26
const HEAD = 52
const BARS = WIDTH - LABEL - 90

/** Light and dark by the reader's setting; an SVG in a README is an image, which sees only that of the system. */
const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-size: 15px; font-weight: 600 }
  .quiet { fill: #59636e }
  .bar { fill: #9aa4af }
  .strong { fill: #1a7f5a }
  .ground { fill: #ffffff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .quiet { fill: #9198a1 }
    .bar { fill: #59636e }
    .strong { fill: #3fb98a }
    .ground { fill: #0d1117 }
  }
`

const escaped = (words: string) =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

function drawn({ title, better, bars }: Panel, top: number): string {
  const most = Math.max(...bars.map(each => each.value)) || 1
  const rows = bars.map(({ label, value, strong }, row) => {
    const y = top + HEAD + row * ROW
    const width = Math.max(2, (value / most) * BARS)
    return `
  <text x="${LABEL - 10}" y="${y + 14}" text-anchor="end">${escaped(label)}</text>
  <rect class="${strong ? 'strong' : 'bar'}" x="${LABEL}" y="${y}" width="${width.toFixed(1)}" height="18" rx="2"/>
  <text x="${(LABEL + width + 8).toFixed(1)}" y="${y + 14}">${number(value)}</text>`
  })
  return `
  <text class="title" x="16" y="${top + 34}">${escaped(title)} <tspan class="quiet" font-weight="400">${better} is better</tspan></text>${rows.join('')}`
}

/** Bar charts, one below the other, as an SVG file. */
export function chart(words: string, panels: readonly Panel[]): string {
  let top = 0
  const drawnPanels = panels.map(panel => {
    const svg = drawn(panel, top)
    top += HEAD + panel.bars.length * ROW
    return svg
  })
  const height = top + 20
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(words)}">
  <style>${STYLE}</style>
  <rect class="ground" width="${WIDTH}" height="${height}" rx="6"/>${drawnPanels.join('')}
</svg>
`
}
