import { readFile, writeFile } from 'node:fs/promises'
import { settingsTable } from '../lib/config.ts'

/** `npm run readme`: prints the settings table of the schema into the README; a test holds the two together. */
const readme = await readFile('README.md', 'utf8')
const [before = '', rest = ''] = readme.split('<!-- settings -->')
const after = rest.slice(rest.indexOf('<!-- /settings -->'))
await writeFile('README.md', `${before}<!-- settings -->\n${settingsTable()}\n${after}`)
