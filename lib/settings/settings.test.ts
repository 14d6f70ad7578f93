import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mistakes, read, refused } from '../../test/settings.ts'
import { fittingBodies, fittingMemory, fittingRequests } from './memory.ts'
import { readConfig } from './settings.ts'

test('with a backend alone, everything else has its default', () => {
  assert.deepEqual(
    { ...read(), BACKEND_ORIGIN: read().BACKEND_ORIGIN.href, routes: read().routes.map(({ path }) => path) },
    {
      routes: ['/user/login'],
      backends: [],
      LOGIN_PATHS: [],
      BACKEND_ORIGIN: 'https://api.dev.jp/',
      BACKEND_PATHS: ['/user/login'],
      HEALTH_PREFIX: '',
      HOST: '0.0.0.0',
      PORT: 4000,
      ADMIN_HOST: '127.0.0.1',
      ADMIN_TOKEN: null,
      ADMIN_PORT: 4001,
      EGRESS_PORT: 4002,
      DNS_SERVERS: [],
      DNS_MAX_TTL: 3000,
      DNS_FAMILY: '4',
      CONNECT_TIMEOUT: 1000,
      BACKEND_TIMEOUT: 55_000,
      MAX_BODY: 1_048_576,
      MAX_HEADER: 65_536,
      KEEP_ALIVE_TIMEOUT: 75_000,
      BODY_MEMORY: fittingBodies(),
      MAX_BACKEND_REQUESTS: fittingRequests(),
      REPLAY: 'on',
      PUBLIC_ORIGIN: [],
      ALLOWED_ORIGINS: [],
      CALLBACK_PATHS: [],
      LOGIN_LIMIT: null,
      LOGIN_LIMIT_ACCOUNT: null,
      LIMIT_STORE: null,
      TRUSTED_PROXIES: ['loopback', 'linklocal', 'uniquelocal'],
      CLIENT_ADDRESS_HEADER: '',
      CLIENT_ADDRESS_PROOF: null,
      HSTS: '',
      PAGE_WORKERS: 1,
      PAGE_MEMORY: fittingMemory(1),
      PAGE_TIMEOUT: 0,
      STOP_DELAY: 5000,
      STOP_TIMEOUT: 25_000,
      METRICS: 'prometheus',
      SERVICE_NAME: 'gatehouse',
      SERVICE_ENVIRONMENT: 'production',
      OTEL_EXPORTER_OTLP_ENDPOINT: null,
      OTEL_SDK_DISABLED: false,
      OTEL_TRACES_SAMPLER: 'parentbased_always_on',
      OTEL_TRACES_SAMPLER_ARG: 1,
      LOG_REQUESTS: 'pages',
      LOG_LEVEL: 'info',
    },
  )
})

test('the config is frozen', () => {
  const config = read({ DNS_SERVERS: '10.0.0.2' })
  for (const each of [config, config.BACKEND_PATHS, config.DNS_SERVERS, config.TRUSTED_PROXIES])
    assert.ok(Object.isFrozen(each))
})

test('without BACKEND_ORIGIN the start is refused, and says how it is set', () => {
  assert.throws(() => readConfig({}), {
    name: 'ConfigError',
    message:
      /^ {2}BACKEND_ORIGIN is not set \(\.env files do not count\), and there is no gatehouse\.config\.ts; accepted: .*https:\/\/api\.dev\.jp/m,
  })
})

test('every mistake is reported at once: name, value seen, what is accepted', () => {
  const env = { BACKEND_ORIGIN: 'api.dev.jp', PORT: 'http', CONNECT_TIMEOUT: '3', LOG_LEVEL: 'loud' }
  const [title, ...lines] = mistakes(env)
  assert.equal(title, 'Gatehouse cannot start: 4 mistakes in the settings')
  assert.deepEqual(lines, [
    '  BACKEND_ORIGIN is "api.dev.jp"; accepted: origin of the API, without a path: https://api.dev.jp or https://api.dev.jp:8443 (for another path at the API: a route in gatehouse.config.ts)',
    '  PORT is "http"; accepted: a port, 0 to 65535 (0: any free one)',
    '  CONNECT_TIMEOUT is "3"; accepted: a time from 10ms to 24h, such as 500ms, 3s or 1m',
    '  LOG_LEVEL is "loud"; accepted: trace, debug, info, warn, error, fatal, silent',
  ])
})

test('quotation marks around a value, which `docker run --env-file` keeps, are told of, and those of a secret as well', () => {
  const [, ...lines] = mistakes({
    BACKEND_ORIGIN: '"https://api.dev.jp"',
    ADMIN_TOKEN: `'${'a'.repeat(32)}'`,
    PORT: 'x',
  })
  assert.deepEqual(
    lines.map(each => each.endsWith('. Leave out the quotation marks')),
    [true, false, true],
  )
})

test('what does not fit together is reported beside the mistakes of single settings, but where one of those takes part in it', () => {
  const [title, ...lines] = mistakes({
    BACKEND_ORIGIN: 'api.dev.jp',
    PORT: '4001',
    ADMIN_HOST: '0.0.0.0',
    CLIENT_ADDRESS_HEADER: 'X-Client',
    CLIENT_ADDRESS_PROOF: 'x',
    LOGIN_PATHS: '/login',
  })
  assert.equal(title, 'Gatehouse cannot start: 5 mistakes in the settings')
  assert.deepEqual(
    lines.map(each => each.trim().split(' ')[0]),
    ['BACKEND_ORIGIN', 'CLIENT_ADDRESS_PROOF', 'LOGIN_PATHS', 'PORT,', 'ADMIN_HOST'],
  )
})

