import { readFile, writeFile } from 'node:fs/promises'
import { printInto } from '../../tools/settings-doc.ts'
import { core } from './report.ts'
import { RESULT } from './result.ts'

const PAGES = { 'README.md': 'en', 'README.ja.md': 'ja' } as const
const FROM = 'docs/versus.json'

/** Both READMEs with the table of docs/versus.json, as they should be; by file name. */
export async function readmes(): Promise<[file: string, now: string, printed: string][]> {
  const result = RESULT.parse(JSON.parse(await readFile(FROM, 'utf8')))
  return Promise.all(
    Object.entries(PAGES).map(async ([file, language]): Promise<[string, string, string]> => {
      const page = await readFile(file, 'utf8')
      return [file, page, printInto(page, 'versus', () => core(result, language))]
    }),
  )
}

export async function printReadmes(): Promise<void> {
  for (const [file, , printed] of await readmes()) await writeFile(file, printed)
}
