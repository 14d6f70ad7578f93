import {
  copyFile,
  cp,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** Without the lock file tools/ready.mjs has nothing to compare: what is installed here is used there. */
const LEFT_OUT = ['node_modules', 'package-lock.json', 'test-results', 'playwright-report']

/**
 * A copy of the repository in a folder of its own, for a test to edit and to build in; its absolute path.
 * The packages are hard links: Turbopack follows no symbolic link that leads out of its root, and a copy is 700 MB.
 */
export async function makeWorkingCopy(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'gatehouse-copy-')))
  for (const name of await readdir(ROOT)) {
    const filter = (source: string) => isCopied(basename(source))
    await cp(join(ROOT, name), join(folder, name), { recursive: true, filter })
  }
  await linkTree(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

const isCopied = (name: string) => !name.startsWith('.') && !LEFT_OUT.includes(name)

/** The same files in a second place, without a copy of what is in them. */
export async function linkTree(from: string, to: string): Promise<void> {
  await mkdir(to)
  const entries = await readdir(from, { withFileTypes: true })
  await Promise.all(
    entries.map(async entry => {
      const [source, target] = [join(from, entry.name), join(to, entry.name)]
      if (entry.isDirectory()) await linkTree(source, target)
      else if (entry.isSymbolicLink()) await symlink(await readlink(source), target)
      // another file system, or one without hard links
      else await link(source, target).catch(() => copyFile(source, target))
    }),
  )
}

/** Replaces words in a file of a working copy; throws where they are not in it. */
export async function editFile(copy: string, file: string, words: string, by: string): Promise<void> {
  const text = await readFile(join(copy, file), 'utf8')
  if (!text.includes(words)) throw new Error(`${file} does not have: ${words}`)
  await writeFile(join(copy, file), text.replace(words, by))
}
