import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { init as initApp } from '../command/init/init.ts'
import { printed } from './printed.ts'
import { temporaryFolder } from './temporary-folder.ts'

export const COMMAND = fileURLToPath(new URL('../command/gatehouse.ts', import.meta.url))
export const NEXTS = { dev: 'next dev', build: 'next build', start: 'next start', lint: 'eslint' }
export const OURS = { dev: 'gatehouse dev', build: 'gatehouse build', start: 'gatehouse start' }

/** A folder with a package.json, in which Next.js is installed as far as can be seen. */
export async function makeApp(
  t: TestContext,
  manifest: Record<string, unknown>,
  version = '16.4.6',
): Promise<string> {
  const root = await temporaryFolder(t)
  await mkdir(join(root, 'node_modules/next'), { recursive: true })
  await writeFile(join(root, 'node_modules/next/package.json'), JSON.stringify({ name: 'next', version }))
  await writeFile(join(root, 'package.json'), `${JSON.stringify(manifest, null, '\t')}\n`)
  return root
}

export const app = {
  name: 'app',
  scripts: NEXTS,
  dependencies: { gatehouse: '0.1.0', next: '16' },
  private: true,
}

/** `gatehouse init`, and its exit code. @throws what the command says in one line */
export function init(root: string, ...args: string[]) {
  const { result: status, stdout } = printed(() => initApp(root, args))
  return { status, stdout }
}

export const manifestOf = async (root: string) =>
  JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
