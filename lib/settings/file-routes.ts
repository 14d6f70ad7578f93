import type { z } from 'zod'
import type { ConfigFile } from './config-file.ts'
import {
  FileShape,
  type HeadersShape,
  parseTarget,
  pathOfTarget,
  RouteShape,
  sizeOf,
  timeOf,
} from './file-shape.ts'
import {
  type Defaults,
  type Headers,
  isAtOrBelow,
  LOGIN_PATH,
  type Place,
  type Route,
  type Routes,
  readPlace,
  shownPlace,
  withLogins,
} from './routes.ts'

/** `routes[1].headers.X-Tenant`, as an editor's user would write it. */
const placeOf = (path: readonly PropertyKey[]) =>
  path
    .map((each, i) => (typeof each === 'number' ? `[${each}]` : `${i > 0 ? '.' : ''}${String(each)}`))
    .join('')

/** The value at a place, as it may be shown: a header's may be secret, and so may userinfo. */
function shownAt(content: unknown, path: readonly PropertyKey[]): string {
  if (path.some(each => each === 'headers' || each === 'responseHeaders')) return ''
  let value = content
  for (const key of path)
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
  if (value === undefined) return 'is not set'
  const words = JSON.stringify(value) ?? String(value)
  return `is ${words.replace(/\/\/[^/@]*@/g, '//…@').slice(0, 200)}`
}

/**
 * The routes of a file.
 * @returns them, and every mistake with its place; what has mistakes is left out
 */
export function readFileRoutes(
  file: ConfigFile,
  loginPaths: readonly string[],
  defaults: Defaults,
): Routes & { readonly mistakes: readonly string[] } {
  const { data, error } = FileShape.safeParse(file.content)
  const mistakes = (error?.issues ?? []).flatMap(issue => {
    if (issue.code === 'unrecognized_keys') {
      const known = Object.keys(issue.path.length === 0 ? FileShape.shape : RouteShape.shape).join(', ')
      return issue.keys.map(
        key => `${file.name}: ${placeOf([...issue.path, key])} is not known; accepted: ${known}`,
      )
    }
    const seen = shownAt(file.content, issue.path)
    return [
      `${file.name}: ${placeOf(issue.path) || 'the default export'}${seen && ` ${seen}`}; accepted: ${issue.message}`,
    ]
  })
  if (!data) return { routes: [], backends: [], mistakes }
  const routes = data.routes.map(each => routeOf(each, loginPaths, defaults))
  const backends = Object.entries(data.backends ?? {}).map(([name, origin]) => ({
    variable: `BACKEND_URL_${name.toUpperCase().replaceAll('-', '_')}`,
    origin: new URL(origin),
  }))
  for (const { variable } of backends.filter(
    (each, i) => backends.findIndex(({ variable }) => variable === each.variable) < i,
  ))
    mistakes.push(
      `${file.name}: backends has two names for ${variable}; accepted: names that differ in more than case, - and _`,
    )
  mistakes.push(...conflicts(routes, i => `${file.name}: routes[${i}]`))
  return { routes: withLogins(routes, loginPaths), backends, mistakes }
}

function routeOf(
  from: z.output<typeof RouteShape>,
  loginPaths: readonly string[],
  defaults: Defaults,
): Route {
  const { path, exact } = readPlace(from.path)
  const target = pathOfTarget(from.to)
  const isLogin = (loginPaths.length > 0 ? loginPaths : [LOGIN_PATH]).includes(bare(path))
  const kind = from.kind ?? (isLogin ? 'login' : 'api')
  return {
    path,
    exact,
    // no API has Next's own files
    except: [...(path === '' ? [NEXTS] : []), ...(from.except ?? []).map(readPlace)],
    kind,
    origin: parseTarget(from.to) ?? new URL(from.to),
    base: target === undefined ? path : exact ? target : bare(target),
    serverName: from.serverName,
    host: from.host ?? 'backend',
    headers: headersOf(from.headers),
    responseHeaders: headersOf(from.responseHeaders),
    timeout: timeOf(from.timeout ?? '') ?? defaults.timeout,
    maxBody: sizeOf(from.maxBody ?? '') ?? defaults.maxBody,
    upgrade: kind === 'api' && (from.upgrade ?? true),
    checksSite: kind === 'login',
  }
}

const headersOf = (headers: z.output<typeof HeadersShape> = {}): Headers =>
  Object.entries(headers).map(([name, value = '']) => [name.toLowerCase(), value])

const NEXTS: Place = { path: '/_next', exact: false }
const bare = (path: string) => path.replace(/\/$/, '')
const isSame = (one: Place, other: Place) => one.path === other.path && one.exact === other.exact

/** What contradicts itself across routes. */
function conflicts(routes: readonly Route[], at: (i: number) => string): string[] {
  return routes.flatMap((route, i) => {
    const found: string[] = []
    const same = routes.findIndex(each => isSame(each, route))
    if (same < i)
      found.push(
        `${at(i)}.path is "${shownPlace(route)}", as that of routes[${same}]; accepted: each path once`,
      )
    const given = route.except.filter(each => each !== NEXTS)
    given.forEach((each, n) => {
      const is = `${at(i)}.except[${n}] is "${shownPlace(each)}"`
      if (route.exact) found.push(`${is}; accepted: none, for nothing is below "${shownPlace(route)}"`)
      else if (!isAtOrBelow(each.path, route.path) || isSame(each, route))
        found.push(`${is}; accepted: a path below ${route.path || '/'}`)
      else if (routes.some(other => isSame(each, other)))
        found.push(`${is}, which is the path of another route; accepted: one of the two`)
    })
    const login = routes.findIndex(
      each =>
        each.kind === 'login' &&
        each.origin.hostname === route.origin.hostname &&
        bare(each.base) === bare(route.base),
    )
    if (route.kind === 'api' && login >= 0)
      found.push(
        `${at(i)}.to is where the login of routes[${login}] is; accepted: another path, or kind: 'login'`,
      )
    return found
  })
}
