/** A header and its value; an empty value removes it. */
export type Headers = readonly (readonly [name: string, value: string])[]

/** A path with all below it, or `exact`, that path alone. */
export type Place = {
  /** without a slash at the end, empty for `/`; an exact one as it was written */
  readonly path: string
  readonly exact: boolean
}

/** Reads `/api`, or `= /api`: as Nginx writes a location for one path alone. */
export const readPlace = (text: string): Place =>
  text.startsWith(EXACT)
    ? { path: text.slice(EXACT.length), exact: true }
    : { path: bare(text), exact: false }

/** As a file has it: `/api`, `= /api`. */
export const shownPlace = ({ path, exact }: Place): string => (exact ? EXACT + path : path || '/')

/** The order in which places are asked: an exact one before all others, then the longest. */
export const inOrder = (one: Place, other: Place): number =>
  Number(other.exact) - Number(one.exact) || other.path.length - one.path.length

export const EXACT = '= '
/** A path without the slash at its end. */
export const bare = (path: string): string => (path.endsWith('/') ? path.slice(0, -1) : path)

/** Logins whose paths have the same key are one login: many a server goes by neither case nor a slash at the end. */
export const loginKey = (path: string): string => bare(path).toLowerCase()

/** What goes to an API. */
export type Route = Place & {
  /** those below it that stay with the pages */
  readonly except: readonly Place[]
  readonly kind: 'login' | 'api'
  /** whether the file says it: of an API's own path it holds where the path looks like a login's with an extension */
  readonly kindIsStated?: boolean
  readonly origin: URL
  /** what takes the place of `path` at the origin, without a slash at the end; the same as `path` where nothing does */
  readonly base: string
  /** for SNI and certificate, where it is not the origin's */
  readonly serverName?: string | undefined
  /** `backend`, `client` or a name */
  readonly host: string
  /** names in lower case */
  readonly headers: Headers
  readonly responseHeaders: Headers
  /** silence of the API that is borne, in ms */
  readonly timeout: number
  /** in bytes */
  readonly maxBody: number
  /** whether WebSockets are passed on */
  readonly upgrade: boolean
  /** whether what another site's page sends is refused */
  readonly checksSite: boolean
}

/** What a route has that no file describes. */
export const BARE = { exact: false, except: [], host: 'backend', headers: [], responseHeaders: [] } as const

/** That of an API which stands for it where only one can. */
export const loginOrFirst = (routes: readonly Route[]): Route | undefined =>
  routes.find(({ kind }) => kind === 'login') ?? routes[0]

/** An API that pages call by BACKEND_URL_<NAME>. */
export type NamedBackend = { readonly variable: string; readonly origin: URL }

export type Routes = { readonly routes: readonly Route[]; readonly backends: readonly NamedBackend[] }

/** What a route has where the file does not say it. */
export type Defaults = { readonly timeout: number; readonly maxBody: number }

/** The host of an origin. `api.dev.jp.` is the same as `api.dev.jp`, but for DNS's search list. */
export const nameOf = ({ hostname }: Pick<URL, 'hostname'>): string => hostname.replace(/\.$/, '')

export const LOGIN_PATH = '/user/login'

/** Whether a path is another one or below it, at a segment boundary: `/`, `;` or the end. `/user/loginX` is not below `/user/login`. */
export function isAtOrBelow(path: string, other: string): boolean {
  if (!path.startsWith(other)) return false
  const next = path.charAt(other.length)
  return next === '' || next === '/' || next === ';'
}

export const has = ({ path: own, exact }: Place, path: string): boolean =>
  exact ? path === own : isAtOrBelow(path, own)

/**
 * Each of LOGIN_PATHS as a login route of its own: one that is below a route's path goes where that route goes, with all that it has.
 */
export function withLogins(routes: readonly Route[], loginPaths: readonly string[]): Route[] {
  const more = loginPaths.flatMap(path => {
    if (routes.some(each => bare(each.path) === path)) return []
    const around = coverOf(routes, path)
    if (!around) return []
    const base = around.base + path.slice(around.path.length)
    return [{ ...around, path, base, except: [], kind: 'login' as const, upgrade: false, checksSite: true }]
  })
  return [...routes, ...more]
}

/** The route that takes a path; undefined where the pages have it. */
function coverOf(routes: readonly Route[], path: string): Route | undefined {
  const [around] = routes
    .filter(each => !each.exact && isAtOrBelow(path, each.path))
    .sort((a, b) => b.path.length - a.path.length)
  return around?.except.some(each => has(each, path)) ? undefined : around
}

/**
 * The routes without a file: BACKEND_PATHS at BACKEND_ORIGIN.
 * @param loginPaths LOGIN_PATHS; empty: /user/login where it is among the paths, else the first
 */
export function plainRoutes(
  origin: URL,
  paths: readonly string[],
  loginPaths: readonly string[],
  { timeout, maxBody }: Defaults,
): Route[] {
  const [first = LOGIN_PATH] = paths
  const logins = loginPaths.length > 0 ? loginPaths : [paths.includes(LOGIN_PATH) ? LOGIN_PATH : first]
  const routes = [...new Set(paths)].map((path): Route => {
    const isLogin = logins.includes(path)
    const kind = isLogin ? 'login' : 'api'
    return { ...BARE, path, base: path, kind, origin, timeout, maxBody, upgrade: !isLogin, checksSite: true }
  })
  return withLogins(routes, logins)
}
