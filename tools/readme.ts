import { readFile, writeFile } from 'node:fs/promises'
import { settingsTable } from '../lib/settings/schema.ts'
import { printInto, settingsSections } from './settings-doc.ts'

/** `npm run readme`: prints the settings of the schema into README.md and docs/settings.md; tests hold them together. */
async function print(file: string, how: (before: string) => string) {
  const page = await readFile(file, 'utf8')
  await writeFile(file, printInto(page, how))
}

await print('README.md', settingsTable)
await print('docs/settings.md', settingsSections)
