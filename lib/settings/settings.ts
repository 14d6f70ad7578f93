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
      meaning: 'origin of the API, the upstream: `https://api.dev.jp`, any port. Must be set',
    },
    parseOrigin,
  ),
  BACKEND_PATHS: setting(
    {
      initial: '/user/login',
      accepts: 'paths such as /user/login, comma separated, without a query, dots or a slash at the end',
      meaning:
        'paths that are proxied to the API, each with everything below it, at a segment boundary; comma separated',
    },
    paths,
  ),
  LOGIN_PATHS: setting(
    {
      initial: '',
      accepts: 'paths such as /user/login, comma separated, each one of BACKEND_PATHS or below one',
      meaning:
        'paths of logins, each with everything below it: they get the strict path check, the cross-site (CSRF) check and the rate limits for logins. Empty: `/user/login` where it is among `BACKEND_PATHS`, else the first of them',
    },
    text => (text === '' ? Object.freeze([]) : paths(text)),
  ),
  HOST: host('0.0.0.0', 'address that the public listener binds'),
  PORT: port('4000', 'port of the public listener'),
  HEALTH_PREFIX: setting(
    {
      initial: '',
      accepts: 'a path such as /_gatehouse, without a slash at the end',
      meaning:
        'prefix of `/healthz` (liveness) and `/readyz` (readiness), for an app that has such pages itself: `/_gatehouse`. Empty: none',
    },
    text => (/^((\/[\w~-][\w.~-]*)+)?$/.test(text) ? text : undefined),
  ),
  ADMIN_HOST: host(
    '127.0.0.1',
    'address that the admin listener (health, state, metrics) binds; it is never reachable through the public listener',
  ),
  ADMIN_PORT: port('4001', 'port of the admin listener'),
  EGRESS_PORT: port(
    '4002',
    'port, on loopback only, at which pages reach the API; they find it in `BACKEND_URL`',
  ),
  DNS_SERVERS: setting(
    {
      initial: '',
      accepts: 'IP addresses with or without a port, comma separated: 169.254.169.253, 10.0.0.2:53',
      meaning:
        'DNS resolvers to ask: `169.254.169.253`, or `10.0.0.2:53`, comma separated. Empty: those of the system',
    },
    text => (text === '' ? Object.freeze([]) : all(text, isServer)),
  ),
  DNS_MAX_TTL: setting(
    {
      initial: '3',
      accepts: 'seconds, from 0.1 to 86400: 3 or 3s',
      meaning:
        "maximum time to cache a DNS answer, in seconds; where the answer's own TTL is shorter, that counts",
    },
    text => {
      const ms = quantity('ms', 's', 'm', 'h')(/^[\d.]+$/.test(text) ? `${text}s` : text)
      return ms !== undefined && ms >= 100 && ms <= 24 * UNITS.h ? ms : undefined
    },
  ),
  DNS_FAMILY: oneOf('4', ['4', '6', 'both'], 'addresses to ask DNS for: `4` (A), `6` (AAAA) or `both`'),
  CONNECT_TIMEOUT: duration(
    '1s',
    10,
    'maximum time to connect to one address, TCP and TLS together; a login has twice as long to find an address that works (failover)',
  ),
  BACKEND_TIMEOUT: duration(
    '55s',
    10,
    'maximum time without a byte from the API, then 504; must be below the 60 s of the ALBs on both sides',
  ),
  MAX_BODY: setting(
    {
      initial: '1mb',
      accepts: 'a size, such as 64kb or 1mb',
      meaning: 'maximum size of the body of a request to the API; a larger one gets 413',
    },
    quantity('b', 'kb', 'mb', 'gb'),
  ),
  MAX_HEADER: setting(
    {
      initial: '64kb',
      accepts: 'a size from 8kb to 256kb, such as 64kb',
      meaning:
        'maximum size of all headers of a request or a response together: a larger request gets 431, a larger response of the API becomes 502',
    },
    text => {
      const bytes = quantity('kb')(text)
      return bytes !== undefined && bytes >= 8 * UNITS.kb && bytes <= 256 * UNITS.kb ? bytes : undefined
    },
  ),
  KEEP_ALIVE_TIMEOUT: duration(
    '75s',
    1000,
    'how long an idle keep-alive connection of a client stays open; must be above the idle timeout of the public ALB',
  ),
  BODY_MEMORY: setting<number | null>(
    {
      initial: 'auto',
      accepts: 'auto, or a size from 1mb on, such as 32mb',
      meaning:
        "maximum memory for request bodies that are held at once, all together; beyond it a body is streamed to the API and is not sent again. `auto`: a sixteenth of the task's memory, 8mb to 512mb",
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
        "maximum number of requests under way to the API at once; one more gets 503 `BACKEND_FULL` (load shedding). `auto`: what an eighth of the task's memory holds, 256 to 8192",
    },
    text => {
      if (text === 'auto') return null
      return /^[1-9]\d{0,5}$/.test(text) && Number(text) <= 100_000 ? Number(text) : undefined
    },
  ),
  REPLAY: oneOf(
    'on',
    ['on', 'off'],
    '`on`: a request is sent again (retry) where the API cannot have carried it out. `off`: never once a connection has begun to carry it, and no login asks with `Expect` first',
  ),
  PUBLIC_ORIGIN: setting(
    {
      initial: '',
      accepts:
        'origins as browsers show them, comma separated: https://www.dev.jp, https://shop.dev.jp:8443 (no path, no slash at the end, no *, no default port)',
      meaning:
        'origins by which visitors reach this site: `https://www.dev.jp`, comma separated. Empty: what Host and the trusted proxies say',
    },
    parsePublicOrigins,
  ),
  ALLOWED_ORIGINS: setting(
    {
      initial: '',
      accepts:
        'origins as browsers send them, comma separated: https://app.dev.jp, https://www.dev.jp:8443, capacitor://localhost (no path, no slash at the end, no *, no default port; not null, which any page can have: CALLBACK_PATHS is for SSO)',
      meaning:
        'origins of other sites and apps whose pages may log in here: `https://app.dev.jp`, `capacitor://localhost`, comma separated. Empty: none',
    },
    parseAllowedOrigins,
  ),
  CALLBACK_PATHS: setting(
    {
      initial: '',
      accepts:
        'paths such as /user/login/saml/acs, comma separated, without a query, dots or a slash at the end',
      meaning:
        'exact paths to which an identity provider has the browser POST (SAML, OIDC `form_post`): such a POST passes the cross-site (CSRF) check. Empty: none',
    },
    text => (text === '' ? Object.freeze([]) : paths(text)),
  ),
  LOGIN_LIMIT: limit(
    'rate limit for failed logins (401, 403) of one client address: `10/1m`; more get 429. Empty: no limit',
  ),
  LOGIN_LIMIT_ACCOUNT: limit(
    'rate limit for failed logins (401, 403) of one account name, from any address: `10/1m`; more get 429. Empty: no limit',
  ),
  LIMIT_STORE: setting<URL | null>(
    {
      initial: '',
      accepts: 'a Valkey or Redis server: redis://host:6379, rediss://user:password@host:6379/0',
      meaning:
        'Valkey or Redis in which all tasks count failed logins together: `redis://…` or `rediss://…`. Empty: each task counts for itself',
    },
    text => (text === '' ? null : parseStore(text)),
  ),
  TRUSTED_PROXIES: setting(
    {
      initial: 'loopback, linklocal, uniquelocal',
      accepts: 'IP addresses, subnets (10.0.0.0/8) or loopback, linklocal, uniquelocal, comma separated',
      meaning: 'proxies whose X-Forwarded-* headers are trusted: addresses, subnets or these names',
    },
    text => all(text, isProxyRange),
  ),
  CLIENT_ADDRESS_HEADER: setting(
    {
      initial: '',
      accepts: 'the name of a header with one address in it, such as CloudFront-Viewer-Address',
      meaning:
        "header in which a CDN sends the client's address, such as `CloudFront-Viewer-Address`; needs CLIENT_ADDRESS_PROOF. Empty: X-Forwarded-For has it",
    },
    parseAddressHeader,
  ),
  CLIENT_ADDRESS_PROOF: setting(
    {
      initial: '',
      accepts:
        'network, or headers each with a secret of 16 characters or more, without spaces and commas: X-Origin-Verify: 9f86d081884c7d65',
      meaning:
        'condition under which CLIENT_ADDRESS_HEADER is trusted: the request has this header with this secret, `X-Origin-Verify: …`, which the CDN adds; or `network`: nobody but the CDN can reach the load balancer',
    },
    parseAddressProof,
  ),
  HSTS: setting(
    {
      initial: '',
      accepts:
        'max-age in seconds, then includeSubDomains and preload if you want them: max-age=31536000; includeSubDomains',
      meaning:
        '`Strict-Transport-Security` of every response to a request over https: `max-age=31536000`. Empty: none. Browsers keep to it for that time, whatever you set later',
    },
    text =>
      text === '' || /^max-age=\d{1,10}( *; *(includeSubDomains|preload))*$/i.test(text) ? text : undefined,
  ),
  PAGE_WORKERS: setting(
    {
      initial: '1',
      accepts: 'a number of processes from 0 to 64',
      meaning:
        "number of processes that render the pages; more than one only for an app with a `cacheHandler`, for each process has a cache of its own. `0`: the server's own process renders them",
    },
    text => (/^\d{1,2}$/.test(text) && Number(text) <= 64 ? Number(text) : undefined),
  ),
  PAGE_MEMORY: setting<number | null>(
    {
      initial: 'auto',
      accepts: 'auto, or a size from 128mb on, such as 512mb or 1gb',
      meaning:
        "maximum memory of one page worker: one that holds more is replaced gracefully. It is the limit of its heap, too, unless `NODE_OPTIONS` has `--max-old-space-size`. `auto`: half of the task's memory for all of them, 128mb to 4gb each",
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
    'maximum time without a byte from a page that has not begun to answer, then 502. `0s`: no limit, as under `next start`',
  ),
  STOP_DELAY: duration(
    '5s',
    0,
    'graceful shutdown, first part: how long after SIGTERM new requests are still served, while the public ALB deregisters the task',
  ),
  STOP_TIMEOUT: duration(
    '25s',
    0,
    'graceful shutdown, second part: how long after STOP_DELAY requests in flight, `after()` and SIGTERM handlers of pages may take to finish (draining)',
  ),
  METRICS: oneOf(
    'prometheus',
    ['prometheus', 'emf'],
    "`/metrics` for Prometheus is always there; `emf`: also a line a minute in CloudWatch's embedded metric format",
  ),
  SERVICE_NAME: dimension(
    'gatehouse',
    'dimension `Service` of the metrics with `METRICS=emf`; two sites that use one API need two names',
  ),
  SERVICE_ENVIRONMENT: dimension(
    'production',
    'dimension `Environment` of the metrics with `METRICS=emf`, such as `production` or `staging`',
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: setting<URL | null>(
    {
      initial: '',
      accepts: 'the base URL of an OTLP/HTTP collector, without user and query: http://127.0.0.1:4318',
      meaning: 'collector that traces are sent to, by OTLP/HTTP: `http://127.0.0.1:4318`. Empty: no traces',
    },
    text => (text === '' ? null : parseCollector(text)),
  ),
  OTEL_SDK_DISABLED: flag('false', '`true`: no traces, even where OTEL_EXPORTER_OTLP_ENDPOINT is set'),
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
    'which requests are traced. `parentbased_…`: where a request comes with a trace context, its sender decides',
  ),
  OTEL_TRACES_SAMPLER_ARG: setting(
    {
      initial: '1',
      accepts: 'a number from 0 to 1, such as 0.1',
      meaning: 'share of the requests that are traced with `traceidratio`, from 0 to 1',
    },
    text => (/^[\d.]+$/.test(text) && Number(text) <= 1 ? Number(text) : undefined),
  ),
  LOG_LEVEL: oneOf(
    'info',
    ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    'lowest level that is logged: `trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`',
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

/** The table of all settings, in Markdown: what `--help` prints and docs/settings.md shows. */
export function settingsTable(): string {
  const rows = describeSettings().map(
    ({ name, initial, meaning }) =>
      `| \`${name}\` | ${initial === '' ? '' : `\`${initial}\``} | ${meaning} |`,
  )
  return ['| variable | default | meaning |', '| --- | --- | --- |', ...rows].join('\n')
}
