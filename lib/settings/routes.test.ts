import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { mistakes, read, wrong } from '../../test/settings.ts'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { ConfigError } from './config-error.ts'
import { loadConfigFile } from './config-file.ts'
import type { GatehouseConfig } from './gatehouse-config.ts'
import { shownPlace } from './routes.ts'
import { routesTable } from './routes-table.ts'
import { readConfig } from './settings.ts'

const name = 'gatehouse.config.ts'
const to = 'https://api.dev.jp'
const of = (content: GatehouseConfig, env: Record<string, string> = {}) => readConfig(env, { name, content })

test('a route has what the file says, and the settings say the rest', () => {
  const { routes, backends, BACKEND_ORIGIN, BACKEND_PATHS } = of(
    {
      routes: [
        { path: '/api/', to: `${to}/v1/`, timeout: '300s', maxBody: '100mb', headers: { 'X-Tenant': 'a' } },
        { path: '/user/login', to: 'http://logins:8080' },
        { path: '/', to, except: ['/shop/'] },
      ],
      backends: { 'big-reports': 'https://reports.dev.jp' },
    },
    { BACKEND_TIMEOUT: '10s', MAX_BODY: '2mb' },
  )
  assert.deepEqual(
    routes.map(({ path, base, kind, timeout, maxBody, except, upgrade, checksSite }) => [
      ...[path, base, kind, timeout, maxBody, except.map(shownPlace).join(), upgrade, checksSite],
    ]),
    [
      ['/api', '/v1', 'api', 300_000, 100 * 1024 ** 2, '', true, false],
      ['/user/login', '/user/login', 'login', 10_000, 2 * 1024 ** 2, '', false, true],
      ['', '', 'api', 10_000, 2 * 1024 ** 2, '/_next,/shop', true, false],
    ],
  )
  assert.deepEqual(routes[0]?.headers, [['x-tenant', 'a']])
  assert.deepEqual(
    backends.map(({ variable, origin }) => [variable, origin.origin]),
    [['BACKEND_URL_BIG_REPORTS', 'https://reports.dev.jp']],
  )
  assert.equal(BACKEND_ORIGIN.origin, 'http://logins:8080')
  assert.deepEqual(BACKEND_PATHS, ['/api', '/user/login', '/'])
})

test('without a file the login is /user/login, else the first, else what LOGIN_PATHS says', () => {
  const kinds = (BACKEND_PATHS: string, LOGIN_PATHS = '') =>
    read({ BACKEND_PATHS, LOGIN_PATHS }).routes.map(({ path, kind }) => `${path} ${kind}`)
  assert.deepEqual(kinds('/api,/user/login'), ['/api api', '/user/login login'])
  assert.deepEqual(kinds('/auth,/api'), ['/auth login', '/api api'])
  assert.deepEqual(kinds('/auth,/api', '/api'), ['/auth api', '/api login'])
  assert.deepEqual(kinds('/api', '/api/login'), ['/api api', '/api/login login'])
})

test('LOGIN_PATHS that no route has are a mistake', () => {
  assert.match(
    mistakes({ LOGIN_PATHS: '/auth' })[1] ?? '',
    /LOGIN_PATHS names \/auth; accepted: .*BACKEND_PATHS/,
  )
  assert.match(
    wrong({ routes: [{ path: '/api', to }] }, { LOGIN_PATHS: '/auth' })[0] ?? '',
    /LOGIN_PATHS names \/auth/,
  )
})

test('a pattern in BACKEND_PATHS is a mistake, for it would match nothing', () => {
  for (const path of ['/api/*', '/api/:path*'])
    assert.match(mistakes({ BACKEND_PATHS: path })[1] ?? '', /BACKEND_PATHS is .*patterns/)
  read({ BACKEND_PATHS: '/v1/users:find' })
})

test('a login of LOGIN_PATHS that the file calls an api is a mistake that says so', () => {
  const [one = ''] = wrong({ routes: [{ path: '/api', to, kind: 'api' }] }, { LOGIN_PATHS: '/api' })
  assert.match(one, /^LOGIN_PATHS names \/api, and its route has kind: 'api'/)
})

test('LOGIN_LIMIT with several paths, none of them /user/login, insists on LOGIN_PATHS', () => {
  const env = { BACKEND_PATHS: '/api,/auth', LOGIN_LIMIT: '10/1m' }
  assert.match(
    mistakes(env)[1] ?? '',
    /^ {2}LOGIN_PATHS is not set, and BACKEND_PATHS is "\/api,\/auth"; accepted/,
  )
  read({ ...env, LOGIN_PATHS: '/auth' })
  read({ ...env, BACKEND_PATHS: '/api,/user/login' })
  read({ ...env, BACKEND_PATHS: '/auth' })
})

test('a file and BACKEND_ORIGIN at once are a mistake that says which to keep', () => {
  const found = wrong({ routes: [{ path: '/api', to }] }, { BACKEND_ORIGIN: to, BACKEND_PATHS: '/a' })
  assert.equal(found.length, 2)
  assert.match(
    found[0] ?? '',
    /BACKEND_ORIGIN is set, and gatehouse\.config\.ts is there.*Keep gatehouse\.config\.ts/,
  )
})

test('a mistake of the file that names a setting is reported, whatever is wrong with that setting', () => {
  const file = { routes: [{ path: '/api', to, headers: { 'X-Forwarded-Host': 'www.dev.jp' } }] }
  const [ofSetting, ofFile] = wrong(file, { PUBLIC_ORIGIN: 'www.dev.jp' })
  assert.match(ofSetting ?? '', /^PUBLIC_ORIGIN is "www\.dev\.jp"/)
  assert.match(
    ofFile ?? '',
    /routes\[0\]\.headers\.X-Forwarded-Host; accepted: .*PUBLIC_ORIGIN sets this one/,
  )
})

