import type { Texts } from './english.ts'
import type { Directive } from './parse.ts'
import { placeOf } from './scope.ts'

/** `${PORT}`: Nginx's own variables have small letters. `%PORT%` is no escape such as `%E3%81`. */
const PLACEHOLDER =
  /\$\{?[A-Z][A-Z0-9_]*\b\}?|%(?![\dA-F]{2}%)[A-Z][A-Z0-9_]*%|(@@?|__)[A-Z][A-Z0-9]*(_[A-Z0-9]+)*\1/g

/** Variables that the file itself sets, by names that look like a placeholder. */
export const namesSetIn = (directives: readonly Directive[]): Set<string> =>
  new Set(
    directives.flatMap(({ name, args, block = [] }) =>
      ['set', 'map', 'geo'].includes(name) ? args.slice(0, 2) : [...namesSetIn(block)],
    ),
  )

/** A file that is filled in when the container starts says nothing yet. */
export function placeholderIn(
  directives: readonly Directive[],
  set: ReadonlySet<string>,
  texts: Texts['missing'],
): string | undefined {
  for (const directive of directives) {
    const found = directive.args
      .flatMap(each => each.match(PLACEHOLDER) ?? [])
      .find(each => !set.has(each.replace(/[{}]/g, '')))
    if (found !== undefined) return texts.placeholder(placeOf(directive), found)
    const inner = placeholderIn(directive.block ?? [], set, texts)
    if (inner) return inner
  }
  return undefined
}
