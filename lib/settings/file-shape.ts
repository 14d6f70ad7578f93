import { z } from 'zod'
import { isPath, parseOrigin, quantity } from './kinds.ts'
import { EXACT } from './routes.ts'

const PLACE = `a path such as /user/login, or = /user/login for that path alone; without a query, dots, escapes or \`;\``
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

export const timeOf = quantity('ms', 's', 'm', 'h')
const isTime = (value: string) => {
  const ms = timeOf(value)
  return ms !== undefined && ms >= 10 && ms <= 86_400_000
}
export const sizeOf = quantity('b', 'kb', 'mb', 'gb')

/** `/api`, `/api/`, `= /api`, `/` */
function isPlace(value: string): boolean {
  const path = value.startsWith(EXACT) ? value.slice(EXACT.length) : value
  return path === '/' || isPath(path.replace(/\/$/, ''))
}

/** An origin with a path or without: nothing is taken from it but these. */
export function parseTarget(value: string): URL | undefined {
  const [, origin = '', path = ''] = /^(https?:\/\/[^/?#\\]+)(\/.*)?$/i.exec(value) ?? []
  const url = parseOrigin(origin)
  return url && (path === '' || path === '/' || isPath(path.replace(/\/$/, ''))) ? url : undefined
}
export const pathOfTarget = (value: string) => /^https?:\/\/[^/]+(\/.*)?$/i.exec(value)?.[1]

export const HeadersShape = z
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

export const RouteShape = z.strictObject({
  path: text(PLACE, isPlace),
  to: text(
    'an origin with a path or without: https://api.dev.jp, https://api.dev.jp/v1',
    value => !!parseTarget(value),
  ),
  except: z
    .array(
      text(PLACE, value => value !== '/' && isPlace(value)),
      { error: 'a list of paths' },
    )
    .optional(),
  kind: z.enum(['login', 'api'], { error: 'login, api' }).optional(),
  host: text(`backend, client or ${NAME}`, value => /^[\w.-]+(:\d{1,5})?$/.test(value)).optional(),
  serverName: text('a name such as api.dev.jp', value => /^[\w.-]+$/.test(value)).optional(),
  headers: HeadersShape.optional(),
  responseHeaders: HeadersShape.optional(),
  timeout: text(DURATION, isTime).optional(),
  maxBody: text(SIZE, value => sizeOf(value) !== undefined).optional(),
  upgrade: z.boolean({ error: 'true, false' }).optional(),
})

export const FileShape = z.strictObject(
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
