import { existsSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'

/** What `npm run build` lays beside a file (tools/precompress.ts), and sirv looks for. */
const COMPRESSED = /\.(br|gz)$/
const ENDS = ['', '.br', '.gz']

/** The names of the files that a path leads to, however it is spelt: `/a.txt` for `/%61.txt/`; most paths lead to none. */
export type NamesAt = (path: string) => string[]

/** @param folder what sirv serves; it is read once, as sirv does */
export function readNames(folder: string): NamesAt {
  const entries = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : []
  const names = new Set(
    entries
      .filter(entry => !entry.isDirectory())
      .map(({ parentPath, name }) => `/${relative(folder, join(parentPath, name)).normalize()}`)
      .map(name => name.replaceAll('\\', '/')),
  )
  return path =>
    spellings(path)
      .flatMap(each => [each, `${each}/index`])
      .flatMap(each => ENDS.map(end => each + end))
      .filter(each => names.has(each))
}

/** The file that a name's is the compressed copy of, or the name itself. */
export const plainName = (name: string) => name.replace(COMPRESSED, '')

/** Without a slash at the end, as it is and decoded: sirv leaves `%2F` alone, Next does not. */
export function spellings(path: string): string[] {
  const plain = path.replace(/\/$/, '')
  try {
    return plain.includes('%') ? [...new Set([plain, decodeURI(plain), decodeURIComponent(plain)])] : [plain]
  } catch {
    return [plain]
  }
}
