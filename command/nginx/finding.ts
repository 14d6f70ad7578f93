import type { Directive } from './parse.ts'
import { placeOf } from './scope.ts'
import type { Kind } from './words.ts'

/** One thing that was found; `set` where it became a setting. */
export type Finding = {
  readonly kind: Kind | 'set'
  /** file:line */
  readonly at: string
  /** the directive, without a value that may be secret */
  readonly what: string
  readonly words: string
}

/** Collects settings and findings. */
export type Notes = {
  readonly env: Map<string, string>
  readonly findings: Finding[]
  note(kind: Kind, directive: Directive, words: string, what?: string): void
  /** @param value as the environment has it */
  set(name: string, value: string, directive: Directive): void
}

export function createNotes(): Notes {
  const env = new Map<string, string>()
  const findings: Finding[] = []
  return {
    env,
    findings,
    note(kind, directive, words, what = directive.name) {
      findings.push({ kind, at: placeOf(directive), what, words })
    },
    set(name, value, directive) {
      env.set(name, value)
      findings.push({ kind: 'set', at: placeOf(directive), what: directive.name, words: `${name}=${value}` })
    },
  }
}
