import type { Texts } from './english.ts'
import type { Location } from './locations.ts'
import type { Directive } from './parse.ts'
import { literalStart } from './pattern.ts'
import { named } from './scope.ts'
import type { Target } from './target.ts'

/** A path of a route, and the one that takes its place at the API; without a slash at the end but for an exact one. */
export type RoutePath = {
  readonly path: string
  readonly exact: boolean
  readonly base: string
  /** the path itself went elsewhere: `^/api/` fits what is below it alone */
  readonly onlyBelow?: boolean
}

/** What a location with such a target is as routes. */
export type RoutePaths = {
  readonly paths: readonly RoutePath[]
  /** what differs from Nginx, and where it is as strict or of no account */
  readonly looks: readonly string[]
  /** what differs and an API may depend on */
  readonly losses: readonly string[]
  /** of the paths, those that Nginx took with more letters behind them, too: `/apiX` */
  readonly unbounded: readonly string[]
}

/** The request's own path, whatever was rewritten before; or the one that a rewrite left. */
const AS_IT_CAME = /^\$request_uri$/
const UNTOUCHED = /^\$uri(\$is_args\$args|\?\$args)?$/
export const QUERY = /(\$is_args\$args|\?\$args|\?\$query_string)$/

const bare = (path: string) => path.replace(/\/+$/, '')

/**
 * @param others every location of the server
 * @returns the reason where a location can be no route
 */
