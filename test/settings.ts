import assert from 'node:assert/strict'
import { ConfigError, readConfig } from '../lib/settings/settings.ts'

const BACKEND_ORIGIN = 'https://api.dev.jp'

/** The config of an environment that has a backend. */
export const read = (env: Record<string, string | undefined> = {}) => readConfig({ BACKEND_ORIGIN, ...env })

/** The lines of the error that settings lead to: its title, and a line for each mistake. */
function linesOf(...given: Parameters<typeof readConfig>): string[] {
  try {
    readConfig(...given)
  } catch (error) {
    assert.ok(error instanceof ConfigError, `it is ${error}`)
    return error.message.split('\n')
  }
  throw new assert.AssertionError({ message: `${JSON.stringify(given)} is accepted` })
}

/** The same of an environment that has a backend. */
export const mistakes = (env: Record<string, string | undefined>) => linesOf({ BACKEND_ORIGIN, ...env })

/** The environment is refused for one reason, which names this setting. */
export function refused(name: string, value: string) {
  const [title, mistake, ...more] = mistakes({ [name]: value })
  assert.match(title ?? '', /1 mistake in the settings$/)
  assert.ok(mistake?.startsWith(`  ${name} is ${JSON.stringify(value)}; accepted: `), String(mistake))
  assert.deepEqual(more, [])
}

/** The mistakes that a file leads to, whatever is in it. */
export const wrong = (content: unknown, env: Record<string, string> = {}): string[] =>
  linesOf(env, { name: 'gatehouse.config.ts', content })
    .slice(1)
    .map(each => each.trim())
