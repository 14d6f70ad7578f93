import type { Texts } from './english.ts'
import type { Directive } from './parse.ts'
import { startsOf } from './pattern.ts'
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
  /** without a `proxy_pass` of its own, Nginx redirects no `/api` to `/api/` */
  readonly redirectsNone?: true
  /** the one that it is nested in */
  readonly parent?: Location
}

/** A location as Nginx writes it. */
export const shown = ({ modifier, path }: Location) =>
  `location ${['', '@'].includes(modifier) ? '' : `${modifier} `}${path}`

const isExact = ({ modifier }: Location) => modifier === '='

/** `source` in next.config of what a location without a regular expression fits: `/old/:path*` is `/old` as well. */
export const sourceOf = (location: Location) => {
  const source = location.path.replace(/[(){}:*+?]/g, '\\$&')
  return isExact(location) ? source : `${source.replace(/\/$/, '')}/:path*`
}

/** The same as `path` of a listener rule: Nginx's prefixes need not end at a slash. */
export const patternOf = (location: Location) => (isExact(location) ? location.path : `${location.path}*`)

/** Whether other locations are below one: what holds for all of it would be wrong for these. */
export const isAround = (location: Location, locations: readonly Location[]) =>
  !isExact(location) &&
  locations.some(each =>
    each.modifier.startsWith('~')
      ? startsOf(each.path).some(start => start.startsWith(location.path))
      : each.path.length > location.path.length && each.path.startsWith(location.path),
  )

export function locationsOf(
  server: readonly Directive[],
  outer: Scope,
  texts: Texts['target'],
  parent?: Location,
): Location[] {
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
      ...(parent && { parent }),
    }
    return [location, ...locationsOf(block, scope, texts, location)]
  })
}

/** Nginx takes `location =/path` and `location ~^/path` as well. */
const attached = (path: string) => /^(=|\^~|~\*|~)/.exec(path)?.[1] ?? ''
