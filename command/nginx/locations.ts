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

export function locationsOf(server: readonly Directive[], outer: Scope): Location[] {
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
      ...(pass && { target: targetOf(pass, inner) }),
    }
    return [location, ...locationsOf(block, scope)]
  })
}

/** Nginx takes `location =/path` and `location ~^/path` as well. */
const attached = (path: string) => /^(=|\^~|~\*|~)/.exec(path)?.[1] ?? ''

/** What the path that a backend gets is made of. */
export type Paths = { readonly path: string; readonly remarks: readonly string[] }

const UNTOUCHED = /^\$(request_)?uri(\$is_args\$args|\?\$args)?$/
const QUERY = /(\$is_args\$args|\?\$args|\?\$query_string)$/

/**
 * The BACKEND_PATHS that a location with such a target is, and how that differs from what Nginx did.
 * @returns the reason where it is none
 */
export function backendPath({ modifier, path, directive }: Location, target: Target): Paths | string {
  const block = directive.block ?? []
  if (modifier.startsWith('~')) return 'a regular expression: name the paths that it means in BACKEND_PATHS'
  if (modifier === '@') return 'a named location: name the paths that lead to it in BACKEND_PATHS'
  const plain = path.replace(/\/$/, '')
  if (plain === '') return 'every path goes there: name the ones that the API has in BACKEND_PATHS'
  const rewrite = block.find(each => each.name === 'rewrite')
  if (rewrite) return 'it rewrites the path, and Gatehouse sends every path as it came'
  const remarks: string[] = []
  if (modifier === '=') remarks.push(`what is below ${plain}/ goes to the backend, too`)
  else if (path === plain)
    remarks.push(`${plain}X, which Nginx sent to the backend as well, is a page: a path ends at a /`)
  else remarks.push(`${plain} itself goes to the backend, too; Nginx redirected it to ${path}`)

  const { uri, variable } = target
  if (uri === '' || (variable && UNTOUCHED.test(uri))) return { path: plain, remarks }
  const sent = variable ? uri.replace(QUERY, '') : uri
  const isSame = sent === path || (variable && sent === plain)
  if (!isSame)
    return `Nginx sent it as ${sent}, and Gatehouse sends every path as it came. The API has to take ${plain}, or next.config rewrites() has to do it`
  if (variable && modifier !== '=')
    remarks.push(`what is below ${plain}/ keeps its path; Nginx sent all of it to ${sent} itself`)
  if (variable && !QUERY.test(uri)) remarks.push('the query string is sent along; Nginx left it out')
  return { path: plain, remarks }
}
