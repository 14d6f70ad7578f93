const languages = ['ja', 'en'] as const
export type Language = (typeof languages)[number]

/**
 * The language to answer in, from an Accept-Language header (RFC 9110 §12.5.4): the highest q that we speak,
 * the earlier one among equals, English if there is none. `*` stands for what the header does not name.
 */
export function chooseLanguage(header: string | null): Language {
  const ranges = (header ?? '').split(',').map(parseRange)
  const wanted = ranges.filter(range => range.q > 0).sort((a, b) => b.q - a.q)
  for (const { tag } of wanted) {
    const match = languages.find(language =>
      tag === '*' ? !ranges.some(range => range.tag === language) : language === tag,
    )
    if (match) return match
  }
  return 'en'
}

function parseRange(text: string): { tag: string; q: number } {
  const [range = '', ...parameters] = text.split(';').map(part => part.trim().toLowerCase())
  const weight = parameters.find(parameter => parameter.startsWith('q='))?.slice(2) ?? '1'
  // The primary subtag alone: en-GB is English to us. A q that is no weight takes its range out.
  return {
    tag: range.split('-')[0] ?? '',
    q: /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(weight) ? Number(weight) : 0,
  }
}
