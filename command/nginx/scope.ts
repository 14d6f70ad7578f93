import type { Directive } from './parse.ts'

/** What holds at a place: the directives of `http`, of the `server`, of the `location` (and of those it is nested in). */
export type Scope = readonly (readonly Directive[])[]

/** All of a name at the innermost level that has any: Nginx inherits a level whole, or not at all. */
export function effective(scope: Scope, name: string): readonly Directive[] {
  for (const level of scope.toReversed()) {
    const found = level.filter(each => each.name === name)
    if (found.length > 0) return found
  }
  return []
}

/** Each of a name that holds at one of some places, once. */
export const effectiveIn = (scopes: readonly Scope[], name: string): ReadonlySet<Directive> =>
  new Set(scopes.flatMap(scope => effective(scope, name)))

export const named = (directives: readonly Directive[], name: string) =>
  directives.filter(each => each.name === name)

/** What Nginx ends a level by: no `set`, `if`, `rewrite` or `return` after it is asked. */
export const endsLevel = ({ name, args }: Directive): boolean =>
  name === 'break' || (name === 'rewrite' && /^(break|last)$/.test(args[2] ?? ''))

/** An `if` after which nothing more of its level is done for some requests. */
export const mayLeave = ({ name, block = [] }: Directive): boolean => name === 'if' && block.some(endsLevel)

/** The variables of Nginx itself that `set` changes; each does more than hold a value. */
export const BUILT_IN: ReadonlySet<string> = new Set(['$args', '$limit_rate'])

/** The `map` that makes a variable. */
export const mapOf = (name: string, [http = []]: Scope): Directive | undefined =>
  named(http, 'map').find(({ args }) => args[1] === `$${name}`)

export const serverNames = (server: readonly Directive[]): string[] =>
  named(server, 'server_name').flatMap(({ args }) => args)

export const placeOf = ({ file, line }: Directive) => `${file}:${line}`

/** The directive as it would be written, for people; without its block. */
export const inText = ({ name, args }: Directive) => [name, ...args].join(' ')
