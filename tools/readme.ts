import { readFile, writeFile } from 'node:fs/promises'
import { settingsTable } from '../lib/settings/schema.ts'
import { printReadmes } from '../test/versus/readme.ts'
import { printInto, settingsSections } from './settings-doc.ts'

/** `npm run readme`: prints the settings of the schema into docs/settings.md, as a table and one by one, and docs/versus.json into both READMEs. */
const PAGE = 'docs/settings.md'
const page = await readFile(PAGE, 'utf8')
await writeFile(PAGE, printInto(printInto(page, 'table', settingsTable), 'settings', settingsSections))
await printReadmes()
