/** Letters that MySQL's default collation takes for others, and no normalization does. */
const LIKE = new Map([
  ...[...'đðħłø'].map((letter, i) => [letter, 'ddhlo'.charAt(i)] as const),
  ...[...'ァィゥェォッャュョヮヵヶ'].map((kana, i) => [kana, 'アイウエオツヤユヨワカケ'.charAt(i)] as const),
  ['æ', 'ae'],
  ['œ', 'oe'],
])
const HIRAGANA_TO_KATAKANA = 0x60

/**
 * A name for counting alone: many an API takes `Taro`, `ｔａｒｏ`, `tarō`, `tarø`, たろう for タロウ, or one with characters that nobody sees for
 * the same account. Where two accounts differ by that only, they share a count.
 */
export function fold(name: string): string {
  const oneCase = name.normalize('NFKC').toUpperCase().toLowerCase()
  const visible = oneCase.normalize('NFD').replace(/[\p{M}\p{C}\p{Default_Ignorable_Code_Point}\ufffd]/gu, '')
  return visible
    .replace(/[ぁ-ゖ]/g, kana => String.fromCharCode(kana.charCodeAt(0) + HIRAGANA_TO_KATAKANA))
    .replace(/[đðħłøæœァィゥェォッャュョヮヵヶ]/g, letter => LIKE.get(letter) ?? letter)
    .normalize('NFKC')
    .replace(/\s+/g, ' ')
    .trim()
}