test('the table of routes has no value of a header', () => {
  const table = routesTable(of({ routes: [{ path: '/api', to, headers: { 'X-Secret': 'hidden' } }] }))
  assert.match(table, /\| `\/api` \| api \| https:\/\/api\.dev\.jp\/api \| sets x-secret/)
  assert.ok(!table.includes('hidden'))
})

test('the table of routes has sizes as they are written: 1mb, 1500kb', () => {
  const [, , ...rows] = routesTable(
    of({
      routes: [
        { path: '/a', to },
        { path: '/b', to, maxBody: '1500kb' },
      ],
    }),
  ).split('\n')
  assert.deepEqual(
    rows.map(row => /body (\S+),/.exec(row)?.[1]),
    ['1mb', '1500kb'],
  )
})

test('an exact path is shown as Nginx writes it, before all others', () => {
  const routes = [
    { path: '/', to, except: ['= /', '/shop'] },
    { path: '/a/long/one', to },
    { path: '= /in/', to, kind: 'login' as const },
  ]
  const shown = routesTable(of({ routes })).split('\n')
  assert.match(shown[2] ?? '', /^\| `= \/in\/` \| login \| https:\/\/api\.dev\.jp\/in\/ \|/)
  assert.match(shown[4] ?? '', /^\| `\/` .* except \/_next, = \/, \/shop/)
})

test('an exact path is a login by its name, with a slash at its end or not, and LOGIN_PATHS mean it', () => {
  const kinds = (path: string, LOGIN_PATHS = '') =>
    of(
      {
        routes: [
          { path, to },
          { path: '/user', to: 'http://b' },
        ],
      },
      { LOGIN_PATHS },
    ).routes.map(each => `${shownPlace(each)} ${each.kind}`)
  assert.deepEqual(kinds('= /user/login'), ['= /user/login login', '/user api'])
  assert.deepEqual(kinds('= /user/login/'), ['= /user/login/ login', '/user api'])
  assert.deepEqual(kinds('= /user/in', '/user/in'), ['= /user/in login', '/user api'])
  assert.deepEqual(kinds('= /user', '/user/in'), ['= /user api', '/user api', '/user/in login'])
})

async function folder(t: TestContext, files: Record<string, string>): Promise<string> {
  const path = await temporaryFolder(t)
  for (const [file, text] of Object.entries(files)) await writeFile(join(path, file), text)
  return path
}

for (const file of ['gatehouse.config.ts', 'gatehouse.config.js', 'gatehouse.config.mjs']) {
  test(`${file} is loaded`, async t => {
    const types = file.endsWith('.ts') ? ' satisfies { routes: unknown[] }' : ''
    const text = `export default { routes: [{ path: '/api', to: '${to}' }] }${types}\n`
    const path = await folder(t, { [file]: text, 'package.json': '{ "type": "module" }' })
    assert.deepEqual(await loadConfigFile(path), { name: file, content: { routes: [{ path: '/api', to }] } })
  })
}

for (const file of ['gatehouse.config.ts', 'gatehouse.config.js']) {
  test(`${file} is loaded without a word where package.json does not say what a .js file is`, async t => {
    const path = await folder(t, {
      [file]: `export default { routes: [{ path: '/api', to: '${to}' }] }\n`,
      'package.json': '{ "name": "shop" }',
    })
    const warnings: Error[] = []
    const note = (warning: Error) => warnings.push(warning)
    process.on('warning', note)
    t.after(() => process.off('warning', note))
    assert.ok(await loadConfigFile(path))
    await setImmediate()
    assert.deepEqual(warnings, [])
  })
}

test('gatehouse.config.js may be CommonJS', async t => {
  const path = await folder(t, {
    'gatehouse.config.js': `module.exports = { routes: [{ path: '/api', to: '${to}' }] }\n`,
    'package.json': '{ "name": "shop" }',
  })
  assert.deepEqual((await loadConfigFile(path))?.content, { routes: [{ path: '/api', to }] })
})

test('a folder without one has none', async t => {
  assert.equal(await loadConfigFile(await folder(t, {})), undefined)
})

for (const [words, files, expected] of [
  [
    'that throws',
    { [name]: "\nthrow new Error('no key')" },
    /gatehouse\.config\.ts cannot be loaded: Error: no key \(line 2\)$/m,
  ],
  [
    'that cannot be parsed',
    { [name]: 'export default {\n  routes: [{ path: "/a" to: "x" }]\n}' },
    /gatehouse\.config\.ts cannot be loaded: SyntaxError: .+ \(line 2\)$/m,
  ],
  [
    'without a default export',
    { [name]: 'export const routes = []' },
    /no default export; write: export default/,
  ],
  ['beside another', { [name]: '', 'gatehouse.config.mjs': '' }, /are both there; keep one/],
] as const) {
  test(`a file ${words} is a mistake that says so, beside those of the environment`, async t => {
    const path = await folder(t, { ...files, 'package.json': '{ "type": "module" }' })
    const file = await loadConfigFile(path)
    assert.throws(
      () => readConfig({ PORT: 'x' }, file),
      (error: Error) =>
        error instanceof ConfigError &&
        expected.test(error.message) &&
        /2 mistakes.*PORT/s.test(error.message),
    )
  })
}
