import assert from 'node:assert/strict'
import { test } from 'node:test'
import { read, refused } from '../../test/settings.ts'

for (const [text, href] of [
  ['https://api.dev.jp', 'https://api.dev.jp/'],
  ['https://api.dev.jp/', 'https://api.dev.jp/'],
  ['https://api.dev.jp:8443', 'https://api.dev.jp:8443/'],
  ['http://10.0.0.7:8080', 'http://10.0.0.7:8080/'],
  ['https://[fd00::1]:8443', 'https://[fd00::1]:8443/'],
] as const) {
  test(`${text} is an origin`, () => assert.equal(read({ BACKEND_ORIGIN: text }).BACKEND_ORIGIN.href, href))
}

test('allowed origins are split at the commas, in lower case as browsers send them', () => {
  const { ALLOWED_ORIGINS } = read({ ALLOWED_ORIGINS: 'https://App.dev.jp, http://localhost:8080' })
  assert.deepEqual(ALLOWED_ORIGINS, ['https://app.dev.jp', 'http://localhost:8080'])
})

for (const text of ['169.254.169.253', '10.0.0.2:53', '::1', 'fd00::53', '[::1]:5353', '[fd00::53]']) {
  test(`${text} is a resolver`, () => assert.deepEqual(read({ DNS_SERVERS: text }).DNS_SERVERS, [text]))
}

test('paths are split at the commas', () => {
  const { BACKEND_PATHS } = read({ BACKEND_PATHS: '/user/login, /user/logout,/api' })
  assert.deepEqual(BACKEND_PATHS, ['/user/login', '/user/logout', '/api'])
})

test('proxies are subnets, addresses and their usual names', () => {
  const text = '10.0.0.0/8, 192.168.1.1, fd00::/8, loopback'
  assert.deepEqual(read({ TRUSTED_PROXIES: text }).TRUSTED_PROXIES, text.split(', '))
})

for (const [name, texts] of Object.entries({
  BACKEND_ORIGIN: [
    'https://api.dev.jp/v1',
    'https://api.dev.jp?',
    'https://api.dev.jp/#x',
    'ftp://api.dev.jp',
    'ws://api.dev.jp',
    'file:///etc/hosts',
    'api.dev.jp',
    'https://',
    'https://api.dev.jp:99999',
  ],
  DNS_SERVERS: ['ns.dev.jp', '10.0.0', '10.0.0.2:', '[::1', '10.0.0.2 10.0.0.3', '10.0.0.2,'],
  BACKEND_PATHS: ['user/login', '/', '/a/', '/a/../b', '/a/./b', '/a?b', '/a%2fb', '//a', '/a b', '/a,'],
  TRUSTED_PROXIES: ['10.0.0.0/33', 'proxy.dev.jp', '10.0.0.0/8,,'],
}))
  for (const text of texts) test(`${name} ${text} is refused`, () => refused(name, text))
