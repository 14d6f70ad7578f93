import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import Module from 'node:module'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LIKE_A_LARGE_HEAP } from '../lib/pages/workers/v8-flags.ts'

/**
 * `node dist/compile-cache.mjs FOLDER UID`, while an image is built: fills Node's compile cache for the front and the page workers of
 * a user. Nothing of the app runs: what its pages and `instrumentation.ts` need is not there. The cache is the same in each build.
 */
const STANDALONE = resolve('.next/standalone')
const FRONT = fileURLToPath(new URL('./front.mjs', import.meta.url))
/** V8's hashes of strings without chance, and no garbage collection, which would take out what is compiled. Neither is in the cache's key. */
const ALWAYS_THE_SAME = ['--random-seed=1', '--min-semi-space-size=64', '--max-semi-space-size=64']
const NOT_TO_RUN = new Error('compiled')

/** @param flags V8's, those that the cache is to be of */
function run(folder: string, uid: number, flags: readonly string[], args: readonly string[]) {
  const { status, stderr } = spawnSync(process.execPath, [...flags, ...ALWAYS_THE_SAME, ...args], {
    env: { ...process.env, NODE_COMPILE_CACHE: folder },
    // Node has a cache for each user
    ...(process.getuid?.() === 0 && { uid, gid: uid }),
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`no compile cache of ${args.join(' ')}: ${stderr}`)
}

function fill(folder: string, uid: number) {
  mkdirSync(folder, { recursive: true })
  const own = process.getuid?.() === 0
  if (own) chownSync(folder, uid, uid)
  run(folder, uid, [], [FRONT, '--help'])
  run(folder, uid, LIKE_A_LARGE_HEAP, ['--no-warnings', fileURLToPath(import.meta.url)])
  for (const path of ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })]) {
    const each = join(folder, path)
    // its user reads it, and cannot put other code there
    if (own) chownSync(each, 0, 0)
    chmodSync(each, statSync(each).isDirectory() ? 0o755 : 0o644)
  }
}

/** Node looks into its cache as it compiles a module; that one has no exports that could be handed to its code, so that it does not run. */
function compile(file: string) {
  const module = new Module(file)
  Object.defineProperty(module, 'exports', {
    get() {
      throw NOT_TO_RUN
    },
  })
  const its: unknown = Reflect.get(module, '_compile')
  if (typeof its !== 'function') throw new Error('this Node compiles modules in another way')
  try {
    Reflect.apply(its, module, [readFileSync(file, 'utf8'), file, 'commonjs'])
  } catch (error) {
    // a module of ECMAScript, of which a few are among them
    if (error === NOT_TO_RUN || error instanceof SyntaxError) return
    throw error
  }
  throw new Error(`${file} has run`)
}

const [, , folder, uid] = process.argv
if (folder !== undefined) fill(resolve(folder), Number(uid))
else
  for (const each of readdirSync(STANDALONE, { recursive: true, withFileTypes: true }))
    if (each.isFile() && /\.c?js$/.test(each.name)) compile(join(each.parentPath, each.name))
