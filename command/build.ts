import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, statSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { readBuild } from '../lib/pages/build.ts'
import { nextOf } from '../lib/pages/next.ts'
import { HAVE_SECRETS } from '../lib/settings/settings.ts'
import { precompress } from '../tools/precompress.ts'
import { textsOf } from './language.ts'

/**
 * The app's own `next build`, with `output: 'standalone'` as the default: next.config stays as it is.
 * @param args for `next build`
 * @returns the exit code
 */
export async function build(root: string, args: readonly string[]): Promise<number> {
  const next = nextOf(root, 'next/dist/bin/next')
  const started = Date.now()
  const child = spawn(process.execPath, [next, 'build', ...args], {
    cwd: root,
    stdio: 'inherit',
    // Next's own switch, read in its defaults (next/dist/server/config-shared.js)
    env: { ...process.env, NEXT_PRIVATE_STANDALONE: '1' },
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) return typeof code === 'number' ? code : 1
  const { script } = readBuild(root)
  if (!existsSync(script) || statSync(script).mtimeMs < started)
    throw new Error(textsOf(process.env).notBuilt(relative(root, script)))
  for (const name of await secretsIn(join(root, '.next/server')))
    process.stderr.write(`${textsOf(process.env).notSeen(name)}\n`)
  await precompress(root)
  process.stdout.write(`${textsOf(process.env).built}\n`)
  return 0
}

/** A whole name: `SITE_ADMIN_TOKEN` is a variable of the app's own. */
const SECRET = new RegExp(String.raw`(?<![\w$])(?:${HAVE_SECRETS.join('|')})(?![\w$])`, 'g')

/** Of the secrets that pages do not see, those that the code of the app names. */
export async function secretsIn(folder: string): Promise<string[]> {
  const found = new Set<string>()
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.js')) continue
    // the names are ASCII
    const code = await readFile(join(entry.parentPath, entry.name), 'latin1')
    for (const [name] of code.matchAll(SECRET)) found.add(name)
  }
  return [...found].sort()
}
