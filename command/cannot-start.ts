import { describeListenError } from '../lib/front/ports.ts'
import { type Config, ConfigError } from '../lib/settings/settings.ts'
import { languageOf, textsOf } from './language.ts'

/**
 * Why the front cannot start, for whoever starts it, in the language of the environment.
 * @param config where it is known: a listener that cannot be opened is named by its setting
 */
export function cannotStart(error: unknown, config?: Config): string {
  const language = languageOf(process.env)
  if (error instanceof ConfigError) return error.in(language)
  const why = config && describeListenError(error, config)
  return textsOf(process.env).cannotStart(why?.[language] ?? String(error))
}
