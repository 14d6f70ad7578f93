import { GatewayError } from '../http/errors.ts'
import { inOrder, type Place, type Route } from '../settings/routes.ts'
import { has, isRoutesOwn, mayHave, toOrigin } from './path.ts'
import { isOdd, mergeSlashes, readingsOf } from './readings.ts'

/** Where a request goes. */
export type Found = {
  readonly route: Route
  /** path and query as the API gets them */
  readonly target: string
  /** whether it is the route's own path, and not below it. A slash at the end (Django has its logins there) or `;…` makes no other */
  readonly itself: boolean
}

/**
 * Which route a request target (path and query) belongs to; undefined where the pages have it.
 * @throws GatewayError BAD_REQUEST where the API could read another path out of it than was matched
 */
export type FindRoute = (target: string) => Found | undefined

/** A path that is matched, and what takes it: a route, or nobody, which is the pages. */
type Entry = Place & { readonly route: Route | undefined }

/**
 * The route table: an exact path wins, then the longest. It is matched as it came but for repeated slashes, which are merged; a path that can be read in
 * another way must be the same route's in each of them, and no request of an `api` route may reach a login's path, be it by another case
 * (Express and ASP.NET go by none), by a slash or parameters behind an exact one, or by the path that goes to the origin.
 */
export function createTable(routes: readonly Route[]): FindRoute {
  const entries = routes.flatMap(route => [
    { path: route.path, exact: route.exact, route },
    ...route.except.map((each): Entry => ({ ...each, route: undefined })),
  ])
  const find = finderOf(entries, has)
  const findInAnyCase = finderOf(lowerCase(entries), mayBe)
  const hasLogins = routes.some(({ kind }) => kind === 'login')
  const isLoginThere = new Map(routes.map(route => [route, findLoginAtOrigin(route, routes)]))

  function refuseOthers(route: Route, path: string, sent: string) {
    const readings = isOdd(path) ? readingsOf(path) : undefined
    if (readings) {
      if ((route.kind === 'login' ? DISGUISED : NUL).test(path)) throw new GatewayError('BAD_REQUEST')
      for (const each of readings) if (find(each) !== route) throw new GatewayError('BAD_REQUEST')
    }
    if (route.kind === 'login' || !hasLogins) return
    for (const each of readings ?? [path])
      if (findInAnyCase(each.toLowerCase())?.kind === 'login') throw new GatewayError('BAD_REQUEST')
    const isLogin = isLoginThere.get(route)
    if (!isLogin) return
    for (const each of isOdd(sent) ? readingsOf(sent) : [sent])
      if (isLogin(each.toLowerCase())) throw new GatewayError('BAD_REQUEST')
  }

  return target => {
    const query = target.indexOf('?')
    const path = query === -1 ? target : target.slice(0, query)
    const merged = mergeSlashes(path)
    const route = find(merged)
    if (!route) return undefined
    const own = route.kind === 'login' ? merged : path
    const sent = toOrigin(route, own)
    refuseOthers(route, own, sent)
    const itself = isRoutesOwn(route, merged)
    return { route, target: query === -1 ? sent : sent + target.slice(query), itself }
  }
}

/** What a login's path must not have: dot segments and separators in disguise (`..`, `%2e%2e`, `%2f`, `%5c`, a backslash), NUL. */
const DISGUISED = /(^|\/)(\.|%2e){1,2}(\/|;|$)|%2f|%5c|\\|%00/i
const NUL = /%00/

/**
 * Whether a path in lower case is a login's at the origin of a route; undefined where it is one only if it is on the public site as well:
 * no path is replaced there.
 */
function findLoginAtOrigin(route: Route, routes: readonly Route[]): ((path: string) => boolean) | undefined {
  const there = routes.filter(({ origin }) => origin.hostname === route.origin.hostname)
  if (there.every(({ base, path }) => base === path)) return undefined
  if (!there.some(({ kind }) => kind === 'login')) return undefined
  const entries = there.map(each => ({ path: each.base, exact: each.exact, route: each }))
  const find = finderOf(lowerCase(entries), mayBe)
  return path => find(path)?.kind === 'login'
}

function finderOf(entries: readonly Entry[], takes: (entry: Entry, path: string) => boolean) {
  const sorted = entries.toSorted(inOrder)
  return (path: string): Route | undefined => {
    for (const entry of sorted) if (takes(entry, path)) return entry.route
    return undefined
  }
}

const mayBe = (entry: Entry, path: string) => mayHave(entry, entry.route?.kind, path)

const lowerCase = (entries: readonly Entry[]) =>
  entries.map(each => ({ ...each, path: each.path.toLowerCase() }))
