import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError, readConfig } from './settings.ts'
import type { Words } from './words.ts'

type Env = Parameters<typeof readConfig>[0]

function mistakes(env: Env, content?: unknown): readonly Words[] {
  try {
    readConfig(env, content === undefined ? undefined : { name: 'gatehouse.config.ts', content })
  } catch (error) {
    assert.ok(error instanceof ConfigError, `it is ${error}`)
    return error.mistakes
  }
  throw new assert.AssertionError({ message: 'it is accepted' })
}

/** Names, values and figures: what both languages have. */
const factsOf = (text: string) =>
  new Set(text.match(/[A-Z]+(_[A-Z]+)+|"[^"]*"|\d+|gatehouse\.config\.ts|\w+\[\d\][\w.]*/g))

const to = 'https://api.dev.jp'
const BACKEND_ORIGIN = to
const WRONG = Object.fromEntries(
  [
    'BACKEND_PATHS',
    'DNS_MAX_TTL',
    'MAX_BODY',
    'PORT',
    'HOST',
    'LOGIN_LIMIT',
    'REPLAY',
    'SERVICE_NAME',
    'HSTS',
  ].map(name => [name, '!']),
)

for (const [title, env, content] of [
  ['values', { ...WRONG, ADMIN_TOKEN: 'x', LIMIT_STORE: 'redis://u:p@' }],
  ['ports', { BACKEND_ORIGIN, PORT: '4001' }],
  ['an admin listener for everybody', { BACKEND_ORIGIN, ADMIN_HOST: '0.0.0.0' }],
  ['a header without its proof', { BACKEND_ORIGIN, CLIENT_ADDRESS_HEADER: 'x-a' }],
  ['a proof without its header', { BACKEND_ORIGIN, CLIENT_ADDRESS_PROOF: 'network' }],
  ['a callback of the pages', { BACKEND_ORIGIN, CALLBACK_PATHS: '/saml' }],
  ['a callback where logins go', { BACKEND_ORIGIN, CALLBACK_PATHS: '/user/login' }],
  ['a login that is an api', { LOGIN_PATHS: '/a' }, { routes: [{ path: '= /a/', to, kind: 'api' }] }],
  ['a stray login', { BACKEND_ORIGIN, LOGIN_PATHS: '/staff' }],
  ['a limit of nothing', { BACKEND_ORIGIN, BACKEND_PATHS: '/a,/b', LOGIN_LIMIT: '1/1m' }],
  ['a file and the environment', { BACKEND_ORIGIN }, { routes: [{ path: '/a', to }] }],
  ['no object', {}, 7],
  ['a list', {}, []],
  ['a function', {}, () => ({})],
  ['a Host without PUBLIC_ORIGIN', {}, { routes: [{ path: '/a', to, host: 'client' }] }],
  ['a health check', {}, { routes: [{ path: '/healthz', to }] }],
  ['a route that is none', {}, { routes: [5] }],
  [
    'fields',
    {},
    {
      routes: [{ path: 'a', to: 'b', kind: 'c', headers: { Host: 'x', 'X-A': undefined, 'X-B': 1 }, odd: 1 }],
    },
  ],
  [
    'routes',
    {},
    {
      routes: [
        { path: '/a', to, except: ['/b'] },
        { path: '/a', to, kind: 'login' },
        { path: '= /c', to: `${to}/c`, except: ['/c/d'] },
        { path: '= /c', to },
        { path: '/', to: `${to}/d`, except: ['= /c'] },
        { path: '/user/login', to: `${to}/e`, upgrade: true },
      ],
      backends: { 'a-b': to, a_b: to },
    },
  ],
] as const) {
  test(`in Japanese, with the names and values that the English has: ${title}`, () => {
    const found = mistakes(env, content)
    for (const { en, ja } of found) {
      assert.match(ja, /[\p{sc=Hira}\p{sc=Kana}\p{sc=Han}]/u)
      assert.doesNotMatch(ja, /accepted|is not|expected/)
      assert.deepEqual(
        [...factsOf(en)].filter(fact => !factsOf(ja).has(fact)),
        [],
        ja,
      )
    }
  })
}

test('the message of the error is in English, and its Japanese has as many lines', () => {
  const error = new ConfigError(mistakes(WRONG))
  assert.match(error.message, /^Gatehouse cannot start: 10 mistakes in the settings\n/)
  assert.match(error.in('ja'), /^Gatehouse を起動できません：設定に間違いが 10 件あります\n/)
  assert.equal(error.in('ja').split('\n').length, error.message.split('\n').length)
})
