import type { z } from 'zod'
import { ConfigError } from './config-error.ts'
import type { ConfigFile } from './config-file.ts'
import { readFileRoutes } from './file-routes.ts'
import { bare, LOGIN_PATH, plainRoutes, type Routes, shownPlace, strayLogins } from './routes.ts'
import { acceptedBy, type Config, SCHEMA } from './schema.ts'
import { shown } from './secret.ts'
import { mistakesTogether } from './together.ts'
import type { Words } from './words.ts'

export type { Config }
export { ConfigError }

export type Env = Readonly<Record<string, string | undefined>>

/** Each is a secret, or has one in it: its value is never shown. */
export const SECRETS: readonly PropertyKey[] = ['ADMIN_TOKEN', 'CLIENT_ADDRESS_PROOF']

/** Stands for an origin that is in a file, or is wrong. */
const PLACE = 'http://no.origin'

/**
 * Reads the settings from an environment, and the routes from it or from a file. An empty value counts as absent, as
 * compose files and task definitions write them. Times are in milliseconds, sizes in bytes.
 * @param file gatehouse.config.*; BACKEND_ORIGIN and BACKEND_PATHS then are those of its logins and its routes
 * @throws ConfigError with all mistakes: name, value seen, what is accepted
 */
export function readConfig(env: Env, file?: ConfigFile): Config {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()))
  const given = file ? { ...present, BACKEND_ORIGIN: PLACE, BACKEND_PATHS: LOGIN_PATH } : present
  const { data, error } = SCHEMA.safeParse(given)
  const issues = error?.issues ?? []
  const wrong = issues.map(({ path: [key] }) => String(key))
  const mistakes = issues.map(({ path: [key], message }) =>
    mistakeIn(String(key), env, acceptedBy(key) ?? { en: message, ja: message }),
  )
  if (file) mistakes.push(...twice(present, file))
  // with the default of each wrong one, so that what does not fit together is reported at the same start
  const settings = data ?? SCHEMA.parse({ BACKEND_ORIGIN: PLACE, ...omit(given, wrong) })
  const { mistakes: more, ...routes } = readRoutes(settings, env, file)
  const main = routes.routes.find(({ kind }) => kind === 'login') ?? routes.routes[0]
  const config = {
    ...settings,
    ...(file && main && { BACKEND_ORIGIN: main.origin }),
    ...(file && { BACKEND_PATHS: Object.freeze(routes.routes.map(shownPlace)) }),
    ...routes,
  }
  const together = mistakesTogether(more.length > 0 ? { ...config, routes: [] } : config)
  mistakes.push(...[...more, ...together].filter(each => !namesOneOf(wrong, each)))
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return Object.freeze(config)
}

const omit = (env: Env, names: readonly string[]): Env =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)))

/** What a mistake says of a setting whose value is wrong anyway was judged by its default. */
const namesOneOf = (names: readonly string[], { en }: Words): boolean =>
  names.some(name => new RegExp(`\\b${name}\\b`).test(en))

/** Name, value seen, what is accepted. */
function mistakeIn(name: string, env: Env, accepts: Words): Words {
  const value = env[name]?.trim()
  const seen: Words = SECRETS.includes(name)
    ? {
        en: 'has a value that is not accepted (it is not shown)',
        ja: 'の値が正しくありません（値は表示しません）',
      }
    : value
      ? { en: `is ${shown(value)}`, ja: `が ${shown(value)} です` }
      : {
          en: 'is not set, and there is no gatehouse.config.ts',
          ja: 'が設定されておらず、gatehouse.config.ts もありません',
        }
  return {
    en: `${name} ${seen.en}; accepted: ${accepts.en}`,
    ja: `${name} ${seen.ja}。指定できる値：${accepts.ja}`,
  }
}

const twice = (present: Env, { name }: ConfigFile): Words[] =>
  ['BACKEND_ORIGIN', 'BACKEND_PATHS']
    .filter(each => present[each] !== undefined)
    .map(each => ({
      en: `${each} is set, and ${name} is there; accepted: one of them. Keep ${name}, and unset ${each}`,
      ja: `${each} が設定されていて、${name} もあります。どちらか 1 つにしてください。${name} を使うなら、${each} を外します`,
    }))

/** The routes of the file, or of the environment. A file is read whatever mistakes the environment has. */
function readRoutes(
  data: z.output<typeof SCHEMA>,
  env: Env,
  file: ConfigFile | undefined,
): Routes & { readonly mistakes: readonly Words[] } {
  const defaults = { timeout: data.BACKEND_TIMEOUT, maxBody: data.MAX_BODY }
  const logins = data.LOGIN_PATHS
  if (file) {
    const read = readFileRoutes(file, logins, defaults)
    const stray = read.mistakes.length === 0 ? strayMistakes(read.routes, logins, file.name) : []
    return { ...read, mistakes: [...read.mistakes, ...stray] }
  }
  const { BACKEND_ORIGIN: origin, BACKEND_PATHS: given } = data
  const routes = plainRoutes(origin, given, logins, defaults)
  const mistakes = strayMistakes(routes, logins, 'BACKEND_PATHS')
  const isLimited = data.LOGIN_LIMIT !== null || data.LOGIN_LIMIT_ACCOUNT !== null
  if (isLimited && logins.length === 0 && given.length > 1 && !given.includes(LOGIN_PATH)) {
    const all = JSON.stringify(env.BACKEND_PATHS?.trim())
    mistakes.push({
      en: `LOGIN_PATHS is not set, and BACKEND_PATHS is ${all}; accepted: set LOGIN_PATHS to the paths whose failed logins LOGIN_LIMIT and LOGIN_LIMIT_ACCOUNT count`,
      ja: `LOGIN_PATHS が設定されていません。BACKEND_PATHS は ${all} です。LOGIN_LIMIT と LOGIN_LIMIT_ACCOUNT で数えるパスを LOGIN_PATHS に指定してください`,
    })
  }
  return { routes, backends: [], mistakes }
}

const strayMistakes = (routes: Routes['routes'], logins: readonly string[], where: string): Words[] =>
  strayLogins(routes, logins).map(path =>
    routes.some(each => bare(each.path) === path)
      ? {
          en: `LOGIN_PATHS names ${path}, and its route has kind: 'api'; accepted: one of the two`,
          ja: `LOGIN_PATHS に ${path} がありますが、そのルートは kind: 'api' です。どちらか一方にしてください`,
        }
      : {
          en: `LOGIN_PATHS names ${path}; accepted: paths that ${where} has, and what is below them`,
          ja: `LOGIN_PATHS に ${path} があります。${where} にあるパス、またはその配下を指定してください`,
        },
  )
