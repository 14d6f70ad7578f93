import { z } from 'zod'
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
  port,
  quantity,
  setting,
  UNITS,
} from './kinds.ts'
import { fittingMemory, LEAST_PAGE_MEMORY } from './page-share.ts'

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
    text => all(text, part => /^(\/(?!\.{1,2}(\/|$))[\w.~!$&'()*+;=:@-]+)+$/.test(part)),
  ),
  HOST: host('0.0.0.0', "the front's listener: the address it binds"),
  PORT: port('4000', "the front's listener: its port"),
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
  REPLAY: oneOf(
    'on',
    ['on', 'off'],
    '`off`: what a connection had begun to carry is never sent again, and no login asks with `Expect` first',
  ),
  ALLOWED_ORIGINS: setting(
    {
      initial: '',
      accepts: 'origins, comma separated: https://app.dev.jp, https://www.dev.jp:8443',
      meaning: 'other sites whose pages may log in here: `https://app.dev.jp`, comma separated; empty: none',
    },
    text =>
      text === '' ? Object.freeze([]) : all(text.toLowerCase(), part => parseOrigin(part)?.origin === part),
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
        "a page worker that holds more is replaced in order; its heap ends there, too. `auto`: half of the task's memory for all of them, 128mb to 4gb each",
    },
    text => {
      if (text === 'auto') return null
      const bytes = quantity('mb', 'gb')(text)
      return bytes !== undefined && bytes >= LEAST_PAGE_MEMORY ? bytes : undefined
    },
  ),
  STOP_DELAY: duration('5s', 0, 'after SIGTERM: still serving while the public ALB lets go'),
  STOP_TIMEOUT: duration('25s', 0, 'then: what is in flight may finish for this long'),
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
  PAGE_MEMORY: settings.PAGE_MEMORY ?? fittingMemory(settings.PAGE_WORKERS),
}))

export type Config = Readonly<z.output<typeof SCHEMA>>

/** The start is stopped by it: `message` lists every mistake, a line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/**
 * Reads the settings from an environment. An empty value counts as absent, as compose files and task
 * definitions write them. Times are in milliseconds, sizes in bytes.
 * @throws ConfigError with all mistakes: name, value seen, what is accepted
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const present = Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== '')
  const { success, data, error } = SCHEMA.safeParse(Object.fromEntries(present))
  const mistakes = (error?.issues ?? []).map(({ path, message }) => {
    // what may be a password stays in the environment, however the URL is spoilt
    const value = env[String(path[0])]
      ?.trim()
      .replace(/^.*@/s, '…@')
      .replace(/(?<=:\/\/[^?]*\?).+/s, '…')
    return `${String(path[0])} ${value ? `is ${JSON.stringify(value)}` : 'is not set'}; accepted: ${message}`
  })
  if (data) {
    const { PORT, ADMIN_PORT, EGRESS_PORT } = data
    const ports = [PORT, ADMIN_PORT, EGRESS_PORT].filter(each => each !== 0)
    if (new Set(ports).size < ports.length)
      mistakes.push(
        `PORT, ADMIN_PORT and EGRESS_PORT are ${PORT}, ${ADMIN_PORT} and ${EGRESS_PORT}; accepted: three that differ`,
      )
  }
  if (!success || mistakes.length > 0) {
    const count = mistakes.length === 1 ? '1 mistake' : `${mistakes.length} mistakes`
    throw new ConfigError(
      `Gatehouse cannot start: ${count} in the settings\n${mistakes.map(each => `  ${each}`).join('\n')}`,
    )
  }
  return Object.freeze(data)
}

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
