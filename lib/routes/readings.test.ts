import assert from 'node:assert/strict'
import { posix } from 'node:path'
import { test } from 'node:test'
import { createRandom, keysOf } from '../../test/fuzz/random.ts'
import { GatewayError } from '../http/errors.ts'
import { readConfig } from '../settings/settings.ts'
import { createTable } from './table.ts'

const to = 'https://api.dev.jp'
const routes = [
  { path: '/api', to },
  { path: '/s/', to: `${to}/` },
]
const file = { name: 'gatehouse.config.ts', content: { routes } }
const find = createTable(readConfig({ LOGIN_PATHS: '/api/login' }, file).routes)

/** What a server may do with a path, in an order of its own. */
const STEPS: readonly ((path: string) => string)[] = [
  path => path.replace(/;[^/]*/g, ''),
  path => path.replace(/%[\da-f]{2}/gi, each => String.fromCharCode(Number.parseInt(each.slice(1), 16))),
  path => path.replace(/%c0%af|%e0%80%af|%f0%80%80%af/g, '/').replace(/%c1%ac/g, 'l'),
  path => path.split('\\').join('/'),
  path => path.replace(/\/+/g, '/'),
  path => posix.normalize(path),
  path => path.replace(/[?# ].*/, ''),
  path => path.toLowerCase(),
]
const PIECES = [
  '/',
  '/',
  'api',
  'login',
  'Login',
  'x',
  '..',
  '.',
  '%2f',
  '%5c',
  '\\',
  '%2e',
  ';',
  '%3b',
  '%6c',
  '%3f',
  '%20',
  '%256c',
  '%c0%af',
  '%e0%80%af',
  '%f0%80%80%af',
  '%c1%ac',
]

const ITSELF = /^\/api\/login(;[^/]*)?\/?(;[^/]*)?$/
const AT_OR_BELOW = /^\/api\/login([/;]|$)/

/** The route and what its API gets; undefined where there is none. */
function found(target: string) {
  try {
    return find(target)
  } catch (error) {
    assert.ok(error instanceof GatewayError)
    return undefined
  }
}

test('no path gets through that some server takes for a login, and the front does not', () => {
  let passed = 0
  for (const key of keysOf(4711, 10_000)) {
    const random = createRandom(key)
    const start = random.pick(['/api/', '/s/', '/api;', '/s/api/', '/api/login/'])
    const target = start + Array.from({ length: random.below(9) }, () => random.pick(PIECES)).join('')
    const to = found(target)
    if (!to || to.isOwnPath) continue
    passed++
    const order = STEPS.filter(() => random.chance(0.8)).map(step => ({ step, at: random.below(1000) }))
    order.sort((a, b) => a.at - b.at)
    const read = order.reduce((path, { step }) => step(path), to.target)
    const login = to.route.kind === 'login' ? ITSELF : AT_OR_BELOW
    assert.doesNotMatch(read, login, `${target}, at the API ${to.target}`)
  }
  assert.ok(passed > 1000, `${passed} passed`)
})
