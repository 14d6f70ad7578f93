import type { Language } from '../lib/http/accept.ts'
import type { Env } from '../lib/settings/settings.ts'
import { english, type Texts } from './english.ts'
import { japanese } from './japanese.ts'

/**
 * The language in which a command speaks to a person. What programs read (`--json`, exit codes, files, the environment) never
 * changes with it.
 * @param env LC_ALL goes before LC_MESSAGES, and that before LANG; an empty one counts as not set (POSIX.1-2024, 8.2)
 */
export function languageOf(env: Env): Language {
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || ''
  return /^ja(?![a-z])/i.test(locale) ? 'ja' : 'en'
}

/** What the commands say, in the language of the environment. */
export const textsOf = (env: Env): Texts => (languageOf(env) === 'ja' ? japanese : english)
