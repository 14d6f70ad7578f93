import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wrong } from '../../test/settings.ts'
import { readConfig } from './settings.ts'

const name = 'gatehouse.config.ts'
const to = 'https://api.dev.jp'

test('every mistake is reported at once, each with its place, those of the environment too', () => {
  const found = wrong(
    {
      routes: [
        { path: 'api', to: 'ftp://x', tiemout: '3s', kind: 'logn' },
        { path: '/b?c', to: `${to}/v1?a=1`, timeout: 3, maxBody: '0mb', except: ['x'], upgrade: 'yes' },
        { to },
        { path: '/ok', to, headers: { Host: 'a', 'X-Secret': undefined, 'X-A': 'hid\nden' }, host: 'a b' },
      ],
      backends: { '1': to, reports: `${to}/path` },
      backend: {},
    },
    { PORT: 'http' },
  )
  for (const place of [
    'routes[0].path is "api"',
    'routes[0].to is "ftp://x"',
    'routes[0].tiemout is not known',
    'routes[0].kind is "logn"',
    'routes[1].path is "/b?c"',
    'routes[1].to is "https://api.dev.jp/v1?…"',
    'routes[1].timeout is 3',
    'routes[1].maxBody is "0mb"',
    'routes[1].except[0] is "x"',
    'routes[1].upgrade is "yes"',
    'routes[2].path is not set',
    'routes[3].headers.Host; accepted: another header: use `host`',
    'routes[3].headers.X-Secret; accepted: a value: the environment variable is not set',
    'routes[3].headers.X-A; accepted',
    'routes[3].host is "a b"',
    'backends.1',
    'backends.reports is "https://api.dev.jp/path"',
    'backend is not known; accepted: routes, backends',
  ])
    assert.ok(
      found.some(each => each.startsWith(`${name}: ${place}`)),
      `${place} in\n${found.join('\n')}`,
    )
  assert.ok(found.some(each => each.startsWith('PORT is "http"')))
  assert.ok(!found.join().includes('hid'))
})

test('a text that a template has made of a variable that is not set is a mistake', () => {
  const unset = `${process.env.GATEHOUSE_NOT_SET}`
  const found = wrong({
    routes: [
      { path: '/a', to: `https://${unset}`, headers: { Authorization: `Bearer ${unset}` } },
      { path: `/${unset}/b`, to, host: `${unset}.dev.jp`, responseHeaders: { 'X-A': unset } },
    ],
    backends: { reports: `https://reports-${unset}.dev.jp` },
  })
  const accepted = 'accepted: a value: the environment variable is not set (.env files do not count)'
  assert.deepEqual(
    found.map(each => each.slice(name.length + 2)),
    [
      `routes[0].to is "https://undefined"; ${accepted}`,
      `routes[0].headers.Authorization; ${accepted}`,
      `routes[1].path is "/undefined/b"; ${accepted}`,
      `routes[1].host is "undefined.dev.jp"; ${accepted}`,
      `routes[1].responseHeaders.X-A; ${accepted}`,
      `backends.reports is "https://reports-undefined.dev.jp"; ${accepted}`,
    ],
  )
})

test('a field that is a variable which is not set says so; one that is left out says what belongs there', () => {
  const unset = process.env.GATEHOUSE_NOT_SET
  const content = { routes: [{ path: '/a', to: unset }, { path: '/b' }], backends: { reports: unset } }
  assert.deepEqual(
    wrong(content).map(each => each.slice(name.length + 2)),
    [
      'routes[0].to is not set; accepted: a value: the environment variable is not set (.env files do not count)',
      'routes[1].to is not set; accepted: an origin with a path or without: https://api.dev.jp, https://api.dev.jp/v1',
      'backends.reports is not set; accepted: a value: the environment variable is not set (.env files do not count)',
    ],
  )
})

test('what is sound is compared with each other, whatever is wrong with the rest', () => {
  const found = wrong({
    routes: [
      { path: '/a', to, timeout: 3 },
      { path: '/b', to },
      { path: '/b/', to },
    ],
    backends: { 'a-b': to, A_B: to },
  })
  for (const each of [
    /routes\[0\]\.timeout/,
    /routes\[2\]\.path is "\/b", as that of routes\[1\]/,
    /BACKEND_URL_A_B/,
  ])
    assert.ok(
      found.some(mistake => each.test(mistake)),
      `${each} in ${found.join('\n')}`,
    )
})

