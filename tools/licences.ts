import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i

const Package = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string(),
  author: z.union([z.string(), z.object({ name: z.string() }).transform(author => author.name)]).optional(),
})

/** One text of all licences, with a line between them. */
export const together = (licences: readonly string[]) => `${licences.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`

/** The licence files of a folder, of which there may be none. */
export async function licenceFiles(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter(name => LICENCE_FILE.test(name)).sort()
  return Promise.all(names.map(async name => (await readFile(join(folder, name), 'utf8')).trim()))
}

/**
 * The licence of an installed package, under its name and version: its own files, or the MIT's words, which are
 * Gatehouse's too, where it has left them out.
 * @param path from the repository: node_modules/next
 * @throws where another licence is left out
 */
export async function licenceOf(path: string): Promise<string> {
  const { name, version, license, author } = Package.parse(
    JSON.parse(await readFile(join(ROOT, path, 'package.json'), 'utf8')),
  )
  const texts = await licenceFiles(join(ROOT, path))
  if (texts.length === 0) {
    if (license !== 'MIT')
      throw new Error(`${name} ${version} comes without the text of its licence, ${license}`)
    const own = await readFile(join(ROOT, 'LICENSE'), 'utf8')
    texts.push(own.replace(/^Copyright .*$/m, `Copyright (c) ${author ?? `the authors of ${name}`}`).trim())
  }
  return [`${name} ${version} (${license})`, ...texts].join('\n\n')
}
