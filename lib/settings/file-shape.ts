import { z } from 'zod'
import { isPath, parseOrigin, quantity } from './kinds.ts'
import { EXACT } from './routes.ts'
import type { Words } from './words.ts'

/** What is accepted; zod's issues have a key of it as their message. */
const ACCEPTED = {
  route: { en: 'a route: { path: …, to: … }', ja: 'ルート：{ path: …, to: … }' },
  path: {
    en: 'a path such as /user/login, which takes all that is below it, or = /user/login for that path alone; without a query, dot segments, escapes, `;` or patterns',
    ja: '/user/login のようなパス（配下すべてを含む）、またはそのパスだけを表す = /user/login（クエリ、ドットセグメント、エスケープ、`;`、パターンは不可）',
  },
  paths: { en: 'a list of paths', ja: 'パスの配列' },
  target: {
    en: 'an origin with a path or without: https://api.dev.jp, https://api.dev.jp/v1',
    ja: 'オリジン（パスは任意）。例：https://api.dev.jp、https://api.dev.jp/v1',
  },
  kind: { en: 'login, api', ja: 'login、api' },
  host: {
    en: 'backend, client or a name such as api.dev.jp, with a port or without',
    ja: 'backend、client、または api.dev.jp のような名前（ポートは任意）',
  },
  name: { en: 'a name such as api.dev.jp', ja: 'api.dev.jp のような名前' },
  headers: { en: 'header names with values of visible characters', ja: 'ヘッダー名と、表示可能な文字の値' },
  headerName: { en: 'a header name without underscores', ja: 'アンダースコアを含まないヘッダー名' },
  headerOnce: { en: 'each header once', ja: '各ヘッダー 1 つずつ' },
  headerString: { en: 'a text', ja: '文字列' },
  unset: {
    en: 'a value: the environment variable is not set (.env files do not count)',
    ja: '値（環境変数にありません。.env ファイルは対象外です）',
  },
  headerText: {
    en: 'visible ASCII characters, and spaces between them',
    ja: '表示可能な ASCII 文字と、その間の空白',
  },
  useHost: { en: 'another header: use `host` of the route', ja: '別のヘッダー（ルートの `host` を使う）' },
  ofClient: {
    en: 'another header: Gatehouse sets this one to the address of the client',
    ja: '別のヘッダー（これはクライアントのアドレス）',
  },
  usePublicOrigin: {
    en: 'another header: PUBLIC_ORIGIN sets this one',
    ja: '別のヘッダー（PUBLIC_ORIGIN を使う）',
  },
  ofFront: {
    en: 'another header: Gatehouse writes this one itself',
    ja: '別のヘッダー（Gatehouse が自分で書く）',
  },
  time: {
    en: 'a time from 10ms to 24h, such as 500ms, 30s or 5m',
    ja: '10ms から 24h までの時間。例：500ms、30s、5m',
  },
  size: {
    en: "a size of more than 0, such as 64kb or 100mb (0, Nginx's word for no limit, is none here: give the largest)",
    ja: '0 より大きいサイズ。例：64kb、100mb（Nginx の 0 のような「無制限」はないため、最大値を指定）',
  },
  flag: { en: 'true, false', ja: 'true、false' },
  routes: { en: 'a list of routes: [{ path: …, to: … }]', ja: 'ルートの配列：[{ path: …, to: … }]' },
  oneRoute: {
    en: "at least one route: { path: '/user/login', to: 'https://api.dev.jp' }",
    ja: "1 つ以上のルート：{ path: '/user/login', to: 'https://api.dev.jp' }",
  },
  backendName: { en: 'a name of letters, digits, - and _', ja: '英数字と - _ の名前' },
  origin: {
    en: 'an origin without a path: https://reports.dev.jp',
    ja: 'パスのないオリジン。例：https://reports.dev.jp',
  },
  backends: {
    en: "names and origins: { reports: 'https://reports.dev.jp' }",
    ja: "名前とオリジン：{ reports: 'https://reports.dev.jp' }",
  },
  file: {
    en: 'an object: { routes: [{ path: …, to: … }] }',
    ja: 'オブジェクト：{ routes: [{ path: …, to: … }] }',
  },
} satisfies Readonly<Record<string, Words>>
type Accepted = keyof typeof ACCEPTED

