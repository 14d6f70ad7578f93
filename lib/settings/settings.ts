import { z } from 'zod'
import { parseAddressHeader, parseAddressProof } from './client-address.ts'
import { ConfigError } from './config-error.ts'
import type { ConfigFile } from './config-file.ts'
import { fittingBodies, fittingRequests, LEAST_BODY_MEMORY } from './front-share.ts'
import {
  all,
  dimension,
  duration,
  flag,
  host,
  isProxyRange,
  isServer,
  limit,
  oneOf,
  parseCollector,
  parseOrigin,
  parseStore,
  paths,
  port,
  quantity,
  setting,
  UNITS,
} from './kinds.ts'
import { parseAllowedOrigins, parsePublicOrigins } from './origins.ts'
import { LEAST_PAGE_MEMORY, memoryFor } from './page-share.ts'
import { LOGIN_PATH, plainRoutes, type Routes, readFileRoutes, strayLogins } from './routes.ts'
import { mistakesTogether } from './together.ts'

export { ConfigError }

const SETTINGS = z.object({
  BACKEND_ORIGIN: setting(
    {
      initial: '',
      accepts: 'where the API is, without a path: https://api.dev.jp or https://api.dev.jp:8443',
      meaning: 'where the API is: `https://api.dev.jp`, any port. Must be set',
    },
    parseOrigin,
  ),
  BACKEND_PATHS: setting(
    {
      initial: '/user/login',
      accepts: 'paths such as /user/login, comma separated, without a query, dots or a slash at the end',
      meaning: 'paths sent there, each with all below it, at a segment boundary; comma separated',
    },
    paths,
  ),
  LOGIN_PATHS: setting(
    {
      initial: '',
      accepts: 'paths such as /user/login, comma separated, each one of BACKEND_PATHS or below one',
      meaning:
        'paths where logins go, each with all below it: strict paths, cross-site check and login limits; empty: `/user/login` where it is among `BACKEND_PATHS`, else the first of them',
    },
    text => (text === '' ? Object.freeze([]) : paths(text)),
  ),
  HOST: host('0.0.0.0', "the front's listener: the address it binds"),
  PORT: port('4000', "the front's listener: its port"),
  HEALTH_PREFIX: setting(
    {
      initial: '',
      accepts: 'a path such as /_gatehouse, without a slash at the end',
      meaning:
        'what stands before `/healthz` and `/readyz`, for an app that has such pages itself: `/_gatehouse`; empty: nothing',
    },
    text => (/^((\/[\w~-][\w.~-]*)+)?$/.test(text) ? text : undefined),
  ),
  ADMIN_HOST: host(
    '127.0.0.1',
    'the admin listener (health and state), never reachable through the public one',
  ),
  ADMIN_PORT: port('4001', "the admin listener's port"),
  EGRESS_PORT: port('4002', 'loopback only: where pages reach the backend; they find it in `BACKEND_URL`'),
  DNS_SERVERS: setting(
    {
      initial: '',
      accepts: 'IP addresses with or without a port, comma separated: 169.254.169.253, 10.0.0.2:53',
      meaning: "resolvers to ask: `169.254.169.253`, or `10.0.0.2:53`, comma separated; empty: the system's",
    },
    text => (text === '' ? Object.freeze([]) : all(text, isServer)),
  ),
  DNS_MAX_TTL: setting(
    {
      initial: '3',
      accepts: 'seconds, from 0.1 to 86400: 3 or 3s',
      meaning: 'seconds that an answer is believed at most; its own TTL where that is shorter',
    },
    text => {
      const ms = quantity('ms', 's', 'm', 'h')(/^[\d.]+$/.test(text) ? `${text}s` : text)
      return ms !== undefined && ms >= 100 && ms <= 24 * UNITS.h ? ms : undefined
    },
  ),
  DNS_FAMILY: oneOf('4', ['4', '6', 'both'], 'addresses to ask for: `4` (A), `6` (AAAA) or `both`'),
  CONNECT_TIMEOUT: duration(
    '1s',
    10,
    'for TCP and TLS to one address; a login looks for one for twice as long',
  ),
  BACKEND_TIMEOUT: duration(
    '55s',
    10,
    'silence from the backend, then 504; below the 60 s of the ALBs on both sides',
  ),
  MAX_BODY: setting(
    {
      initial: '1mb',
      accepts: 'a size, such as 64kb or 1mb',
      meaning: 'a larger login body gets 413',
    },
    quantity('b', 'kb', 'mb', 'gb'),
  ),
  MAX_HEADER: setting(
    {
      initial: '64kb',
      accepts: 'a size from 8kb to 256kb, such as 64kb',
      meaning: 'the largest head of a request or an answer: a larger request gets 431, a larger answer 502',
    },
    text => {
      const bytes = quantity('kb')(text)
      return bytes !== undefined && bytes >= 8 * UNITS.kb && bytes <= 256 * UNITS.kb ? bytes : undefined
    },
  ),
  KEEP_ALIVE_TIMEOUT: duration(
    '75s',
    1000,
    'an idle connection of a client stays open for so long; above the idle timeout of the ALB before the front',
  ),
  BODY_MEMORY: setting<number | null>(
    {
      initial: 'auto',
      accepts: 'auto, or a size from 1mb on, such as 32mb',
      meaning:
        "request bodies that are held in memory at once, all together; beyond it a body is streamed to the API and is not sent again. `auto`: a sixteenth of the task's memory, 8mb to 512mb",
    },
    text => {
      if (text === 'auto') return null
      const bytes = quantity('mb', 'gb')(text)
      return bytes !== undefined && bytes >= LEAST_BODY_MEMORY ? bytes : undefined
    },
  ),
  MAX_BACKEND_REQUESTS: setting<number | null>(
    {
      initial: 'auto',
      accepts: 'auto, or a number from 1 to 100000',
      meaning:
        "requests under way to the API at once; one more gets 503 `BACKEND_FULL`. `auto`: what an eighth of the task's memory holds, 256 to 8192",
    },
    text => {
      if (text === 'auto') return null
      return /^[1-9]\d{0,5}$/.test(text) && Number(text) <= 100_000 ? Number(text) : undefined
    },
  ),
  REPLAY: oneOf(
    'on',
    ['on', 'off'],
    '`off`: what a connection had begun to carry is never sent again, and no login asks with `Expect` first',
  ),
  PUBLIC_ORIGIN: setting(
    {
      initial: '',
      accepts:
        'origins as browsers show them, comma separated: https://www.dev.jp, https://shop.dev.jp:8443 (no path, no slash at the end, no *, no default port)',
      meaning:
        'the origins by which visitors reach this front: `https://www.dev.jp`, comma separated; empty: what Host and the trusted proxies say',
    },
    parsePublicOrigins,
  ),
  ALLOWED_ORIGINS: setting(
    {
      initial: '',
      accepts:
        'origins as browsers send them, comma separated: https://app.dev.jp, https://www.dev.jp:8443, capacitor://localhost (no path, no slash at the end, no *, no default port; not null, which any page can have: CALLBACK_PATHS is for SSO)',
      meaning:
        'other sites and apps whose pages may log in here: `https://app.dev.jp`, `capacitor://localhost`, comma separated; empty: none',
    },
    parseAllowedOrigins,
  ),
  CALLBACK_PATHS: setting(
    {
      initial: '',
      accepts:
        'paths such as /user/login/saml/acs, comma separated, without a query, dots or a slash at the end',
      meaning:
        'exact paths to which an identity provider has the browser POST (SAML, OIDC `form_post`): the cross-site check leaves POST there to the API; empty: none',
    },
    text => (text === '' ? Object.freeze([]) : paths(text)),
  ),
  LOGIN_LIMIT: limit(
    'failed logins (401, 403) that one client address may have: `10/1m`, then 429; empty: no limit',
  ),
  LOGIN_LIMIT_ACCOUNT: limit('the same for one account name, whatever the address'),
  LIMIT_STORE: setting<URL | null>(
    {
      initial: '',
      accepts: 'a Valkey or Redis server: redis://host:6379, rediss://user:password@host:6379/0',
      meaning: 'where all tasks count together: `redis://…` or `rediss://…`; empty: each counts for itself',
    },
    text => (text === '' ? null : parseStore(text)),
  ),
  TRUSTED_PROXIES: setting(
    {
      initial: 'loopback, linklocal, uniquelocal',
      accepts: 'IP addresses, subnets (10.0.0.0/8) or loopback, linklocal, uniquelocal, comma separated',
      meaning: 'whose X-Forwarded-* is believed: addresses, subnets or these names',
    },
    text => all(text, isProxyRange),
  ),
  CLIENT_ADDRESS_HEADER: setting(
    {
      initial: '',
      accepts: 'the name of a header with one address in it, such as CloudFront-Viewer-Address',
      meaning:
        "a CDN's header with the client's address, such as `CloudFront-Viewer-Address`; needs CLIENT_ADDRESS_PROOF; empty: X-Forwarded-For says it",
    },
    parseAddressHeader,
  ),
  CLIENT_ADDRESS_PROOF: setting(
    {
      initial: '',
      accepts:
        'network, or headers each with a secret of 16 characters or more, without spaces and commas: X-Origin-Verify: 9f86d081884c7d65',
      meaning:
        'when CLIENT_ADDRESS_HEADER is believed: with this header and secret, `X-Origin-Verify: …`, which the CDN adds; or `network`: nobody but the CDN can reach the load balancer',
    },
    parseAddressProof,
  ),
  HSTS: setting(
    {
      initial: '',
      accepts:
        'max-age in seconds, then includeSubDomains and preload if you want them: max-age=31536000; includeSubDomains',
      meaning:
        '`Strict-Transport-Security` on every answer to a request over https: `max-age=31536000`; empty: none. Browsers keep to it for that time, whatever you set later',
    },
    text =>
      text === '' || /^max-age=\d{1,10}( *; *(includeSubDomains|preload))*$/i.test(text) ? text : undefined,
  ),
  PAGE_WORKERS: setting(
    {
      initial: '1',
      accepts: 'a number of processes from 0 to 64',
      meaning:
        "processes that render the pages; more than one for an app with a `cacheHandler`: each process has a cache of its own; `0`: the front's own process renders them",
    },
    text => (/^\d{1,2}$/.test(text) && Number(text) <= 64 ? Number(text) : undefined),
  ),
  PAGE_MEMORY: setting<number | null>(
    {
      initial: 'auto',
      accepts: 'auto, or a size from 128mb on, such as 512mb or 1gb',
      meaning:
        "a page worker that holds more is replaced gracefully; its heap ends there, too, unless `NODE_OPTIONS` has `--max-old-space-size`. `auto`: half of the task's memory for all of them, 128mb to 4gb each",
    },
    text => {
      if (text === 'auto') return null
      const bytes = quantity('mb', 'gb')(text)
      return bytes !== undefined && bytes >= LEAST_PAGE_MEMORY ? bytes : undefined
    },
  ),
  PAGE_TIMEOUT: duration(
    '0s',
    0,
    'silence of a page that has not begun to answer, then 502; `0s`: no limit, as under `next start`',
  ),
  STOP_DELAY: duration('5s', 0, 'after SIGTERM: still serving while the public ALB lets go'),
  STOP_TIMEOUT: duration(
    '25s',
    0,
    'then: what is in flight, `after()` and SIGTERM handlers of pages may finish for this long',
  ),
  METRICS: oneOf(
    'prometheus',
    ['prometheus', 'emf'],
    "`/metrics` for Prometheus is always there; `emf`: also a line a minute in CloudWatch's embedded metric format",
  ),
  SERVICE_NAME: dimension(
    'gatehouse',
    "with `METRICS=emf`: the metrics' dimension `Service`; two sites that use one API need two names",
  ),
  SERVICE_ENVIRONMENT: dimension(
    'production',
    "with `METRICS=emf`: the metrics' dimension `Environment`, such as `production` or `staging`",
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: setting<URL | null>(
    {
      initial: '',
      accepts: 'the base URL of an OTLP/HTTP collector, without user and query: http://127.0.0.1:4318',
      meaning: 'where traces go, by OTLP/HTTP: `http://127.0.0.1:4318`; empty: no traces',
    },
    text => (text === '' ? null : parseCollector(text)),
  ),
  OTEL_SDK_DISABLED: flag('false', '`true`: no traces, whatever the collector'),
  OTEL_TRACES_SAMPLER: oneOf(
    'parentbased_always_on',
    [
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ],
    'which requests are traced; `parentbased_…`: whoever sent the request says so, where it comes with a context',
  ),
  OTEL_TRACES_SAMPLER_ARG: setting(
    {
      initial: '1',
      accepts: 'a number from 0 to 1, such as 0.1',
      meaning: 'for `traceidratio`: the part of the requests that are traced, from 0 to 1',
    },
    text => (/^[\d.]+$/.test(text) && Number(text) <= 1 ? Number(text) : undefined),
  ),
  LOG_LEVEL: oneOf(
    'info',
    ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    '`trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`',
  ),
})

const SCHEMA = SETTINGS.transform(settings => ({
  ...settings,
  OTEL_EXPORTER_OTLP_ENDPOINT: settings.OTEL_SDK_DISABLED ? null : settings.OTEL_EXPORTER_OTLP_ENDPOINT,
  PAGE_MEMORY: settings.PAGE_MEMORY ?? memoryFor(settings.PAGE_WORKERS, process.env.NODE_OPTIONS),
  BODY_MEMORY: settings.BODY_MEMORY ?? fittingBodies(),
  MAX_BACKEND_REQUESTS: settings.MAX_BACKEND_REQUESTS ?? fittingRequests(),
}))

export type Config = Readonly<z.output<typeof SCHEMA>> & Routes

type Env = Readonly<Record<string, string | undefined>>

/** Is a secret, or has one in it. */
const SECRET = 'CLIENT_ADDRESS_PROOF'

/**
 * Reads the settings from an environment, and the routes from it or from a file. An empty value counts as absent, as
 * compose files and task definitions write them. Times are in milliseconds, sizes in bytes.
 * @param file gatehouse.config.*; BACKEND_ORIGIN and BACKEND_PATHS then are those of its logins and its routes
 * @throws ConfigError with all mistakes: name, value seen, what is accepted
 */
export function readConfig(env: Env, file?: ConfigFile): Config {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()))
  const given = file
    ? { ...present, BACKEND_ORIGIN: 'http://in.the.file', BACKEND_PATHS: LOGIN_PATH }
    : present
  const { data, error } = SCHEMA.safeParse(given)
  const mistakes = (error?.issues ?? []).map(({ path, message }) => {
    if (path[0] === SECRET) return `${SECRET} is not shown here; accepted: ${message}`
    // what may be a password stays in the environment, however the URL is spoilt
    const value = env[String(path[0])]
      ?.trim()
      .replace(/^.*@/s, '…@')
      .replace(/(?<=:\/\/[^?]*\?).+/s, '…')
    return `${String(path[0])} ${value ? `is ${JSON.stringify(value)}` : 'is not set'}; accepted: ${message}`
  })
  if (file) mistakes.push(...twice(present, file))
  const { mistakes: more, ...routes } = readRoutes(data, env, file)
  mistakes.push(...more)
  const main = routes.routes.find(({ kind }) => kind === 'login') ?? routes.routes[0]
  const config = data && {
    ...data,
    ...(file && main && { BACKEND_ORIGIN: main.origin }),
    ...(file && { BACKEND_PATHS: Object.freeze(routes.routes.map(({ path }) => path || '/')) }),
    ...routes,
  }
  if (config && more.length === 0) mistakes.push(...mistakesTogether(config))
  if (!config || mistakes.length > 0) throw new ConfigError(mistakes)
  return Object.freeze(config)
}

