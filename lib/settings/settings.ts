import { combinationMistakes } from './combinations.ts'
import { ConfigError } from './config-error.ts'
import type { ConfigFile } from './config-file.ts'
import { readFileRoutes } from './file-routes.ts'
import { LOGIN_PATH, loginOrFirst, plainRoutes, shownPlace } from './routes.ts'
import { acceptedBy, type Config, SCHEMA } from './schema.ts'
import { shown } from './secret.ts'
import type { Words } from './words.ts'

export type { Config }
export { ConfigError }

export type Env = Readonly<Record<string, string | undefined>>

/** The value of each is never shown. */
export const SECRETS: readonly string[] = ['ADMIN_TOKEN', 'CLIENT_ADDRESS_PROOF']

/** And a URL that may have a password in it. Pages see none of them. */
export const HAVE_SECRETS: readonly string[] = [...SECRETS, 'LIMIT_STORE']

/** Stands for an origin that is in a file, or is wrong. */
export const NO_ORIGIN = 'http://no.origin'

/**
 * Reads the settings from an environment, and the routes from it or from a file. An empty value counts as absent, as
 * compose files and task definitions write them. Times are in milliseconds, sizes in bytes.
 * @param file gatehouse.config.*; BACKEND_ORIGIN and BACKEND_PATHS then are those of its logins and its routes
 * @throws ConfigError with all mistakes: name, value seen, what is accepted
 */
export function readConfig(env: Env, file?: ConfigFile): Config {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()))
  const given = file ? { ...present, BACKEND_ORIGIN: NO_ORIGIN, BACKEND_PATHS: LOGIN_PATH } : present
  const { data, error } = SCHEMA.safeParse(given)
  const issues = error?.issues ?? []
  const wrong: PropertyKey[] = issues.flatMap(({ path: [key] }) => key ?? [])
  const mistakes = issues.map(({ path: [key], message }) =>
    mistakeIn(String(key), env, acceptedBy(key) ?? { en: message, ja: message }),
  )
  // with the default of each wrong one, so that what does not fit together is reported at the same start
  const sound = Object.entries(given).filter(([name]) => !wrong.includes(name))
  const settings = data ?? SCHEMA.parse({ BACKEND_ORIGIN: NO_ORIGIN, ...Object.fromEntries(sound) })
  const { BACKEND_ORIGIN: origin, BACKEND_PATHS: paths, LOGIN_PATHS: logins } = settings
  const defaults = { timeout: settings.BACKEND_TIMEOUT, maxBody: settings.MAX_BODY }
  const { mistakes: ofFile, ...read } = file
    ? readFileRoutes(file, logins, defaults)
    : { routes: plainRoutes(origin, paths, logins, defaults), backends: [], mistakes: [] }
  if (file) mistakes.push(...twice(present, file), ...ofFile)
  if (ofFile.length > 0) wrong.push('routes')
  const main = loginOrFirst(read.routes)
  const config = {
    ...settings,
    ...(file && main && { BACKEND_ORIGIN: main.origin }),
    ...(file && { BACKEND_PATHS: Object.freeze(read.routes.map(shownPlace)) }),
    ...read,
  }
  mistakes.push(...combinationMistakes(config, wrong, file?.name))
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return Object.freeze(config)
}

/** Name, value seen, what is accepted. */
function mistakeIn(name: string, env: Env, accepts: Words): Words {
  const value = env[name]?.trim() ?? ''
  // `docker run --env-file` takes the quotation marks that a shell takes away for a part of the value
  const isQuoted = /^(["']).+\1$/s.test(value)
  const seen: Words = SECRETS.includes(name)
    ? {
        en: 'has a value that is not accepted (it is not shown)',
        ja: 'の値が正しくありません（値は表示しません）',
      }
    : value
      ? { en: `is ${shown(value)}`, ja: `が ${shown(value)} です` }
      : {
          en: 'is not set (.env files do not count), and there is no gatehouse.config.ts',
          ja: 'が設定されておらず（.env ファイルは対象外）、gatehouse.config.ts もありません',
        }
  return {
    en: `${name} ${seen.en}; accepted: ${accepts.en}${isQuoted ? '. Leave out the quotation marks' : ''}`,
    ja: `${name} ${seen.ja}。指定できる値：${accepts.ja}${isQuoted ? '。値を囲む引用符は除いてください' : ''}`,
  }
}

const twice = (present: Env, { name }: ConfigFile): Words[] =>
  ['BACKEND_ORIGIN', 'BACKEND_PATHS']
    .filter(each => present[each] !== undefined)
    .map(each => ({
      en: `${each} is set, and ${name} is there; accepted: one of them. Keep ${name}, and unset ${each}`,
      ja: `${each} が設定されていて、${name} もあります。どちらか 1 つにしてください。${name} を使うなら、${each} を外します`,
    }))
