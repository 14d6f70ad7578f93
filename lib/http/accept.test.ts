import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseLanguage, prefersHtml } from './accept.ts'

for (const accept of [
  'text/html',
  'TEXT/HTML ; Q=0.5',
  'text/html;level=1',
  'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'text/html, */*; q=0.01',
  'application/json, text/html',
  'application/json;q=0.5, text/html;q=0.5',
  'image/avif;a="b,c", text/html',
])
  test(`an error for Accept: ${accept} is a page`, () => {
    assert.equal(prefersHtml(accept), true)
  })

for (const accept of [
  undefined,
  '*/*',
  'text/*',
  'text/html;q=0',
  'text/html;q=much',
  'text/html-sandboxed',
  'x-text/html',
  'application/json, text/html;q=0.1',
  'text/html;q=0.5, */*',
  'application/*, text/html;q=0.9',
  'application/json;profile="text/html"',
  'application/json;profile="a,text/html,b"',
])
  test(`an error for Accept: ${accept} is JSON`, () => {
    assert.equal(prefersHtml(accept), false)
  })

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
