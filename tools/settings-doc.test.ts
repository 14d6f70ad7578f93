import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { japaneseTable, printInto, settingsIndex, settingsSections } from './settings-doc.ts'

test('docs/settings.md says of the settings what the schema says (`npm run readme` prints it)', async () => {
  const page = await readFile('docs/settings.md', 'utf8')
  assert.equal(page, printInto(page, 'settings', settingsSections))
  assert.equal(
    page,
    printInto(page, 'index', () => settingsIndex()),
  )
  const japanese = await readFile('docs/settings.ja.md', 'utf8')
  assert.equal(
    japanese,
    printInto(japanese, 'table', () => japaneseTable()),
  )
})

test('every setting has words of its own, below what is printed', async () => {
  const page = await readFile('docs/settings.md', 'utf8')
  const [, ...sections] = page.split(/^### /m)
  const bare = sections.filter(section => !/^[\w]+\n\n(- .*\n)+\n[^<\s]/.test(section))
  assert.deepEqual(bare, [])
})

test('a setting that is new, gone or has other facts is printed anew, and what people wrote stays', () => {
  const before =
    '\n### GONE\n\n- **means**: x\n\nOld.\n\n### PORT\n\n- **means**: a port\n\nFor people.\n\n- A list.\n'
  const printed = settingsSections(before)
  assert.doesNotMatch(printed, /GONE|Old\.|a port\n/)
  assert.match(printed, /### PORT\n\n- \*\*means\*\*: port of the public listener\n/)
  assert.match(printed, /any free one\)\n\nFor people\.\n\n- A list\.\n\n### /)
  assert.match(printed, /### HOST\n\n- /)
})

test('a page without marks is not taken for one that is in step', () => {
  assert.throws(() => printInto('# Settings\n', 'settings', settingsSections), /no <!-- settings -->/)
})