test('an empty value counts as absent, and so does white space', () => {
  assert.deepEqual(read({ PORT: '', CONNECT_TIMEOUT: '  ', DNS_SERVERS: '\t', LOG_LEVEL: undefined }), read())
  assert.throws(() => readConfig({ BACKEND_ORIGIN: ' ' }), /BACKEND_ORIGIN is not set/)
})

test('white space around a value and between the parts of a list does not count', () => {
  const config = read({ PORT: ' 80 ', DNS_SERVERS: '10.0.0.2 , 10.0.0.3:53 ' })
  assert.equal(config.PORT, 80)
  assert.deepEqual(config.DNS_SERVERS, ['10.0.0.2', '10.0.0.3:53'])
})

test('variables that are no settings do not matter', () => {
  assert.deepEqual(read({ PATH: '/bin', port: 'x', NODE_ENV: 'production' }), read())
})

/** What each text is read as. */
const ACCEPTED = {
  BACKEND_TIMEOUT: { '3s': 3000, '500ms': 500, '1.5s': 1500, '2m': 120_000, '24h': 86_400_000, '3S': 3000 },
  STOP_DELAY: { '0s': 0 },
  STOP_TIMEOUT: { '0ms': 0 },
  DNS_MAX_TTL: { '3': 3000, '3s': 3000, '0.3': 300, '300ms': 300, '86400': 86_400_000 },
  // 10.1 KB are 10342.4 bytes
  MAX_BODY: { '1mb': 1_048_576, '64kb': 65_536, '512b': 512, '0.5MB': 524_288, '10.1kb': 10_342 },
  BODY_MEMORY: { '1mb': 1_048_576, '1gb': 1_073_741_824 },
  MAX_BACKEND_REQUESTS: { '1': 1, '100000': 100_000 },
  PAGE_WORKERS: { '': 1, '0': 0, '3': 3, '64': 64 },
  PAGE_MEMORY: { '128mb': 134_217_728, '1.5gb': 1_610_612_736 },
  // as an app may have it for its own log
  LOG_LEVEL: { INFO: 'info', Warning: 'warn', verbose: 'debug', silly: 'trace', CRITICAL: 'fatal' },
}
for (const [name, values] of Object.entries(ACCEPTED))
  for (const [text, value] of Object.entries(values))
    test(`${name} ${text} is ${value}`, () =>
      assert.partialDeepStrictEqual(read({ [name]: text }), { [name]: value }))

for (const name of ['BODY_MEMORY', 'MAX_BACKEND_REQUESTS'] as const)
  test(`${name} follows from the memory`, () => assert.ok(Number(read({ [name]: 'auto' })[name]) > 0))

test('the memory of a page worker is a share of what is there, where nobody says it', () => {
  const [one = 0, many = 0] = ['1', '64'].map(
    PAGE_WORKERS => read({ PAGE_WORKERS, PAGE_MEMORY: 'auto' }).PAGE_MEMORY,
  )
  assert.ok(one >= many && many >= 134_217_728 && one <= 4_294_967_296)
})

test('ports that collide are refused with their values, defaults too', () => {
  const [, mistake] = mistakes({ PORT: '4001' })
  assert.match(mistake ?? '', /PORT, ADMIN_PORT and EGRESS_PORT are 4001, 4001 and 4002/)
})

test('several ports may be 0, for any free one', () => {
  const { PORT, ADMIN_PORT, EGRESS_PORT } = read({ PORT: '0', ADMIN_PORT: '0', EGRESS_PORT: '0' })
  assert.deepEqual([PORT, ADMIN_PORT, EGRESS_PORT], [0, 0, 0])
})

for (const [name, texts] of Object.entries({
  CONNECT_TIMEOUT: ['3', '0s', '9ms', '-1s', '3 s', 's', '3d', '3mb', '25h', '1e3s', 'Infinityms', '1..5s'],
  DNS_MAX_TTL: ['0', '0.05', '99ms', '86401', '25h', '-3', '1.2.3', 'never'],
  KEEP_ALIVE_TIMEOUT: ['75', '999ms', '61000', '0s'],
  MAX_HEADER: ['7kb', '257kb', '64', '1mb', '64k'],
  MAX_BODY: ['1', '1m', '-1mb', 'mb'],
  BODY_MEMORY: ['512kb', '0', '32'],
  MAX_BACKEND_REQUESTS: ['0', '100001', '-1', '1.5', 'many'],
  PAGE_WORKERS: ['auto', '-1', '65', '1.5', 'all', '1e1'],
  PAGE_MEMORY: ['127mb', '512', '99kb', '0gb'],
  PORT: ['65536', '-1', '80.5', '0x50', 'http'],
  DNS_FAMILY: ['5', 'Both'],
  REPLAY: ['yes'],
  LOG_LEVEL: ['loud'],
  HOST: ['http://localhost'],
  ADMIN_HOST: ['127.0.0.1 ::1'],
}))
  for (const text of texts) test(`${name} ${text} is refused`, () => refused(name, text))

for (const [name, value] of [
  ['BACKEND_ORIGIN', 'https://user:hidden@api.dev.jp/path'],
  ['ALLOWED_ORIGINS', 'https://user:hidden@api.dev.jp/path'],
  ['LIMIT_STORE', 'user:hidden@api.dev.jp/path'],
  ['LIMIT_STORE', 'redis:user:hidden@api.dev.jp/path'],
  ['LIMIT_STORE', 'redis://hidden@api.dev.jp/path'],
] as const) {
  test(`a password in ${name}=${value} is not repeated`, () => {
    const env = { BACKEND_ORIGIN: 'https://api.dev.jp', [name]: value }
    assert.throws(
      () => readConfig(env),
      (error: Error) =>
        error.message.includes(`${name} is "…@api.dev.jp/path"`) && !/hidden/.test(error.message),
    )
  })
}