const circular: Record<string, unknown> = {}
circular.itself = circular
/** What is in a file with one route. */
const api = (field: object) => ({ routes: [{ path: '/api', to, ...field }] })
for (const [words, content, expected] of [
  ['a list of routes', api({ headers: { 'X-Key': 'hidden' } }).routes, 'the default export is a list'],
  ['a route alone', { routes: { path: '/api', to, headers: { 'X-Key': 'hidden' } } }, 'routes is an object'],
  ['a path for a route', { routes: ['/api'] }, `routes[0] is "/api"; accepted: a route: {`],
  ['a password with a slash', api({ to: 'https://a:hid/den@x' }), 'routes[0].to is "…@x"'],
  ['a password with an @', api({ to: 'https://a:hid@den@x' }), 'routes[0].to is "…@x"'],
  ['a token in the query', api({ to: `${to}/?hidden` }), `routes[0].to is "${to}/?…"`],
  ['a big integer', api({ timeout: 3n }), 'routes[0].timeout is 3;'],
  ['a circle', api({ to: circular }), 'routes[0].to is an object'],
  ['a number', api({ headers: { 'X-Port': 80 } }), 'routes[0].headers.X-Port; accepted: a text'],
  ['a pattern', api({ path: '/api/*' }), 'routes[0].path is "/api/*"'],
  ['a pattern of Next.js', api({ path: '/api/:path' }), 'routes[0].path is "/api/:path"'],
  ['Client', api({ host: 'Client' }), 'routes[0].host is "Client"; accepted: backend, client'],
  ['a login with WebSockets', api({ path: '/user/login', upgrade: true }), 'routes[0].upgrade is true'],
] as const) {
  test(`${words} is told by its place, and what may be secret is not`, () => {
    const [one = '', ...more] = wrong(content)
    assert.ok(one.startsWith(`${name}: ${expected}`), one)
    assert.deepEqual(more, [])
    assert.doesNotMatch(one, /hid|den/)
  })
}

test("host: 'client' without PUBLIC_ORIGIN is a mistake, for every request would get 421", () => {
  const content = { routes: [{ path: '/api', to, host: 'client' }] }
  assert.match(wrong(content)[0] ?? '', /^PUBLIC_ORIGIN is not set, and the route \/api has host: 'client'/)
  readConfig({ PUBLIC_ORIGIN: 'https://www.dev.jp' }, { name, content })
})

test('a route where the front answers health checks is a mistake, and HEALTH_PREFIX mends it', () => {
  const content = { routes: [{ path: '/healthz', to }] }
  assert.match(
    wrong(content)[0] ?? '',
    /^\/healthz is the path of a route, and of a health check; accepted: .*HEALTH_PREFIX/,
  )
  readConfig({ HEALTH_PREFIX: '/_gatehouse' }, { name, content })
})

const at = (...paths: string[]) => paths.map(path => ({ path, to }))
for (const [words, routes, expected] of [
  ['a path twice', at('/a', '/a/'), /routes\[1\]\.path is "\/a", as that of routes\[0\]/],
  [
    'an exception elsewhere',
    [{ path: '/a', to, except: ['/b'] }],
    /routes\[0\]\.except\[0\] is "\/b".*below \/a/,
  ],
  ['an exception that is a route', [{ path: '/a', to, except: ['/a/b'] }, ...at('/a/b')], /another route/],
  ['an exact path twice', at('= /a', '/a', '= /a'), /routes\[2\]\.path is "= \/a", as that of routes\[0\]/],
  [
    'an exception below an exact path',
    [{ path: '= /a', to, except: ['/a/b'] }],
    /except\[0\] is "\/a\/b"; accepted: none/,
  ],
  [
    'an exact exception that is a route',
    [{ path: '/a', to, except: ['= /a/b', '/a/b'] }, ...at('= /a/b')],
    /except\[0\] is "= \/a\/b", which is the path of another route/,
  ],
  [
    'an exact path with an escape',
    at('= /a%20b'),
    /routes\[0\]\.path is "= \/a%20b"; accepted: .*= \/user\/login/,
  ],
  [
    'a second way to an exact login, but for a slash',
    [...at('= /user/login'), { path: '= /in', to: `${to}/user/login/` }],
    /routes\[1\]\.to .*login of routes\[0\]/,
  ],
  [
    'a second way to a login',
    [...at('/user/login'), { path: '/in', to: `${to}/user/login` }],
    /routes\[1\]\.to .*login of routes\[0\]/,
  ],
] as const) {
  test(`${words} is a mistake`, () => {
    const [one = '', ...more] = wrong({ routes })
    assert.match(one, expected)
    assert.deepEqual(more, [])
  })
}

for (const content of [null, 3, [], {}, { routes: [] }, { routes: {} }, () => ({})]) {
  test(`a default export of ${typeof content === 'function' ? 'a function' : JSON.stringify(content)} is a mistake`, () => {
    assert.match(wrong(content)[0] ?? '', /^gatehouse\.config\.ts: /)
  })
}
