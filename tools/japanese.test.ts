import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { describeSettings } from '../lib/settings/schema.ts'
import { linksOf } from './links.ts'

const english = readFileSync('README.md', 'utf8')
const japanese = readFileSync('README.ja.md', 'utf8')

/** What both say in the same signs; comments in blocks of code are for people. */
const blocksOf = (page: string) =>
  [...page.matchAll(/^```[\s\S]*?^```/gm)].map(([block]) => block.replace(/ +#.*$/gm, ''))
const withoutBlocks = (page: string) => page.replace(/^```[\s\S]*?^```/gm, '')
const codeSpans = (page: string) =>
  [...withoutBlocks(page).matchAll(/`[^`\n]+`/g)].map(([code]) => code).sort()
const figuresOf = (page: string) => [...page.matchAll(/\d[\d,.:/-]*\d|\d/g)].map(([figure]) => figure)

test('README.ja.md has the blocks of code of README.md, but for their comments', () => {
  assert.ok(blocksOf(english).length > 2)
  assert.deepEqual(blocksOf(japanese), blocksOf(english))
})

test('README.ja.md has the links and pictures of README.md', () => {
  const links = (page: string) =>
    linksOf(page)
      .filter(link => !/^README(\.ja)?\.md$/.test(link))
      .sort()
  assert.deepEqual(links(japanese), links(english))
})

test('README.ja.md names the commands, settings and paths that README.md names', () => {
  assert.deepEqual(codeSpans(japanese), codeSpans(english))
})

test('README.ja.md leaves out no figure of README.md', () => {
  const there = new Set(figuresOf(japanese))
  assert.deepEqual(
    figuresOf(english).filter(figure => !there.has(figure)),
    [],
  )
})

test('README.ja.md has as many headings, and rows of tables, as README.md', () => {
  const shape = (page: string) =>
    withoutBlocks(page)
      .split('\n')
      .map(line => /^(#+ |\||\d\. |!)/.exec(line)?.[0])
      .filter(Boolean)
  assert.deepEqual(shape(japanese), shape(english))
})

test('its settings are those of the schema, with their defaults, and explained in Japanese', () => {
  const [, table = ''] = /<!-- settings -->\n([\s\S]*?)<!-- \/settings -->/.exec(japanese) ?? []
  const rows = [...table.matchAll(/^\| `(\w+)` \| (?:`(.*?)`)? \| (.+) \|$/gm)]
  assert.deepEqual(
    rows.map(([, name, initial = '']) => ({ name, initial })),
    describeSettings().map(({ name, initial }) => ({ name, initial })),
  )
  for (const [, name = '', , meaning = ''] of rows)
    assert.match(meaning, /[\p{sc=Hira}\p{sc=Kana}\p{sc=Han}]/u, name)
})
