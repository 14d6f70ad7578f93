import { MOST_RANGES, weightOf } from './weights.ts'

/** The first is what we answer in where a header does not mind. */
const LANGUAGES = ['en', 'ja'] as const
export type Language = (typeof LANGUAGES)[number]

/**
 * The language to answer in, of the front's own errors and of the pages alike. A pure function, so that Next may bundle
 * it a second time.
 * @param header Accept-Language (RFC 9110 §12.5.4), read in linear time
 * @returns of the languages that we speak the one with the highest q, the earlier one among equals; English where there is
 *   none. `*` stands for what the header does not name; where it names neither, that is English, as without a header
 */
export function chooseLanguage(header: string | null | undefined): Language {
  const ranges = (header ?? '').split(',', MOST_RANGES).map(parseRange)
  const named = new Set(ranges.map(({ tag }) => tag))
  let best: { language: Language; q: number } = { language: 'en', q: 0 }
  for (const { tag, q } of ranges) {
    if (q <= best.q) continue
    const language = LANGUAGES.find(each => (tag === '*' ? !named.has(each) : each === tag))
    if (language) best = { language, q }
  }
  return best.language
}

function parseRange(range: string): { tag: string; q: number } {
  // The primary subtag alone: en-GB is English to us.
  return { tag: range.toLowerCase().split(/[;-]/, 1)[0]?.trim() ?? '', q: weightOf(range) }
}
