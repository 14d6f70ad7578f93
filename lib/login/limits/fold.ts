/** English orders by the Unicode Collation Algorithm as it is, and so do MySQL's default, MariaDB and ICU (PostgreSQL, Mongo). */
const COLLATOR = new Intl.Collator('en', { sensitivity: 'base' })
const LETTERS = [...'0123456789abcdefghijklmnopqrstuvwxyz']
const KANA =
  'アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヰヱヲン'
const CYRILLIC = 'абвгдежзиклмнопрстуфхцчшщъыьэюяєі'
/** What a character may stand for: nothing, a letter or two (`ꜵ` is `ao`, `⓾` is 10). */
const WRITTEN = [
  '',
  ...LETTERS,
  ...LETTERS.flatMap(one => LETTERS.map(other => one + other)),
  ...KANA,
  ...CYRILLIC,
].sort(COLLATOR.compare)
/** Of each character that came so far: Unicode has 50,000 that are no ideographs. First those that only contractions and `utf8mb4_unicode_ci` have. */
const alike = new Map([
  ['·', ''],
  ['۞', ''],
  ...[...'৴৵৶৷'].map((digit, i) => [digit, String(i + 1)] as const),
])

/**
 * Python and Java take digits of any script for numbers, and Python `4_2`; PHP, MySQL and Rails take `+42`, `042`, `42.0` and `4.2e1` for 42. Who casts
 * takes `42a` for 42 as well, but students `20A1234` and `20B1234` must not share a count: docs/settings.md says so.
 */
const NUMBER = /^([+-]?)(\d+)(?:\.\d*)?$/
const WITH_EXPONENT = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)e[+-]?\d+$/
/** Of a telephone number an API takes the digits alone. */
const TELEPHONE = /^[+(]?\d[\d\s().-]{6,}$/

/**
 * A name for counting alone: many an API takes `Taro`, `ｔａｒｏ`, `tarō`, `tarø`, たろう for タロウ, 42 for 042, or one with characters that
 * nobody sees for the same account. Where two accounts differ by that only, they share a count.
 */
export function fold(name: string): string {
  const visible = name.replace(/[\p{C}\p{Default_Ignorable_Code_Point}\ufffd]/gu, '').normalize('NFD')
  // twice: NFKD makes a space of marks of Arabic that are passed over, and letters of what is several
  const folded = likenAll(likenAll(visible).normalize('NFKD'))
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    // MariaDB's default until 11.6, and `utf8mb4_unicode_ci`, take them all for one
    .replace(/[\u{10000}-\u{10ffff}]/gu, '\u{10000}')
    .replace(/\s+/g, ' ')
    .trim()
  const number = folded.replace(/(?<=\d)_(?=\d)/g, '')
  return asInteger(number) ?? (TELEPHONE.test(number) ? fold(number.replace(/\D/g, '')) : folded)
}

/** Its digits as they are: a Number has 16 of them, and card numbers with more would share a count. `20E1234` and `20E-1234` are no account's number. */
function asInteger(text: string): string | undefined {
  const [, sign, all] = NUMBER.exec(text) ?? []
  const digits = all?.replace(/^0+(?=\d)/, '')
  if (digits !== undefined) return sign === '-' && digits !== '0' ? `-${digits}` : digits
  const value = WITH_EXPONENT.test(text) ? Math.trunc(Number(text)) : 0
  return Number.isFinite(value) && value !== 0 ? String(value) : undefined
}

const likenAll = (text: string) =>
  text.replace(/[^\p{ASCII}\p{Unified_Ideograph}]/gu, each => alike.getOrInsertComputed(each, likened))

/** The letters, digits or kana that databases take a character for, or itself: `🆃`, `ꞇ` and the mark U+036D are `t` to MySQL. */
function likened(character: string): string {
  let [from, to] = [0, WRITTEN.length]
  while (from < to) {
    const middle = (from + to) >> 1
    const written = WRITTEN[middle] ?? ''
    const order = COLLATOR.compare(character, written)
    if (order === 0) return written
    if (order < 0) to = middle
    else from = middle + 1
  }
  return character
}
