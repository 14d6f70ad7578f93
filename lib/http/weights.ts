/** A browser sends some ten ranges at most. What stands behind so many is not read. */
export const MOST_RANGES = 100
const MOST_PARAMETERS = 10
/** RFC 9110 §12.4.2 */
const WEIGHT = /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/

/** The q of a range of Accept, Accept-Encoding or Accept-Language; one that is no weight takes its range out. */
export function weightOf(range: string): number {
  const [, ...parameters] = range.toLowerCase().split(';', 1 + MOST_PARAMETERS)
  const parameter = parameters.map(each => each.trim()).find(each => each === 'q' || each.startsWith('q='))
  const weight = parameter?.slice(2) ?? '1'
  return WEIGHT.test(weight) ? Number(weight) : 0
}

/** The q of each range, by its name in lower case without parameters; of equal names the highest. In linear time. */
export function weightsIn(header: string): Map<string, number> {
  const weights = new Map<string, number>()
  for (const range of header.toLowerCase().split(',', MOST_RANGES)) {
    const name = range.split(';', 1)[0]?.trim() ?? ''
    weights.set(name, Math.max(weights.get(name) ?? 0, weightOf(range)))
  }
  return weights
}
