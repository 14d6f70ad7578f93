import { cp, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { linkTree } from '../../e2e/working-copy.ts'
import { startCommand } from '../../testing/command.ts'
import { LISTENERS } from '../../testing/front-process.ts'
import { pack } from '../../tools/pack.ts'
import { runCommand } from '../run-program.ts'

const SITE = fileURLToPath(new URL('./site', import.meta.url))
const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url))

export type Shop = {
  /** the app's folder */
  readonly root: string
  /** `gatehouse …`, as npm would run it */
  readonly gatehouse: readonly [node: string, script: string]
  remove(): Promise<void>
}

/** The app of site/ in a monorepo of its own, with the packed gatehouse installed. */
export async function makeShop(): Promise<Shop> {
  const monorepo = await realpath(await mkdtemp(join(tmpdir(), 'gatehouse-shop-')))
  const root = join(monorepo, 'apps/shop')
  const modules = join(monorepo, 'node_modules')
  await mkdir(join(monorepo, 'apps'))
  // what a run of Next in the original may have left stays there
  await cp(SITE, root, { recursive: true, filter: path => !/\/(\.next|node_modules)$/.test(path) })
  await linkTree(MODULES, modules)
  const tarball = await pack(monorepo)
  await mkdir(join(modules, 'gatehouse'))
  await run(['tar', '-xzf', tarball, '--strip-components=1', '-C', join(modules, 'gatehouse')], root)
  return {
    root,
    gatehouse: [process.execPath, join(modules, 'gatehouse/dist/gatehouse.mjs')],
    remove: () => rm(monorepo, { recursive: true, force: true }),
  }
}

/**
 * Runs a command until it ends by itself.
 * @returns its standard output
 * @throws with all its output where it fails
 */
export async function run(
  words: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<string> {
  const { out, errors, code } = await runCommand(words, { cwd, env: { ...process.env, ...env } })
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}: ${out}${errors}`)
  return out
}

const Ready = z.object({ port: z.number() })

/**
 * Starts a front as a person does in a terminal, and waits until it is ready.
 * @returns where it is, and Ctrl-C, which resolves when nothing of it is left
 */
export async function startInTerminal(
  words: string[],
  cwd: string,
  env: Record<string, string>,
): Promise<{ url: string; interrupt(): Promise<void> }> {
  const { says, output, interrupt } = startCommand(words, {
    cwd,
    env: { ...LISTENERS, LOG_LEVEL: 'info', ...env },
  })
  const ready = '"msg":"ready"'
  await says(ready)
  const { port } = Ready.parse(JSON.parse(output.find(line => line.includes(ready)) ?? ''))
  return { url: `http://localhost:${port}`, interrupt }
}
