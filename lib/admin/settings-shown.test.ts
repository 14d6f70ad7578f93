import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from '../settings/settings.ts'
import { settingsOf } from './settings-shown.ts'

const shown = (env: Record<string, string>) =>
  Object.fromEntries(
    settingsOf(readConfig({ BACKEND_ORIGIN: 'https://api.dev.jp', ...env })).map(({ name, value }) => [
      name,
      value,
    ]),
  )

test('settings are shown as they are written', () => {
  const all = {
    BACKEND_ORIGIN: 'https://api.dev.jp:8443',
    BACKEND_PATHS: '/user/login, /user/me',
    DNS_MAX_TTL: '1.5s',
    CONNECT_TIMEOUT: '500ms',
    BACKEND_TIMEOUT: '2m',
    STOP_DELAY: '0s',
    MAX_BODY: '64kb',
    MAX_HEADER: '64kb',
    KEEP_ALIVE_TIMEOUT: '130s',
    PUBLIC_ORIGIN: 'https://www.dev.jp, https://shop.dev.jp',
    PAGE_MEMORY: '512mb',
    LOGIN_LIMIT: '10/1m',
    PAGE_WORKERS: '3',
    OTEL_SDK_DISABLED: 'true',
    LOG_LEVEL: 'warn',
  }
  assert.partialDeepStrictEqual(shown(all), all)
})

test('what is not set says so', () => {
  const { DNS_SERVERS, LOGIN_LIMIT, LIMIT_STORE, ALLOWED_ORIGINS } = shown({})
  assert.deepEqual(
    [DNS_SERVERS, LOGIN_LIMIT, LIMIT_STORE, ALLOWED_ORIGINS],
    ["the system's", 'off', 'off', 'none'],
  )
})

test('user and password of the limit store are not shown', () => {
  const { LIMIT_STORE } = shown({ LIMIT_STORE: 'rediss://gate:himitsu@store.dev.jp:6380/0' })
  assert.equal(LIMIT_STORE, 'rediss://store.dev.jp:6380')
})

test('of a header with a secret the name alone is shown', () => {
  const env = {
    CLIENT_ADDRESS_HEADER: 'CloudFront-Viewer-Address',
    CLIENT_ADDRESS_PROOF: 'X-Origin-Verify: himitsu-himitsu-himitsu',
  }
  const { CLIENT_ADDRESS_HEADER, CLIENT_ADDRESS_PROOF } = shown(env)
  assert.deepEqual(
    [CLIENT_ADDRESS_HEADER, CLIENT_ADDRESS_PROOF],
    ['cloudfront-viewer-address', 'x-origin-verify: …'],
  )
})
