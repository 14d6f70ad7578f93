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
  ['falls back on English on an empty header', '', 'en'],
]

for (const [name, header, expected] of cases) {
  test(`the language ${name}`, () => assert.equal(chooseLanguage(header), expected))
}
