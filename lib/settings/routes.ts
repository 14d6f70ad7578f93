import { z } from 'zod'
import type { ConfigFile } from './config-file.ts'
import { isPath, parseOrigin, quantity } from './kinds.ts'

/** A header and its value; an empty value removes it. */
type Headers = readonly (readonly [name: string, value: string])[]

/** One path and all below it, that goes to an API. */
export type Route = {
  /** without a slash at the end; empty for `/` */
  readonly path: string
  /** paths below it that stay with the pages */
  readonly except: readonly string[]
  readonly kind: 'login' | 'api'
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

/** An API that pages call by BACKEND_URL_<NAME>. */
export type NamedBackend = { readonly variable: string; readonly origin: URL }

export type Routes = { readonly routes: readonly Route[]; readonly backends: readonly NamedBackend[] }

/** What a route has where the file does not say it. */
export type Defaults = { readonly timeout: number; readonly maxBody: number }

const PATH = 'a path such as /user/login, without a query, dots, escapes or `;`'
const DURATION = 'a time from 10ms to 24h, such as 500ms, 30s or 5m'
const SIZE = 'a size, such as 64kb or 100mb'
const NAME = 'a name such as api.dev.jp, with a port or without'
const HEADERS = 'header names with values of visible characters'

/** Names that the front itself writes or that frame a message, and what says them instead. */
const OWN = new Map([
  ['host', 'use `host` of the route'],
  ...['x-forwarded-for', 'x-real-ip'].map(name => [name, 'it is the address of the client'] as const),
  ...['x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-port'].map(
    name => [name, 'PUBLIC_ORIGIN says it'] as const,
  ),
  ...[
    'x-request-id',
    'content-length',
    'transfer-encoding',
    'connection',
    'upgrade',
    'expect',
    'te',
    'trailer',
  ].map(name => [name, 'the front writes it'] as const),
  ...['keep-alive', 'proxy-connection'].map(name => [name, 'the front writes it'] as const),
])

const text = (accepts: string, passes: (value: string) => boolean) =>
  z.string({ error: accepts }).refine(passes, { error: accepts })

const timeOf = quantity('ms', 's', 'm', 'h')
const isTime = (value: string) => {
  const ms = timeOf(value)
  return ms !== undefined && ms >= 10 && ms <= 86_400_000
}
const sizeOf = quantity('b', 'kb', 'mb', 'gb')

const isRoutePath = (value: string) => value === '/' || isPath(value.replace(/\/$/, ''))

/** An origin with a path or without: nothing is taken from it but these. */
function parseTarget(value: string): URL | undefined {
  const [, origin = '', path = ''] = /^(https?:\/\/[^/?#\\]+)(\/.*)?$/i.exec(value) ?? []
  const url = parseOrigin(origin)
  return url && (path === '' || path === '/' || isPath(path.replace(/\/$/, ''))) ? url : undefined
}
const pathOfTarget = (value: string) => /^https?:\/\/[^/]+(\/.*)?$/i.exec(value)?.[1]

const Headers = z
  .record(z.string(), z.union([z.string(), z.undefined()]), { error: HEADERS })
  .superRefine((headers, context) => {
    const lower = new Set<string>()
    for (const [name, value] of Object.entries(headers)) {
      const say = (message: string) => context.addIssue({ code: 'custom', path: [name], message })
      const own = OWN.get(name.toLowerCase())
      if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || name.includes('_')) say('a header name without underscores')
      else if (own !== undefined) say(`another header: ${own}`)
      else if (lower.has(name.toLowerCase())) say('each header once')
      else if (value === undefined) say('a value: the environment has none')
      else if (!/^[\t\x20-\x7e]*$/.test(value) || value !== value.trim())
        say('visible ASCII characters, and spaces between them')
      lower.add(name.toLowerCase())
    }
  })

const RouteShape = z.strictObject({
  path: text(PATH, isRoutePath),
  to: text(
    'an origin with a path or without: https://api.dev.jp, https://api.dev.jp/v1',
    value => !!parseTarget(value),
  ),
  except: z
    .array(
      text(PATH, value => isPath(value.replace(/\/$/, ''))),
      { error: 'a list of paths' },
    )
    .optional(),
  kind: z.enum(['login', 'api'], { error: 'login, api' }).optional(),
  host: text(`backend, client or ${NAME}`, value => /^[\w.-]+(:\d{1,5})?$/.test(value)).optional(),
  serverName: text('a name such as api.dev.jp', value => /^[\w.-]+$/.test(value)).optional(),
  headers: Headers.optional(),
  responseHeaders: Headers.optional(),
  timeout: text(DURATION, isTime).optional(),
  maxBody: text(SIZE, value => sizeOf(value) !== undefined).optional(),
  upgrade: z.boolean({ error: 'true, false' }).optional(),
})

const FileShape = z.strictObject(
  {
    routes: z.array(RouteShape, { error: 'a list of routes: [{ path: …, to: … }]' }).min(1, {
      error: "at least one route: { path: '/user/login', to: 'https://api.dev.jp' }",
    }),
    backends: z
      .record(
        z.string().regex(/^[a-z][a-z\d_-]*$/i, { error: 'a name of letters, digits, - and _' }),
        text('an origin without a path: https://reports.dev.jp', value => parseOrigin(value) !== undefined),
        { error: "names and origins: { reports: 'https://reports.dev.jp' }" },
      )
      .optional(),
  },
  {
    error: issue =>
      issue.code === 'invalid_type' ? 'an object: { routes: [{ path: …, to: … }] }' : undefined,
  },
)

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
  const path = from.path.replace(/\/$/, '')
  const target = pathOfTarget(from.to)
  const isLogin = loginPaths.length > 0 ? loginPaths.includes(path) : path === LOGIN_PATH
  const kind = from.kind ?? (isLogin ? 'login' : 'api')
  return {
    path,
    // no API has Next's own files
    except: [...(path === '' ? ['/_next'] : []), ...(from.except ?? []).map(each => each.replace(/\/$/, ''))],
    kind,
    origin: parseTarget(from.to) ?? new URL(from.to),
    base: target === undefined ? path : target.replace(/\/$/, ''),
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

const headersOf = (headers: z.output<typeof Headers> = {}): Headers =>
  Object.entries(headers).map(([name, value = '']) => [name.toLowerCase(), value])

export const LOGIN_PATH = '/user/login'

/** Whether a path is another one or below it, at a segment boundary. */
const isAtOrBelow = (path: string, other: string) => path === other || path.startsWith(`${other}/`)

/**
 * Each of LOGIN_PATHS as a login route of its own: one that is below a route's path goes where that route goes, with all that it has.
 */
function withLogins(routes: readonly Route[], loginPaths: readonly string[]): Route[] {
  const more = loginPaths.flatMap(path => {
    if (routes.some(each => each.path === path)) return []
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
    .filter(each => isAtOrBelow(path, each.path))
    .sort((a, b) => b.path.length - a.path.length)
  return around?.except.some(each => isAtOrBelow(path, each)) ? undefined : around
}

/** Login paths that no route takes. */
export const strayLogins = (routes: readonly Route[], loginPaths: readonly string[]): string[] =>
  loginPaths.filter(path => !routes.some(each => each.path === path && each.kind === 'login'))

/** What contradicts itself across routes. */
function conflicts(routes: readonly Route[], at: (i: number) => string): string[] {
  return routes.flatMap((route, i) => {
    const found: string[] = []
    const same = routes.findIndex(each => each.path === route.path)
    if (same < i)
      found.push(
        `${at(i)}.path is "${route.path || '/'}", as that of routes[${same}]; accepted: each path once`,
      )
    const given = route.except.filter(path => path !== '/_next')
    given.forEach((path, n) => {
      if (!isAtOrBelow(path, route.path) || path === route.path)
        found.push(`${at(i)}.except[${n}] is "${path}"; accepted: a path below ${route.path || '/'}`)
      else if (routes.some(each => each.path === path))
        found.push(
          `${at(i)}.except[${n}] is "${path}", which is the path of another route; accepted: one of the two`,
        )
    })
    const login = routes.findIndex(
      each =>
        each.kind === 'login' && each.origin.hostname === route.origin.hostname && each.base === route.base,
    )
    if (route.kind === 'api' && login >= 0)
      found.push(
        `${at(i)}.to is where the login of routes[${login}] is; accepted: another path, or kind: 'login'`,
      )
    return found
  })
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
    return {
      path,
      except: [],
      kind: isLogin ? 'login' : 'api',
      origin,
      base: path,
      host: 'backend',
      headers: [],
      responseHeaders: [],
      timeout,
      maxBody,
      upgrade: !isLogin,
      checksSite: true,
    }
  })
  return withLogins(routes, logins)
}