/** What is accepted where there is an issue; zod's own words where it has more to say. */
export const acceptedAt = (message: string): Words =>
  Object.entries(ACCEPTED).find(([key]) => key === message)?.[1] ?? { en: message, ja: message }

/** Names that the front itself writes or that frame a message, and what says them instead. */
const OWN = {
  host: 'useHost',
  'x-forwarded-for x-real-ip': 'ofClient',
  'x-forwarded-host x-forwarded-proto x-forwarded-port': 'usePublicOrigin',
  'x-request-id content-length transfer-encoding connection upgrade expect te trailer keep-alive proxy-connection':
    'ofFront',
} as const satisfies Readonly<Record<string, Accepted>>
const ownAt = (name: string) => Object.entries(OWN).find(([names]) => names.split(' ').includes(name))?.[1]

const says = (accepts: Accepted) => ({ error: accepts })
const text = (accepts: Accepted, passes: (value: string) => boolean) =>
  z.string(says(accepts)).superRefine((value, context) => {
    const message = isUnset(value) ? 'unset' : accepts
    if (message === 'unset' || !passes(value)) context.addIssue({ code: 'custom', message })
  })
/** What a template makes of a variable that is not set, `https://${process.env.API_HOST}`: a host like any other. */
const isUnset = (value: string) => /\bundefined\b/.test(value)

export const timeOf = quantity('ms', 's', 'm', 'h')
const isTime = (value: string) => {
  const ms = timeOf(value)
  return ms !== undefined && ms >= 10 && ms <= 86_400_000
}
export const sizeOf = quantity('b', 'kb', 'mb', 'gb')

/** `Client` would be a fixed name. */
const isHost = (value: string) =>
  /^[\w.-]+(:\d{1,5})?$/.test(value) &&
  Number(/:(\d+)$/.exec(value)?.[1] ?? 0) <= 65_535 &&
  (!/^(backend|client)$/i.test(value) || value === value.toLowerCase())

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
  .record(z.string(), z.string(says('headerString')).optional(), says('headers'))
  .superRefine((headers, context) => {
    const lower = new Set<string>()
    for (const [name, value] of Object.entries(headers)) {
      const say = (message: Accepted) => context.addIssue({ code: 'custom', path: [name], message })
      const own = ownAt(name.toLowerCase())
      if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || name.includes('_')) say('headerName')
      else if (own !== undefined) say(own)
      else if (lower.has(name.toLowerCase())) say('headerOnce')
      else if (value === undefined || isUnset(value)) say('unset')
      else if (!/^[\t\x20-\x7e]*$/.test(value) || value !== value.trim()) say('headerText')
      lower.add(name.toLowerCase())
    }
  })

/** What is no object at all; of a field that is not known zod says which. */
const noObject = (accepts: Accepted) => ({
  error: ({ code }: { readonly code: string }) => (code === 'invalid_type' ? accepts : undefined),
})

export const RouteShape = z.strictObject(
  {
    path: text('path', isPlace),
    to: text('target', value => !!parseTarget(value)),
    except: z
      .array(
        text('path', value => value !== '/' && isPlace(value)),
        says('paths'),
      )
      .optional(),
    kind: z.enum(['login', 'api'], says('kind')).optional(),
    host: text('host', isHost).optional(),
    serverName: text('name', value => /^[\w.-]+$/.test(value)).optional(),
    headers: HeadersShape.optional(),
    responseHeaders: HeadersShape.optional(),
    timeout: text('time', isTime).optional(),
    maxBody: text('size', value => (sizeOf(value) ?? 0) > 0).optional(),
    upgrade: z.boolean(says('flag')).optional(),
  },
  noObject('route'),
)

export const FileShape = z.strictObject(
  {
    routes: z.array(RouteShape, says('routes')).min(1, says('oneRoute')),
    backends: z
      .record(
        z.string().regex(/^[a-z][a-z\d_-]*$/i, says('backendName')),
        text('origin', value => parseOrigin(value) !== undefined),
        says('backends'),
      )
      .optional(),
  },
  noObject('file'),
)
