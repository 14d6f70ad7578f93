import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseLanguage } from './language.ts'

const cases: [name: string, header: string | null, expected: string][] = [
  ['takes the only language that is asked for', 'ja', 'ja'],
  ['sees a region as its language', 'ja-JP', 'ja'],
  ['does not mind upper case and blanks', ' JA-jp ; Q=0.9 , en ; q=0.8', 'ja'],
  ['prefers the higher weight to the earlier place', 'en;q=0.5, ja;q=0.8', 'ja'],
  ['prefers the earlier place among equal weights', 'en-US, ja', 'en'],
  ['passes over languages that it does not speak', 'fr, de;q=0.9, ja;q=0.1, en;q=0.05', 'ja'],
  ['does not take a prefix for a language', 'jam, enm, ja;q=0.1', 'ja'],
  ['leaves out what has weight 0', 'ja;q=0, *', 'en'],
  ['lets * stand for what is not named', 'en;q=0.2, *;q=0.5', 'ja'],
  ['leaves out a range whose weight is no number', 'ja;q=high, en;q=0.1', 'en'],
  ['leaves out a range whose weight is above 1', 'ja;q=5, en;q=0.1', 'en'],
  ['falls back on English when it speaks none of them', 'fr, zh', 'en'],
  ['falls back on English without a header', null, 'en'],
  ['is English where any will do, as without a header', '*', 'en'],
  ['reads a weight behind blanks', 'en; q=0.1, ja; q=0.8', 'ja'],
  ['passes over what it does not speak to a lower weight', 'fr, ja;q=0.8', 'ja'],
  ['is English where all are refused', '*;q=0', 'en'],
  ['leaves out a language with weight 0 before one that any stands for', 'en;q=0, *;q=0.1', 'ja'],
  ['leaves out a range whose weight is missing', 'ja;q=, en;q=0.1', 'en'],
  ['leaves out a range whose weight is only begun', 'ja;q, en;q=0.1', 'en'],
  ['does not mind empty parts', ', ,;;,ja;,', 'ja'],
  ['does not mind other parameters', 'en;q=0.1, ja;level=1;q=0.5', 'ja'],
  ['is not taken from behind a hundred ranges', `${'fr,'.repeat(100)}ja`, 'en'],
  ['falls back on English on an empty header', '', 'en'],
]

for (const [name, header, expected] of cases) {
  test(`the language ${name}`, () => assert.equal(chooseLanguage(header), expected))
}

/** The least of several times in ms, so that whatever else the machine does counts little. */
function leastMs(run: () => void): number {
  const times = Array.from({ length: 15 }, () => {
    const started = performance.now()
    for (let i = 0; i < 5; i++) run()
    return performance.now() - started
  })
  return Math.min(...times)
}

const long: [words: string, text: (length: number) => string][] = [
  ['ranges that stand for any language', n => `${'*,'.repeat(n)}en;q=0,ja;q=0`],
  ['ranges of other languages', n => 'fr;q=0.5,'.repeat(n)],
  ['parameters', n => `ja${';q=x'.repeat(n)}`],
  ['subtags', n => `ja${'-x'.repeat(n)}`],
  ['blanks', n => `ja;${' '.repeat(n)}q=1${' '.repeat(n)}x`],
  ['commas', n => ','.repeat(n)],
]
for (const [words, text] of long) {
  test(`ten times as many ${words} take no more than some ten times as long`, () => {
    const [few, many] = [text(1_000), text(10_000)]
    leastMs(() => chooseLanguage(many))
    const base = leastMs(() => chooseLanguage(few))
    const ratio = leastMs(() => chooseLanguage(many)) / Math.max(base, 0.005)
    assert.ok(ratio < 40, `${ratio.toFixed(1)} times as long`)
  })
}
