/** What was measured: of each part and contender, each figure once a round. */
export type Figures = Record<string, Record<string, Record<string, number[]>>>

export function record(
  figures: Figures,
  part: string,
  contender: string,
  measured: Readonly<Record<string, number>>,
): void {
  figures[part] ??= {}
  const ofPart = figures[part]
  ofPart[contender] ??= {}
  const ofContender = ofPart[contender]
  for (const [name, value] of Object.entries(measured)) {
    ofContender[name] ??= []
    ofContender[name].push(value)
  }
}

/** The value below which a part of the values are, interpolated; NaN where there are none. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const at = part * (sorted.length - 1)
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
  if (below === undefined || above === undefined) return Number.NaN
  return below + (above - below) * (at - Math.floor(at))
}

/** The median of all rounds; undefined where it was not measured. */
export function median(figures: Figures, part: string, contender: string, name: string): number | undefined {
  const values = figures[part]?.[contender]?.[name]
  return values && values.length > 0 ? quantile(values, 0.5) : undefined
}

/** By how much of its median a figure of a part differs from round to round, at most; the median of its contenders, NaN with one round. */
export function spread(figures: Figures, part: string, name: string): number {
  const spreads = Object.values(figures[part] ?? {})
    .map(each => each[name] ?? [])
    .filter(values => values.length > 1)
    .map(values => (Math.max(...values) - Math.min(...values)) / quantile(values, 0.5))
  return quantile(spreads, 0.5)
}
