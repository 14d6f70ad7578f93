import { rmSync } from 'node:fs'
import { cp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeWorkingCopy } from '../e2e/working-copy.ts'
import { bundle } from '../tools/bundle.ts'
import { here, start } from './programs.ts'

/** The pages that are measured: site/app in place of the repository's own, whose layout makes every page dynamic. */
export type Site = {
  folder: string
  /** path of the largest script, which every first visit loads */
  script: string
}

/**
 * Two builds of one app: the repository's configuration for Gatehouse; and for `next start`, which does not take
 * `output: 'standalone'`, without that and with the rewrite of logins. Rewrites are fixed by the build.
 */
const CONFIGURATION = `
import own from './next.config.own.js'

const api = process.env.BENCH_REWRITE
const rewrites = async () => [{ source: '/user/login', destination: api + '/user/login' }]

export default function config(phase) {
  const { output, ...rest } = own(phase)
  return api === undefined ? { output, ...rest } : { ...rest, distDir: '.next-start', rewrites }
}
`
/** As in the Dockerfile. */
export const COMPILE_CACHE = '.compile-cache'
const BUILD_MS = 300_000
const APP = fileURLToPath(new URL('site/app', import.meta.url))

/** A copy of the repository with the bench's pages, built both ways. */
export async function buildSite(origin: string): Promise<Site> {
  const folder = await copySite()
  await build(folder, 'npm', ['run', 'build'])
  await bundle(join(folder, 'dist'))
  await build(folder, process.execPath, ['dist/compile-cache.mjs', COMPILE_CACHE, `${process.getuid?.()}`])
  await buildRewrites(folder, origin)
  return { folder, script: await largestScript(join(folder, '.next/static/chunks')) }
}

/** Only the build of a copy that `next start` serves, with the rewrite of logins to an origin. */
export const buildRewrites = (folder: string, origin: string) =>
  build(folder, process.execPath, ['node_modules/next/dist/bin/next', 'build'], nextStart(origin))

/** The repository with the bench's pages, not built yet. It is removed when this process ends. */
export async function copySite(): Promise<string> {
  const folder = await makeWorkingCopy()
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  const inside = (name: string) => join(folder, name)
  await rm(inside('app'), { recursive: true })
  await cp(APP, inside('app'), { recursive: true })
  await rename(inside('next.config.js'), inside('next.config.own.js'))
  await writeFile(inside('next.config.js'), CONFIGURATION)
  return folder
}

const build = (cwd: string, command: string, args: string[], env: Record<string, string> = {}) =>
  start(here, 'front', command, args, { cwd, env, patienceMs: BUILD_MS }).result()

/** What selects the build for `next start`. */
export const nextStart = (origin: string) => ({ BENCH_REWRITE: origin })

async function largestScript(folder: string): Promise<string> {
  let [largest, size] = ['', 0]
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.js')) continue
    const its = (await stat(join(folder, name))).size
    if (its > size) [largest, size] = [name, its]
  }
  return `/_next/static/chunks/${largest}`
}
