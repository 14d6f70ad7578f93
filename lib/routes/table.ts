import { GatewayError } from '../http/errors.ts'
import { has, inOrder, loginKey, nameOf, type Place, type Route } from '../settings/routes.ts'
import { isInFormat, isRoutesOwn, isStatedApi, mayHave, toOrigin } from './path.ts'
import { isOdd, isTooLong, mergeSlashes, readingsOf } from './readings.ts'

/** Where a request goes. */
export type Found = {
  readonly route: Route
  /** path and query as the API gets them */
  readonly target: string
  /** whether it is the route's own path, and not below it. A slash at the end (Django has its logins there) or `;…` makes no other */
  readonly isOwnPath: boolean
  /** where only the extension makes it a login: what it is for a request that cannot be a login, such as a style sheet */
  readonly ifNotLogin?: Found
}

/**
 * Which route a request target (path and query) belongs to; undefined where the pages have it.
 * @throws GatewayError BAD_REQUEST where the API could read another path out of it than was matched
 */
export type FindRoute = (target: string) => Found | undefined

/** A path that is matched, and what takes it: a route, or nobody, which is the pages. */
type Entry = Place & { readonly route: Route | undefined }

/**
 * The route table. An exact path wins, then the longest. A path is matched as it came, with repeated slashes merged.
 * - A path that servers can read in several ways must lead to the same route (or to the pages) in every reading.
 * - No request may reach a login's path by another route: in another case (Express and ASP.NET ignore it), by a slash or parameters behind an exact
 * path, or by the path at the origin.
 * - A login's limits count for its own path alone, so a path below it must not be readable as the login.
 * - The login's path with an extension is that login, whichever route has it, unless the file says `kind: 'api'`.
 */
export function createTable(routes: readonly Route[]): FindRoute {
  const entries = routes.flatMap(route => [
    { path: route.path, exact: route.exact, route },
    ...route.except.map((each): Entry => ({ ...each, route: undefined })),
  ])
  const find = finderOf(entries, has)
  const findInAnyCase = finderOf(lowerCase(entries), mayBe)
  const isAnothersThere = new Map(routes.map(route => [route, findOthersAtOrigin(route, routes)]))
  const loginsThere = new Map(routes.map(route => [route, loginsAt(route, routes)]))
  const asLogin = new Map(routes.map(route => [route, { ...route, ...AS_LOGIN }]))

  /** @returns what a path may be read as, in lower case: each of it is the route's */
  function readAsOwn(route: Route, path: string, isOwnPath: boolean): string[] {
    const isLogin = route.kind === 'login'
    // most are plain
    if (isOdd(path) && (isLogin ? DISGUISED : CUTS).test(path))
      throw new GatewayError('BAD_REQUEST', 'the path has escaped separators, dot segments, NUL or line ends')
    const readings = readingsOf(path)
    for (const each of readings)
      if (find(each) !== route || (isLogin && isRoutesOwn(route, each) !== isOwnPath))
        throw new GatewayError('BAD_REQUEST', AMBIGUOUS)
    const inAnyCase = readings.map(each => each.toLowerCase())
    if (inAnyCase.some(each => isAnothers(findInAnyCase(each), route, 'path')))
      throw new GatewayError('BAD_REQUEST', LOGIN)
    return inAnyCase
  }

  return target => {
    const query = target.indexOf('?')
    const path = query === -1 ? target : target.slice(0, query)
    const merged = mergeSlashes(path)
    const route = find(merged)
    if (!route) {
      if (isOdd(path) && !isTooLong(path) && readingsOf(path).some(each => find(each) !== undefined))
        throw new GatewayError('BAD_REQUEST', AMBIGUOUS)
      return undefined
    }
    const own = route.kind === 'login' ? merged : path
    const sent = toOrigin(route, own)
    const isOwnPath = isRoutesOwn(route, merged)
    const readings = readAsOwn(route, own, isOwnPath)
    const found = { route, target: query === -1 ? sent : sent + target.slice(query), isOwnPath }
    const isAnothersAtOrigin = isAnothersThere.get(route)
    const isSettled = (isOwnPath && route.kind === 'login') || isStatedApi(route, sent)
    const logins = isSettled ? undefined : loginsThere.get(route)
    if (!isAnothersAtOrigin && !logins) return found
    const atOrigin = sent === own ? readings : readingsOf(sent).map(each => each.toLowerCase())
    if (isAnothersAtOrigin && atOrigin.some(isAnothersAtOrigin)) throw new GatewayError('BAD_REQUEST', LOGIN)
    if (!logins?.some(login => atOrigin.some(each => isInFormat(login, each)))) return found
    return { ...found, route: asLogin.get(route) ?? route, isOwnPath: true, ifNotLogin: found }
  }
}

/** What makes a login of a route for requests with an extension. */
const AS_LOGIN = { kind: 'login', upgrade: false, checksSite: true } as const

/** Causes, for the log. */
const AMBIGUOUS = 'servers may read the path as one of another route'
const LOGIN = 'the API may read the path as that of a login'

/** NUL and line ends, where C and regular expressions with `$` (Django) see the end of a path. */
const CUTS = /%(u00)?0[0ad]/i
/** What a login's path must not have: dot segments and separators in disguise (`..`, `%2e%2e`, `%2f`, `%5c`, a backslash), and these. */
const DISGUISED = /(^|\/)(\.|%2e){1,2}(\/|;|$)|%2f|%5c|\\|%(u00)?0[0ad]/i

/** Whether a login was found that is not a route's own; another login may have its path but for the case, or its path at the API. */
const isAnothers = (found: Route | undefined, route: Route, by: 'path' | 'base') =>
  found?.kind === 'login' && (route.kind === 'api' || loginKey(found[by]) !== loginKey(route[by]))

/**
 * Whether a path in lower case is another login's at the origin of a route; undefined where it is one only if it is on the public site as
 * well: no path is replaced there.
 */
function findOthersAtOrigin(route: Route, routes: readonly Route[]): ((path: string) => boolean) | undefined {
  const there = routes.filter(({ origin }) => nameOf(origin) === nameOf(route.origin))
  if (there.every(({ base, path }) => base === path)) return undefined
  if (!there.some(each => isAnothers(each, route, 'base'))) return undefined
  const entries = there.map(each => ({ path: each.base, exact: each.exact, route: each }))
  const find = finderOf(lowerCase(entries), mayBe)
  return path => isAnothers(find(path), route, 'base')
}

/** The paths of the logins at a route's origin, in lower case; undefined where there is none. */
function loginsAt(route: Route, routes: readonly Route[]): { path: string }[] | undefined {
  const there = routes.filter(each => each.kind === 'login' && nameOf(each.origin) === nameOf(route.origin))
  return there.length > 0 ? there.map(({ base }) => ({ path: base.toLowerCase() })) : undefined
}

function finderOf(entries: readonly Entry[], takes: (entry: Entry, path: string) => boolean) {
  // of two that differ in case alone a login's comes first
  const sorted = entries.toSorted((a, b) => inOrder(a, b) || isLogin(b) - isLogin(a))
  return (path: string): Route | undefined => {
    for (const entry of sorted) if (takes(entry, path)) return entry.route
    return undefined
  }
}

const mayBe = (entry: Entry, path: string) => mayHave(entry, entry.route?.kind, path)
const isLogin = ({ route }: Entry) => Number(route?.kind === 'login')

const lowerCase = (entries: readonly Entry[]) =>
  entries.map(each => ({ ...each, path: each.path.toLowerCase() }))
