import type { Texts } from './english.ts'
import type { Directive } from './parse.ts'
import { named, type Scope } from './scope.ts'
import { type Target, targetOf } from './target.ts'

/** A `location`, wherever it is nested. */
export type Location = {
  readonly directive: Directive
  /** '', `=`, `^~`, `~`, `~*`; `@` for a named one */
  readonly modifier: string
  readonly path: string
  readonly scope: Scope
  /** where it passes requests to, or why that cannot be told; absent where it passes none */
  readonly target?: Target | string
}

/** A location as Nginx writes it. */
export const shown = ({ modifier, path }: Location) =>
  `location ${['', '@'].includes(modifier) ? '' : `${modifier} `}${path}`

export function locationsOf(server: readonly Directive[], outer: Scope, texts: Texts['target']): Location[] {
  const scope = [...outer, server]
  return named(server, 'location').flatMap(directive => {
    const { args, block = [] } = directive
    const path = args.at(-1) ?? ''
    const modifier = args.length > 1 ? (args[0] ?? '') : path.startsWith('@') ? '@' : attached(path)
    const inner = [...scope, block]
    const pass = block.findLast(each => each.name === 'proxy_pass')
    const location: Location = {
      directive,
      modifier,
      path: args.length > 1 ? path : path.slice(modifier === '@' ? 0 : modifier.length),
      scope: inner,
      ...(pass && { target: targetOf(pass, inner, texts) }),
    }
    return [location, ...locationsOf(block, scope, texts)]
  })
}

/** Nginx takes `location =/path` and `location ~^/path` as well. */
const attached = (path: string) => /^(=|\^~|~\*|~)/.exec(path)?.[1] ?? ''
