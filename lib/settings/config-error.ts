/** The start is stopped by it: `message` lists every mistake, a line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'

  constructor(mistakes: readonly string[]) {
    const count = mistakes.length === 1 ? '1 mistake' : `${mistakes.length} mistakes`
    super(`Gatehouse cannot start: ${count} in the settings\n${mistakes.map(each => `  ${each}`).join('\n')}`)
  }
}
