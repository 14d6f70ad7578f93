import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, statSync } from 'node:fs'
import { relative } from 'node:path'
import { readBuild } from '../lib/pages/build.ts'
import { nextOf } from '../lib/pages/next.ts'
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
  await precompress(root)
  process.stdout.write(`${textsOf(process.env).built}\n`)
  return 0
}
