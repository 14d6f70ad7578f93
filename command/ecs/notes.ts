import type { Language } from '../../lib/http/accept.ts'
import { english, type Texts } from './english.ts'
import { japanese } from './japanese.ts'

export const TEXTS: { readonly [language in Language]: Texts } = { en: english, ja: japanese }

/** What a person has to decide before there is a task definition. */
export type Question = { readonly words: string; readonly answer: string }

/** What is said of a conversion, in one language. */
export type Notes = {
  readonly language: Language
  readonly texts: Texts
  readonly questions: readonly Question[]
  /** what is different in the new task definition */
  readonly changes: readonly string[]
  /** what cannot be told from the files, and may be wrong */
  readonly looks: readonly string[]
  changed(words: string): void
  look(words: string): void
  /** @param answer the option that answers it */
  ask(words: string, answer: string): void
  /** A question that has no better answer than a yes: `--accept CODE`. With that, it is only said. */
  confirm(code: string, words: string): void
}

/** @param accepted the codes of `--accept` */
export function createNotes(accepted: readonly string[], language: Language = 'en'): Notes {
  const texts = TEXTS[language]
  const questions: Question[] = []
  const changes: string[] = []
  const looks: string[] = []
  return {
    language,
    texts,
    questions,
    changes,
    looks,
    changed: words => once(changes, words),
    look: words => once(looks, words),
    ask: (words, answer) => void questions.push({ words, answer }),
    confirm(code, words) {
      if (accepted.includes(code)) once(looks, texts.accepted(words))
      else questions.push({ words, answer: `--accept ${code}` })
    },
  }
}

function once(list: string[], words: string) {
  if (!list.includes(words)) list.push(words)
}

/** For people, in the order in which they need it. */
export function notesText({ texts, questions, changes, looks }: Notes): string {
  const { headings } = texts
  const list = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [`${title}:\n${lines.map(line => `  - ${line}\n`).join('')}`]
  return [
    ...list(headings.changed, changes),
    ...list(headings.look, looks),
    ...list(
      headings.decide,
      questions.map(({ words, answer }) => `${words}\n      ${answer}`),
    ),
  ].join('\n')
}
