/** A browser sends some ten ranges at most. What stands behind so many is not read. */
const MOST_RANGES = 100
const MOST_PARAMETERS = 10
/** RFC 9110 §12.4.2 */
const WEIGHT = /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/

/**
 * The q of each range of Accept, Accept-Encoding or Accept-Language, by its name in lower case without parameters; of equal names the
 * highest. In linear time.
 */
export function weightsIn(header: string): Map<string, number> {
  const weights = new Map<string, number>()
  for (const range of header.toLowerCase().split(',', MOST_RANGES)) {
    const [name = '', ...parameters] = range.split(';', 1 + MOST_PARAMETERS).map(each => each.trim())
    weights.set(name, Math.max(weights.get(name) ?? 0, weightOf(parameters)))
  }
  return weights
}

/** What is no weight takes its range out. */
function weightOf(parameters: readonly string[]): number {
  const weight = parameters.find(each => each === 'q' || each.startsWith('q='))?.slice(2) ?? '1'
  return WEIGHT.test(weight) ? Number(weight) : 0
}

/** One that does not end goes to the end, or each quote in it would be looked at anew. */
const QUOTED = /"(?:[^"\\]|\\.)*(?:"|\\?$)/gs

/**
 * Whether an error is a page: for who names `text/html` and wants JSON no more than that (RFC 9110 §12.5.1). Wildcards alone are no browser's.
 * @param accept read in linear time
 */
export function prefersHtml(accept = ''): boolean {
  const weights = weightsIn(accept.replace(QUOTED, ''))
  const html = weights.get('text/html') ?? 0
  const json = weights.get('application/json') ?? weights.get('application/*') ?? weights.get('*/*') ?? 0
  return html > 0 && html >= json
}

/** The first is what we answer in where a header does not mind. */
const LANGUAGES = ['en', 'ja'] as const
export type Language = (typeof LANGUAGES)[number]

/**
 * The language to answer in, of the front's own errors and of the pages alike. A pure function, so that Next may bundle
 * it a second time.
 * @param header Accept-Language (RFC 9110 §12.5.4), read in linear time
 * @returns of the languages that we speak the one with the highest q, the one named earlier among equals; English where there is
 *   none. `*` stands for what the header does not name; where it names neither, that is English, as without a header
 */
export function chooseLanguage(header: string | null | undefined): Language {
  // The primary subtag alone: en-GB is English to us.
  const ranges = [...weightsIn(header ?? '')].map(([name, q]) => ({ tag: name.split('-', 1)[0], q }))
  const named = new Set(ranges.map(({ tag }) => tag))
  let best: { language: Language; q: number } = { language: 'en', q: 0 }
  for (const { tag, q } of ranges) {
    if (q <= best.q) continue
    const language = LANGUAGES.find(each => (tag === '*' ? !named.has(each) : each === tag))
    if (language) best = { language, q }
  }
  return best.language
}
