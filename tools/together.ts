import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, matchesGlob, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * Test files that share a process, a group each: to load what they test took more CPU than the tests did. They run one
 * after another, each loaded in its turn, and its `after()` comes with its own end.
 */
const GROUPS: readonly (string | readonly [files: string, setUp: string])[] = [
  // what they share is loaded before all of them, and its `after()` comes with the end of the last
  ['lib/pages/production-*', 'test/pages/production.ts'],
  '{app,bench,command/{ecs,nginx},lib/{http,routes,settings}}/**',
  'lib/proxy/*',
  'lib/{admin,front,login}/**',
  'lib/{backend,observe}/**',
]

const urlOf = (file: string) => pathToFileURL(resolve(file)).href

/** A file as a test of its own; its tests are that one's, and waited for. */
const entryOf = (files: readonly string[], setUp?: string) => `import { test } from 'node:test'
${setUp === undefined ? '' : `import '${urlOf(setUp)}'`}
${files.map(file => `test(${JSON.stringify(file)}, async () => void (await import('${urlOf(file)}')))`).join('\n')}
`

export async function together(files: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-tests-'))
  /** those that are tests of a group's */
  const grouped = new Set<string>()
  const entries: string[] = []
  for (const each of GROUPS) {
    const [pattern, setUp] = typeof each === 'string' ? [each] : each
    const group = files.filter(file => matchesGlob(relative('.', file), pattern))
    if (group.length < 2) continue
    const entry = join(folder, `${entries.length}.mjs`)
    await writeFile(entry, entryOf(group, setUp))
    entries.push(entry)
    for (const file of group) grouped.add(file)
  }
  return {
    /** one for each group, and the files that stay alone */
    files: [...entries, ...files.filter(file => !grouped.has(file))],
    grouped,
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
