import { existsSync, readFileSync } from 'node:fs'
import { type LoadHookSync, registerHooks } from 'node:module'
import { basename, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Words } from './words.ts'

/** One of these, beside next.config. */
export const CONFIG_FILES = ['gatehouse.config.ts', 'gatehouse.config.js', 'gatehouse.config.mjs']

const EXAMPLE = "export default { routes: [{ path: '/user/login', to: 'https://api.dev.jp' }] }"

/** The file as it is: nothing of it has been checked. */
export type ConfigFile = {
  readonly name: string
  readonly content: unknown
  /** why there is no content; `readConfig` reports it beside what is wrong in the environment */
  readonly mistake?: Words
}

/** `gatehouse/testing` puts a test's routes into a file of its own, in place of the app's. */
const { GATEHOUSE_CONFIG } = process.env

/**
 * Loads `gatehouse.config.ts`, `.js` or `.mjs` of a folder. Node takes the types away by itself; what needs more than that (enums,
 * say) it refuses.
 * @returns undefined where there is none; a mistake where there are several, it cannot be loaded, or it has no default export
 */
export async function loadConfigFile(folder: string): Promise<ConfigFile | undefined> {
  const [name, ...more] = namesIn(folder)
  if (name === undefined) return undefined
  if (more.length > 0)
    return unusable(name, {
      en: `${[name, ...more].join(' and ')} are both there; keep one of them`,
      ja: `${[name, ...more].join(' と ')} が両方あります。どちらか 1 つにしてください`,
    })
  try {
    const content = await load(resolve(folder, name), name)
    if (content !== undefined) return { name, content }
  } catch (error) {
    const why =
      error instanceof Error ? `${error.name}: ${error.message}${lineIn(error, name)}` : String(error)
    return unusable(name, { en: `${name} cannot be loaded: ${why}`, ja: `${name} を読み込めません：${why}` })
  }
  return unusable(name, {
    en: `${name} has no default export; write: ${EXAMPLE}`,
    ja: `${name} にデフォルトエクスポートがありません。次のように書いてください：${EXAMPLE}`,
  })
}

/** Where the error's stack names it: Node does not for the syntax of JavaScript. */
function lineIn({ stack = '' }: Error, name: string): string {
  const [, line] = /^(\d+)/.exec(stack.split(`${basename(name)}:`)[1] ?? '') ?? []
  return line ? ` (line ${line})` : ''
}

const namesIn = (folder: string) =>
  GATEHOUSE_CONFIG ? [GATEHOUSE_CONFIG] : CONFIG_FILES.filter(each => existsSync(join(folder, each)))

export const hasConfigFile = (folder: string): boolean => namesIn(folder).length > 0

async function load(path: string, name: string): Promise<unknown> {
  const { href } = pathToFileURL(path)
  let hooks: ReturnType<typeof registerHooks> | undefined
  try {
    if (isModule(path)) hooks = registerHooks({ load: asModule(href, name) })
    const loaded: { default?: unknown } = await import(href)
    return loaded.default
  } finally {
    hooks?.deregister()
  }
}

const isModule = (path: string) => /^export\s/m.test(readFileSync(path, 'utf8'))

/**
 * Where package.json has no `"type"`, as create-next-app makes it, Node finds out by itself that the file is a module, and advises
 * in a warning to add one. The app's own next.config.js may not load any more then.
 */
const asModule =
  (href: string, name: string): LoadHookSync =>
  (url, context, next) =>
    next(
      url,
      url === href ? { ...context, format: name.endsWith('.ts') ? 'module-typescript' : 'module' } : context,
    )

const unusable = (name: string, mistake: Words): ConfigFile => ({ name, content: undefined, mistake })
