import type { z } from 'zod'
import { ConfigError } from './config-error.ts'
import type { ConfigFile } from './config-file.ts'
import { readFileRoutes } from './file-routes.ts'
import { LOGIN_PATH, plainRoutes, type Routes, shownPlace, strayLogins } from './routes.ts'
import { type Config, SCHEMA } from './schema.ts'
import { mistakesTogether } from './together.ts'

export type { Config }
export { ConfigError }

type Env = Readonly<Record<string, string | undefined>>

/** Each is a secret, or has one in it: its value is never shown. */
export const SECRETS: readonly PropertyKey[] = ['ADMIN_TOKEN', 'CLIENT_ADDRESS_PROOF']

/**
 * Reads the settings from an environment, and the routes from it or from a file. An empty value counts as absent, as
 * compose files and task definitions write them. Times are in milliseconds, sizes in bytes.
 * @param file gatehouse.config.*; BACKEND_ORIGIN and BACKEND_PATHS then are those of its logins and its routes
 * @throws ConfigError with all mistakes: name, value seen, what is accepted
 */
export function readConfig(env: Env, file?: ConfigFile): Config {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()))
  const given = file
    ? { ...present, BACKEND_ORIGIN: 'http://in.the.file', BACKEND_PATHS: LOGIN_PATH }
    : present
  const { data, error } = SCHEMA.safeParse(given)
  const mistakes = (error?.issues ?? []).map(({ path, message }) => {
    if (path[0] && SECRETS.includes(path[0]))
      return `${String(path[0])} is not shown here; accepted: ${message}`
    // what may be a password stays in the environment, however the URL is spoilt
    const value = env[String(path[0])]
      ?.trim()
      .replace(/^.*@/s, '…@')
      .replace(/(?<=:\/\/[^?]*\?).+/s, '…')
    return `${String(path[0])} ${value ? `is ${JSON.stringify(value)}` : 'is not set'}; accepted: ${message}`
  })
  if (file) mistakes.push(...twice(present, file))
  const { mistakes: more, ...routes } = readRoutes(data, env, file)
  mistakes.push(...more)
  const main = routes.routes.find(({ kind }) => kind === 'login') ?? routes.routes[0]
  const config = data && {
    ...data,
    ...(file && main && { BACKEND_ORIGIN: main.origin }),
    ...(file && { BACKEND_PATHS: Object.freeze(routes.routes.map(shownPlace)) }),
    ...routes,
  }
  if (config && more.length === 0) mistakes.push(...mistakesTogether(config))
  if (!config || mistakes.length > 0) throw new ConfigError(mistakes)
  return Object.freeze(config)
}

const twice = (present: Env, { name }: ConfigFile) =>
  ['BACKEND_ORIGIN', 'BACKEND_PATHS']
    .filter(each => present[each] !== undefined)
    .map(
      each => `${each} is set, and ${name} is there; accepted: one of them. Keep ${name}, and unset ${each}`,
    )

/** The routes of the file, or of the environment. A file is read whatever mistakes the environment has. */
function readRoutes(
  data: z.output<typeof SCHEMA> | undefined,
  env: Env,
  file: ConfigFile | undefined,
): Routes & { readonly mistakes: readonly string[] } {
  const defaults = { timeout: data?.BACKEND_TIMEOUT ?? 0, maxBody: data?.MAX_BODY ?? 0 }
  const logins = data?.LOGIN_PATHS ?? []
  if (file) {
    const read = readFileRoutes(file, logins, defaults)
    const stray = read.mistakes.length === 0 ? strayMistakes(read.routes, logins, `${file.name} has`) : []
    return { ...read, mistakes: [...read.mistakes, ...stray] }
  }
  if (!data) return { routes: [], backends: [], mistakes: [] }
  const { BACKEND_ORIGIN: origin, BACKEND_PATHS: given } = data
  const routes = plainRoutes(origin, given, logins, defaults)
  const mistakes = strayMistakes(routes, logins, 'BACKEND_PATHS has')
  const isLimited = data.LOGIN_LIMIT !== null || data.LOGIN_LIMIT_ACCOUNT !== null
  if (isLimited && logins.length === 0 && given.length > 1 && !given.includes(LOGIN_PATH))
    mistakes.push(
      `LOGIN_PATHS is not set, and BACKEND_PATHS is ${JSON.stringify(env.BACKEND_PATHS?.trim())}; accepted: which of them LOGIN_LIMIT and LOGIN_LIMIT_ACCOUNT count for`,
    )
  return { routes, backends: [], mistakes }
}

const strayMistakes = (routes: Routes['routes'], logins: readonly string[], where: string) =>
  strayLogins(routes, logins).map(
    path => `LOGIN_PATHS names ${path}; accepted: paths that ${where}, and what is below them`,
  )
