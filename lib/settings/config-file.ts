import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConfigError } from './config-error.ts'
import type { Words } from './words.ts'

/** One of these, beside next.config. */
const NAMES = ['gatehouse.config.ts', 'gatehouse.config.js', 'gatehouse.config.mjs']

const EXAMPLE = "export default { routes: [{ path: '/user/login', to: 'https://api.dev.jp' }] }"

/** The file as it is: nothing of it has been checked. */
export type ConfigFile = { readonly name: string; readonly content: unknown }

/** `gatehouse/testing` puts a test's routes into a file of its own, in place of the app's. */
const { GATEHOUSE_CONFIG } = process.env

/**
 * Loads `gatehouse.config.ts`, `.js` or `.mjs` of a folder. Node takes the types away by itself; what needs more than that (enums,
 * say) it refuses.
 * @returns undefined where there is none
 * @throws ConfigError where there are several, it cannot be loaded, or it has no default export
 */
export async function loadConfigFile(folder: string): Promise<ConfigFile | undefined> {
  const [name, ...more] = namesIn(folder)
  if (name === undefined) return undefined
  if (more.length > 0)
    throw unusable({
      en: `${[name, ...more].join(' and ')} are both there; keep one of them`,
      ja: `${[name, ...more].join(' と ')} が両方あります。どちらか 1 つにしてください`,
    })
  const content = await load(resolve(folder, name), name)
  if (content === undefined)
    throw unusable({
      en: `${name} has no default export; write: ${EXAMPLE}`,
      ja: `${name} にデフォルトエクスポートがありません。次のように書いてください：${EXAMPLE}`,
    })
  return { name, content }
}

const namesIn = (folder: string) =>
  GATEHOUSE_CONFIG ? [GATEHOUSE_CONFIG] : NAMES.filter(each => existsSync(join(folder, each)))

/** Whether a folder has such a file. */
export const hasConfigFile = (folder: string): boolean => namesIn(folder).length > 0

async function load(path: string, name: string): Promise<unknown> {
  try {
    const loaded: { default?: unknown } = await import(pathToFileURL(path).href)
    return loaded.default
  } catch (error) {
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    throw unusable({ en: `${name} cannot be loaded: ${why}`, ja: `${name} を読み込めません：${why}` })
  }
}

const unusable = (mistake: Words) => new ConfigError([mistake])
