import type { Words } from './words.ts'

/** The start is stopped by it: `message` lists every mistake, a line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly mistakes: readonly Words[]

  constructor(mistakes: readonly Words[]) {
    super(listed(mistakes, 'en'))
    this.mistakes = mistakes
  }

  /** `message`, in a language. */
  in(language: keyof Words): string {
    return listed(this.mistakes, language)
  }
}

function listed(mistakes: readonly Words[], language: keyof Words): string {
  const count = mistakes.length
  const title: Words = {
    en: `Gatehouse cannot start: ${count === 1 ? '1 mistake' : `${count} mistakes`} in the settings`,
    ja: `Gatehouse を起動できません：設定に間違いが ${count} 件あります`,
  }
  return [title[language], ...mistakes.map(each => `  ${each[language]}`)].join('\n')
}
