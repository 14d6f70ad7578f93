import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import { ConfigError, readConfig } from '../../settings/settings.ts'
import { openStore } from './store.ts'

const read = (env: Record<string, string>) => readConfig({ BACKEND_ORIGIN: 'https://api.dev.jp', ...env })

for (const [text, failures, ms] of [
  ['10/1m', 10, 60_000],
  ['1/1s', 1, 1000],
  ['100/24h', 100, 86_400_000],
  ['5/1.5m', 5, 90_000],
] as const) {
  test(`${text} is a limit`, () => {
    assert.deepEqual(read({ LOGIN_LIMIT: text }).LOGIN_LIMIT, { failures, ms })
  })
}

for (const text of [
  '10',
  '10/m',
  '0/1m',
  '-1/1m',
  '1.5/1m',
  '10/500ms',
  '10/1500ms',
  '10/0s',
  '10/25h',
  '10 per 1m',
]) {
  test(`${text} is no limit`, () => {
    assert.throws(() => read({ LOGIN_LIMIT_ACCOUNT: text }), ConfigError)
  })
}

for (const text of [
  'redis://valkey',
  'redis://[::1]:6379/0',
  'rediss://:secret@valkey.dev.jp:6379',
  'redis://h:1/15',
  'redis://:pa%25ss@valkey',
]) {
  test(`${text} is a store`, () => {
    assert.equal(read({ LIMIT_STORE: text }).LIMIT_STORE?.href, text)
  })
}

for (const text of [
  'valkey:6379',
  'http://valkey:6379',
  'redis://',
  'redis:///0',
  'redis://valkey/logins',
  'redis://:pa%ss@valkey',
]) {
  test(`${text} is no store`, () => {
    assert.throws(() => read({ LIMIT_STORE: text }), ConfigError)
  })
}

test("a mistake in the store's address does not show its password", () => {
  const isSilent = (error: unknown) => error instanceof ConfigError && !/himitsu/.test(error.message)
  assert.throws(() => read({ LIMIT_STORE: 'redis://front:himitsu@valkey:6379/logins' }), isSilent)
  assert.throws(() => read({ LIMIT_STORE: 'valkey://front:him@himitsu@valkey:6379' }), isSilent)
})

test('a store for which its client throws is away, and ends nothing', async () => {
  const { promise: line, resolve: write } = Promise.withResolvers<string>()
  const store = await openStore(new URL('redis://:pa%ss@127.0.0.1:1'), pino({}, { write }))
  assert.match(await line, /cannot be reached/)
  store.close()
})
