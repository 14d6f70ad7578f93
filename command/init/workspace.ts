import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { readManifest } from './scripts.ts'

/** Where an app's packages are installed from. */
export type Workspace = {
  /** the folder of the monorepo's package.json and lock file; the app's own where it stands alone */
  readonly top: string
  /** the app's folder below it, `apps/web`; empty where it stands alone */
  readonly below: string
}

const LOCKS = [
  'npm-shrinkwrap.json',
  'package-lock.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
  'bun.lockb',
]

/** An app that has a lock file of its own stands alone, whatever is above it. */
export function workspaceOf(root: string): Workspace {
  const alone = { top: root, below: '' }
  if (LOCKS.some(name => existsSync(join(root, name)))) return alone
  for (let top = dirname(root); top !== dirname(top); top = dirname(top))
    if (hasMembers(top)) return { top, below: relative(top, root).split(sep).join('/') }
  return alone
}

/** Whether other packages are installed with the one in this folder. pnpm's file may have settings alone. */
export function hasMembers(folder: string): boolean {
  const [manifest, pnpm] = [join(folder, 'package.json'), join(folder, 'pnpm-workspace.yaml')]
  return (
    (existsSync(pnpm) && /^["']?packages["']? *:/m.test(readFileSync(pnpm, 'utf8'))) ||
    (existsSync(manifest) && 'workspaces' in readManifest(readFileSync(manifest, 'utf8')))
  )
}
