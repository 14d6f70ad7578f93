import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { systemErrorCode } from '../http/errors.ts'

/**
 * A module of the app's own Next.js, `next/package.json` say: it may lie elsewhere than where this file, or a bundle with it,
 * finds one.
 * @returns its path
 * @throws where the folder has no Next.js app
 */
export function nextOf(root: string, path: string): string {
  if (!existsSync(join(root, 'package.json'))) throw new Error(`there is no package.json in ${root}`)
  try {
    return createRequire(join(root, 'package.json')).resolve(path)
  } catch (error) {
    // a package.json that is no JSON, say
    if (systemErrorCode(error) !== 'MODULE_NOT_FOUND') throw error
    throw new Error(`Next.js is not installed in ${root}`)
  }
}
