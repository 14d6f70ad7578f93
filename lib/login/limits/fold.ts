/** Letters that MySQL's default collation takes for others, and no normalization does. */
const LIKE = new Map([
  ...[...'đðħłø'].map((letter, i) => [letter, 'ddhlo'.charAt(i)] as const),
  ...[...'ァィゥェォッャュョヮヵヶ'].map((kana, i) => [kana, 'アイウエオツヤユヨワカケ'.charAt(i)] as const),
  ['æ', 'ae'],
  ['œ', 'oe'],
])
/**
 * Python and Java take digits of any script for numbers, and Python `4_2`; PHP, MySQL and Rails take `+42`, `042`, `42.0` and `4.2e1` for 42. Who casts
 * takes `42a` for 42 as well, but students `20A1234` and `20B1234` must not share a count: docs/settings.md says so.
 */
const NUMBER = /^([+-]?)(\d+)(?:\.\d*)?$/
const WITH_EXPONENT = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)e[+-]?\d+$/
/** Of a telephone number an API takes the digits alone. */
const TELEPHONE = /^[+(]?\d[\d\s().-]{6,}$/
const OTHER_DIGIT = /[^\P{Nd}0-9]/u
const HIRAGANA_TO_KATAKANA = 0x60

/**
 * A name for counting alone: many an API takes `Taro`, `ｔａｒｏ`, `tarō`, `tarø`, たろう for タロウ, 42 for 042, or one with characters that
 * nobody sees for the same account. Where two accounts differ by that only, they share a count.
 */
export function fold(name: string): string {
  const oneCase = name.normalize('NFKC').toUpperCase().toLowerCase()
  const visible = oneCase.normalize('NFD').replace(/[\p{M}\p{C}\p{Default_Ignorable_Code_Point}\ufffd]/gu, '')
  const folded = visible
    .replace(/[ぁ-ゖ]/g, kana => String.fromCharCode(kana.charCodeAt(0) + HIRAGANA_TO_KATAKANA))
    .replace(/[đðħłøæœァィゥェォッャュョヮヵヶ]/g, letter => LIKE.get(letter) ?? letter)
    .normalize('NFKC')
    .replace(/[^\P{Nd}0-9]/gu, digit)
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
  return Number.isSafeInteger(value) && value !== 0 ? String(value) : undefined
}

/** Unicode has the digits of a script one behind the other, from zero on. */
function digit(other: string): string {
  const code = other.codePointAt(0) ?? 0
  let before = 0
  while (OTHER_DIGIT.test(String.fromCodePoint(code - before - 1))) before++
  return String(before % 10)
}