export function routePaths(
  location: Location,
  target: Target,
  others: readonly Location[],
  texts: Texts['paths'],
): RoutePaths | string {
  const { modifier, path, directive } = location
  if (modifier === '@') return texts.named
  const block = directive.block ?? []
  const end = block.findIndex(({ name }) => name === 'break')
  const rewrites = named(end < 0 ? block : block.slice(0, end), 'rewrite')
  // `^/api$ /` beside `^/api/(.*)$ /$1`
  const isOfItself = ({ args: [pattern, , flag] }: Directive) =>
    pattern === `^${bare(path)}$` && flag === 'break'
  const itself = rewrites.length > 1 ? rewrites.find(isOfItself) : undefined
  const [rewrite, ...more] = rewrites.filter(each => each !== itself)
  if (more.length > 0) return texts.rewrites
  // any other leads to another location, or sends the visitor away
  if (rewrite && rewrite.args[2] !== 'break') return texts.rewrite
  if (modifier === '~') return pathsOfPattern(path, target, rewrite, texts)
  if (modifier === '~*') return pathsInAnyCase(path, target, rewrite, texts)
  const isExact = modifier === '='
  const own = isExact ? path : bare(path)
  const bounds = boundaries(location, own, others, texts)
  const looks = [...bounds, ...queryOf(target, texts)]
  const onlyBelow = location.redirectsNone && !isExact && path !== own
  const all = (base: string, losses: readonly string[] = []): RoutePaths => ({
    paths: [{ path: own, exact: isExact, base, ...(onlyBelow && { onlyBelow }) }],
    looks,
    losses,
    unbounded: !isExact && own !== '' && path === own ? [own] : [],
  })
  const { uri, variable } = target
  if (variable && AS_IT_CAME.test(uri)) return all(own)
  if (rewrite) {
    const base = isExact ? replaced(rewrite.args, own) : rewritten(rewrite.args, own)
    if (base === undefined || (variable && !isOwnPath(target))) return texts.rewrite
    if (itself && itself.args[1] !== (base || '/')) return texts.rewrites
    const asked = isExact ? [] : path === own ? [...(itself ? [] : [own]), `${own}/`] : [path]
    looks.push(...notRewritten(rewrite.args, asked, own, base, texts))
    return all(base)
  }
  if (isOwnPath(target)) return all(own)
  const sent = variable ? uri.replace(QUERY, '') : uri
  if (/[$?#]/.test(sent)) return texts.variable(uri)
  if (variable) return fixed({ location, own, sent, uri }, all, texts)
  if (isExact) return all(sent)
  if (path.endsWith('/') === sent.endsWith('/')) return all(bare(sent))
  if (path.endsWith('/')) return texts.joined(path, sent)
  return all(bare(sent), [texts.twoSlashes(path, sent, bare(sent))])
}

/** Whether the path is sent as it is, or as a rewrite left it. */
const isUntouched = ({ uri, variable }: Target) => variable && UNTOUCHED.test(uri)
/** `$uri` alone has no query. */
export const queryOf = (target: Target, texts: Texts['paths']) =>
  isUntouched(target) && !QUERY.test(target.uri) ? [texts.query] : []

/** Whether the path that was asked for is the one that is sent, where nothing rewrites it. */
export const isOwnPath = (target: Target) =>
  target.uri === '' || (target.variable && AS_IT_CAME.test(target.uri)) || isUntouched(target)

/** With a variable in it, the URI is sent as it is, whatever was asked for below the location. */
function fixed(
  { location: { modifier }, own, sent, uri }: { location: Location; own: string; sent: string; uri: string },
  all: (base: string) => RoutePaths,
  texts: Texts['paths'],
): RoutePaths | string {
  if (modifier !== '=' && bare(sent) !== own) return texts.allSent(own, sent)
  const routes = all(modifier === '=' ? sent : bare(sent))
  const more: string[] = []
  if (modifier !== '=') more.push(texts.keepsPath(own, sent))
  if (!QUERY.test(uri)) more.push(texts.query)
  return { ...routes, looks: [...routes.looks, ...more] }
}

/** A path of a route has all below it and itself, without a redirect; an exact one is Nginx's. */
function boundaries(
  { modifier, path, redirectsNone }: Location,
  own: string,
  others: readonly Location[],
  texts: Texts['paths'],
): string[] {
  if (modifier === '=') return /.\/$/.test(path) ? [texts.otherPath(bare(path), path)] : []
  if (own === '') return [texts.underscoreNext]
  if (redirectsNone) return []
  const isOwn = (each: Location) =>
    each.path === own ? /^(=|\^~)?$/.test(each.modifier) : each.path === path && each.modifier === '='
  const isItsOwn = path !== own && !others.some(isOwn)
  return isItsOwn ? [texts.itself(own, path)] : []
}

/** `rewrite ^/api/(.*)$ /v1/$1 break`, in the spellings that files have. @returns what takes the place of `/api` */
function rewritten(args: readonly string[], own: string): string | undefined {
  const [pattern = '', replacement = ''] = args
  const start = unescaped(pattern.replace(/^\^/, ''))
  // that of `/api` is one of `/api/upload`, too
  const cut = start.startsWith(own) ? own : bare(/^[\w./-]*/.exec(start)?.[0] ?? '')
  if (!`${own}/`.startsWith(`${cut}/`)) return undefined
  const tail = start.slice(cut.length)
  const base = /^\/\??\(\.[*+]\)\$?$/.test(tail)
    ? /^(|\/|\/[\w./-]+\/)\$1$/.exec(replacement)?.[1]?.replace(/\/$/, '')
    : /^\(\/?\.[*+]\)\$?$/.test(tail)
      ? /^(|\/[\w./-]*[\w.-])\$1$/.exec(replacement)?.[1]
      : undefined
  return base === undefined ? undefined : base + own.slice(cut.length)
}

/** The path as it came, where a rewrite fits nothing of it: `^/api(/.*)$` beside `/openapi.json`. */
function missed([pattern = '']: readonly string[], path: string): string | undefined {
  const start = literalStart(pattern)
  return path.startsWith(start) || start.startsWith(path) ? undefined : path
}

/** Of some paths of a route, those that a rewrite does not fit, and that a route replaces as all others. */
const notRewritten = (
  [pattern = '']: readonly string[],
  asked: readonly string[],
  own: string,
  base: string,
  texts: Texts['paths'],
) =>
  asked
    .filter(each => SIMPLE.test(pattern) && !new RegExp(pattern).test(each))
    .map(each => texts.notRewritten(each, base + each.slice(own.length) || '/'))

/** What is the same in Nginx's regular expressions and in JavaScript's. */
const SIMPLE = /^(?:\^|\$|[\w/.-]|\\[./-]|\.[*+]|\(\/?\.[*+]\))*$/

/** What a rewrite makes of one path alone: `^ /user/login`, `^/api(.*)$ $1`. */
function replaced([pattern = '', replacement = '']: readonly string[], own: string): string | undefined {
  const found = SIMPLE.test(pattern) ? new RegExp(pattern).exec(own) : null
  const made = found && replacement.replace(/\$(\d)/g, (_all, group) => found[Number(group)] ?? '')
  return made !== null && /^\/[\w./-]*$/.test(made) ? made : undefined
}

/** `\.` of a pattern is a dot of a path. */
const unescaped = (pattern: string) => pattern.replace(/\\(?=[./-])/g, '')

/** What may stand behind the paths of a pattern: all below them, or their end. */
const TAIL =
  /^(?:|\$|\.\*\$?|\(\.\*\)\$?|\/|\/\?(?:\(\.\*\)\$?)?|\((?:\?:)?(?:\/\|\$|\$\|\/)\)|\((?:\?:)?\/(?:\.\*|\(\.\*\))\)\?\$?|\/\(?\.[*+]\)?\$?|\(\/\.\*\)\$?)$/
/** Such a tail fits what goes on without a slash, too. */
const UNBOUNDED = /^(?:$|\/\?|\(?\.\*)/
/** Such a tail asks for a slash. */
const BELOW = /^(?:\/(?!\?)|\(\/\.\*\)\$?$)/
/** Of a name; most files write `openapi.json` without a backslash, and mean the dot. */
const LETTER = String.raw`(?:[\w-]|\\[.-]|(?<=[\w/|(])\.(?=\w))`
const PATTERN = new RegExp(
  String.raw`^\^((?:/${LETTER}+)*/?)(?:\((?:\?:)?(${LETTER}+(?:[|/]${LETTER}+)*)\))?((?:/${LETTER}+)*)(.*)$`,
)

/** The paths are those as they are written, in small letters. */
function pathsInAnyCase(...[pattern, target, rewrite, texts]: Parameters<typeof pathsOfPattern>) {
  if (/[A-Z]/.test(pattern)) return texts.anyCase
  const found = pathsOfPattern(pattern, target, rewrite, texts)
  if (typeof found === 'string') return found
  return { ...found, losses: found.paths.map(({ path }) => texts.oneCase(path.toUpperCase())) }
}

/** `^/(api|auth)/` and its like. */
function pathsOfPattern(
  pattern: string,
  target: Target,
  rewrite: Directive | undefined,
  texts: Texts['paths'],
): RoutePaths | string {
  const { variable } = target
  const [, name] = /\(\?P?<(\w+)>/.exec(pattern) ?? []
  const uri = name === undefined ? target.uri : target.uri.replace(`$${name}`, '$$1')
  const found = PATTERN.exec(pattern.replace(/\(\?P?<\w+>/, '('))
  if (!found) return texts.pattern
  const [, start = '', group, middle = '', tail = ''] = found
  // a slash at the end belongs to the tail
  const cut = group === undefined && middle === '' && start.endsWith('/') ? '/' : ''
  if (!TAIL.test(cut + tail)) return texts.pattern
  const paths = (group ?? '')
    .split('|')
    .map(each => unescaped(start.replace(/\/$/, group === undefined ? '' : '/') + each + middle))
  if (paths.some(each => each === '')) return texts.everyPath
  const exact = cut + tail === '$'
  const onlyBelow = BELOW.test(cut + tail)
  const unbounded = UNBOUNDED.test(cut + tail) ? paths : []
  const looks = queryOf(target, texts)
  const own = (base: (path: string) => string, also: readonly string[] = []): RoutePaths => ({
    paths: paths.map(path => ({ path, exact, base: base(path), onlyBelow })),
    looks: [...looks, ...also],
    losses: [],
    unbounded,
  })
  if (variable && AS_IT_CAME.test(uri)) return own(path => path)
  if (rewrite) {
    const bases = new Map<string, string>()
    const also: string[] = []
    for (const path of paths) {
      const base = (exact ? replaced : rewritten)(rewrite.args, path) ?? missed(rewrite.args, path)
      if (base === undefined || (variable && !isOwnPath(target))) return texts.rewrite
      bases.set(path, base)
      if (exact || base === path) continue
      also.push(...notRewritten(rewrite.args, [...(onlyBelow ? [] : [path]), `${path}/`], path, base, texts))
    }
    return own(path => bases.get(path) ?? path, also)
  }
  if (isOwnPath(target)) return own(path => path)
  const [, base, slash] = /^((?:\/[\w.-]+)*)(\/?)\$1$/.exec(uri.replace(QUERY, '')) ?? []
  // what was found begins with a slash; else the path itself was sent with one behind `base`
  const behind = base === '' ? /^\/\??\(\.\*\)\$?$/ : /^\/\(\.\*\)\$?$/
  const fits = slash === '' ? /^\(\/?\.\*\)\$?$/ : behind
  if (base !== undefined && group === undefined && fits.test(cut + tail))
    return own(() => base, QUERY.test(uri) ? [] : [texts.query])
  return texts.variable(uri)
}