const twice = (present: Env, { name }: ConfigFile) =>
  ['BACKEND_ORIGIN', 'BACKEND_PATHS']
    .filter(each => present[each] !== undefined)
    .map(
      each => `${each} is set, and ${name} is there; accepted: one of them. Keep ${name}, and unset ${each}`,
    )

/** The routes of the file, or of the environment. A file is read whatever mistakes the environment has. */
function readRoutes(
  data: z.output<typeof SCHEMA> | undefined,
  env: Env,
  file: ConfigFile | undefined,
): Routes & { readonly mistakes: readonly string[] } {
  const defaults = { timeout: data?.BACKEND_TIMEOUT ?? 0, maxBody: data?.MAX_BODY ?? 0 }
  const logins = data?.LOGIN_PATHS ?? []
  if (file) {
    const read = readFileRoutes(file, logins, defaults)
    const stray = read.mistakes.length === 0 ? strayMistakes(read.routes, logins, `${file.name} has`) : []
    return { ...read, mistakes: [...read.mistakes, ...stray] }
  }
  if (!data) return { routes: [], backends: [], mistakes: [] }
  const { BACKEND_ORIGIN: origin, BACKEND_PATHS: given } = data
  const routes = plainRoutes(origin, given, logins, defaults)
  const mistakes = strayMistakes(routes, logins, 'BACKEND_PATHS has')
  const isLimited = data.LOGIN_LIMIT !== null || data.LOGIN_LIMIT_ACCOUNT !== null
  if (isLimited && logins.length === 0 && given.length > 1 && !given.includes(LOGIN_PATH))
    mistakes.push(
      `LOGIN_PATHS is not set, and BACKEND_PATHS is ${JSON.stringify(env.BACKEND_PATHS?.trim())}; accepted: which of them LOGIN_LIMIT and LOGIN_LIMIT_ACCOUNT count for`,
    )
  return { routes, backends: [], mistakes }
}

const strayMistakes = (routes: Routes['routes'], logins: readonly string[], where: string) =>
  strayLogins(routes, logins).map(
    path => `LOGIN_PATHS names ${path}; accepted: paths that ${where}, and what is below them`,
  )

const Description = z.object({ initial: z.string(), meaning: z.string(), accepts: z.string() })

/** Every setting with its description, in the order of the schema; `initial` is its default, empty where it has none. */
export const describeSettings = () =>
  Object.entries(SETTINGS.shape).map(([name, schema]) => ({ name, ...Description.parse(schema.meta()) }))

/** The table of all settings, in Markdown: what `--help` prints and the README shows. */
export function settingsTable(): string {
  const rows = describeSettings().map(
    ({ name, initial, meaning }) =>
      `| \`${name}\` | ${initial === '' ? '' : `\`${initial}\``} | ${meaning} |`,
  )
  return ['| variable | default | meaning |', '| --- | --- | --- |', ...rows].join('\n')
}
