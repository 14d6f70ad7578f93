import { parseArgs } from 'node:util'
import { textsOf } from './language.ts'

const OPTIONS = {
  port: { type: 'string', short: 'p' },
  hostname: { type: 'string', short: 'H' },
  help: { type: 'boolean', short: 'h' },
} as const
/** What `next dev` does not have. */
const OF_START = { ...OPTIONS, keepAliveTimeout: { type: 'string' } } as const

/**
 * Takes the arguments that `next dev` or `next start` has as well, and puts them into the environment as settings.
 * Whether they are right is for the settings to say.
 * @returns the arguments that are left, in their order, and whether help is asked for
 * @throws where one of them has no value
 */
export function takeListening(
  args: readonly string[],
  env: Record<string, string | undefined>,
  command: 'dev' | 'start',
): { readonly rest: string[]; readonly help: boolean } {
  const options = command === 'dev' ? OPTIONS : OF_START
  const { values, tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  for (const [name, setting, unit] of [
    ['port', 'PORT', ''],
    ['hostname', 'HOST', ''],
    ['keepAliveTimeout', 'KEEP_ALIVE_TIMEOUT', 'ms'],
  ] as const) {
    const value = values[name]
    if (value === undefined || !(name in options)) continue
    if (typeof value !== 'string' || value === '') throw new Error(textsOf(env).needsValue(`--${name}`))
    env[setting] = `${value}${unit}`
  }
  const taken = new Set<number>()
  for (const token of tokens) {
    if (token.kind !== 'option' || !(token.name in options)) continue
    taken.add(token.index)
    if (token.value !== undefined && !token.inlineValue) taken.add(token.index + 1)
  }
  return { rest: args.filter((_, i) => !taken.has(i)), help: values.help === true }
}
