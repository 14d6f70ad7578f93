import { chart, type Panel } from './chart.ts'
import { type Figures, median } from './figures.ts'

/** The charts, by file name; those that were not measured are left out. */
export function pictures(figures: Figures): Record<string, { words: string; svg: string }> {
  const panel = (part: string, name: string, title: string, better: Panel['better']): Panel => ({
    title,
    better,
    bars: Object.keys(figures[part] ?? {}).flatMap(label => {
      const value = median(figures, part, label, name)
      return value === undefined ? [] : [{ label, value, strong: label.startsWith('Gatehouse') }]
    }),
  })
  const all: Record<string, { words: string; panels: Panel[] }> = {
    'saturated.svg': {
      words: 'Logins while the pages are saturated: logins per second, p50 and p99',
      panels: [
        panel('saturated', 'rate', 'Logins per second while the pages are saturated', 'more'),
        panel('saturated', 'p50', 'p50 of such a login, ms', 'less'),
        panel('saturated', 'p99', 'p99 of such a login, ms', 'less'),
      ],
    },
    'cpu.svg': {
      words: 'CPU time that each proxy takes for a login',
      panels: [panel('login', 'cpu', 'CPU per login, µs', 'less')],
    },
  }
  return Object.fromEntries(
    Object.entries(all)
      .filter(([, { panels }]) => panels.every(each => each.bars.length > 0))
      .map(([file, { words, panels }]) => [file, { words, svg: chart(words, panels) }]),
  )
}
