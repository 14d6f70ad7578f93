import { readFile, writeFile } from 'node:fs/promises'
import { printReadmes } from '../test/versus/readme.ts'
import { japaneseTable, printInto, settingsIndex, settingsSections } from './settings-doc.ts'

/**
 * `npm run readme`: prints the settings of the schema into docs/settings.md, as an index and one by one, their table into docs/settings.ja.md, and
 * docs/versus.json into both READMEs.
 */
const ENGLISH = 'docs/settings.md'
const JAPANESE = 'docs/settings.ja.md'
const english = printInto(await readFile(ENGLISH, 'utf8'), 'index', () => settingsIndex())
await writeFile(ENGLISH, printInto(english, 'settings', settingsSections))
await writeFile(
  JAPANESE,
  printInto(await readFile(JAPANESE, 'utf8'), 'table', () => japaneseTable()),
)
await printReadmes()
