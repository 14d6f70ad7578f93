import { readFile, writeFile } from 'node:fs/promises'
import { settingsTable } from '../lib/settings/schema.ts'
import { printReadmes } from '../test/versus/readme.ts'
import { printInto, settingsSections } from './settings-doc.ts'

/**
 * `npm run readme`: prints the settings of the schema into docs/settings.md, as a table and one by one, their table into docs/settings.ja.md, and
 * docs/versus.json into both READMEs.
 */
const PAGES = { en: 'docs/settings.md', ja: 'docs/settings.ja.md' } as const
for (const language of ['en', 'ja'] as const) {
  const page = await readFile(PAGES[language], 'utf8')
  const printed = printInto(page, 'table', () => settingsTable(language))
  await writeFile(
    PAGES[language],
    language === 'en' ? printInto(printed, 'settings', settingsSections) : printed,
  )
}
await printReadmes()
