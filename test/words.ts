import assert from 'node:assert/strict'
import type { Words } from '../lib/settings/words.ts'

/** Two English words in a row: something was left as it is. Codes, paths, units and product names are none. */
const LEFT_OVER = /[a-z]{3,}[^\S\n]+[a-z]{3,}/

const figuresOf = (text: string) => text.match(/\d+/g)?.toSorted()

/** That the Japanese is Japanese, and has the figures of the English. */
export function assertJapanese({ en, ja }: Words): void {
  assert.match(ja, /[\p{sc=Hira}\p{sc=Kana}\p{sc=Han}]/u, `${en} → ${ja}`)
  assert.doesNotMatch(ja, LEFT_OVER, en)
  assert.deepEqual(figuresOf(ja), figuresOf(en), `${en} → ${ja}`)
}
