import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mistakes, read, refused } from '../../test/settings.ts'

test('PUBLIC_ORIGIN is a list of origins', () => {
  const { PUBLIC_ORIGIN } = read({
    PUBLIC_ORIGIN: 'https://WWW.dev.jp, http://shop.dev.jp:4000,http://[::1]:4000',
  })
  assert.deepEqual(PUBLIC_ORIGIN, ['https://www.dev.jp', 'http://shop.dev.jp:4000', 'http://[::1]:4000'])
})

const neither = [
  'www.dev.jp',
  'https://www.dev.jp/',
  'https://www.dev.jp/login',
  'https://*.dev.jp',
  'https://www.dev.jp:443',
  'http://www.dev.jp:80',
  'https://www.dev.jp:99999',
  'https://ログイン.jp',
  'https://www.dev.jp,',
  'null',
  '*',
  'file://',
  'file://localhost',
  'wss://www.dev.jp',
  'capacitor:localhost',
  'capacitor://localhost/',
  'app://*',
]
for (const text of neither) {
  test(`${text} is neither a public nor an allowed origin`, () => {
    refused('PUBLIC_ORIGIN', text)
    refused('ALLOWED_ORIGINS', text)
  })
}

test('an origin with a query or a user is refused as well, without a word of what may be a password', () => {
  for (const text of ['https://www.dev.jp?himitsu', 'https://himitsu@www.dev.jp'])
    for (const name of ['PUBLIC_ORIGIN', 'ALLOWED_ORIGINS'])
      assert.match(
        mistakes({ [name]: text })[1] ?? '',
        new RegExp(`^ {2}${name} is (?!.*himitsu).*; accepted`),
      )
})

test('ALLOWED_ORIGINS may have the pages of apps, and PUBLIC_ORIGIN may not', () => {
  for (const origin of [
    'capacitor://localhost',
    'ionic://localhost',
    'app://-',
    'tauri://localhost',
    'chrome-extension://abcdefgh',
  ]) {
    assert.deepEqual(read({ ALLOWED_ORIGINS: origin }).ALLOWED_ORIGINS, [origin])
    refused('PUBLIC_ORIGIN', origin)
  }
})

test('callback paths are below the paths of the backend, and not where logins go', () => {
  const env = {
    BACKEND_PATHS: '/auth, /user/login',
    CALLBACK_PATHS: '/auth/saml/acs, /auth, /user/login/oidc',
  }
  assert.deepEqual(read(env).CALLBACK_PATHS, ['/auth/saml/acs', '/auth', '/user/login/oidc'])
  assert.match(
    mistakes({ CALLBACK_PATHS: '/api/auth/callback' })[1] ?? '',
    /CALLBACK_PATHS has "\/api\/auth\/callback"; accepted: .*BACKEND_PATHS/,
  )
  assert.match(mistakes({ CALLBACK_PATHS: '/user/loginX' })[1] ?? '', /CALLBACK_PATHS has/)
  assert.match(mistakes({ CALLBACK_PATHS: '/user/login' })[1] ?? '', /the path of a login/)
  for (const path of ['/auth/', 'auth', '/auth?a', '/auth/../x', '/auth/%2e']) refused('CALLBACK_PATHS', path)
})

const CLIENT_ADDRESS_HEADER = 'CloudFront-Viewer-Address'
test('the header of the client needs a proof, and a proof a header', () => {
  assert.match(
    mistakes({ CLIENT_ADDRESS_HEADER })[1] ?? '',
    /CLIENT_ADDRESS_PROOF is not set; accepted with it/,
  )
  assert.match(mistakes({ CLIENT_ADDRESS_PROOF: 'network' })[1] ?? '', /CLIENT_ADDRESS_HEADER is not/)
  assert.equal(
    read({ CLIENT_ADDRESS_HEADER, CLIENT_ADDRESS_PROOF: 'network' }).CLIENT_ADDRESS_HEADER,
    'cloudfront-viewer-address',
  )
  const same = { CLIENT_ADDRESS_HEADER, CLIENT_ADDRESS_PROOF: `${CLIENT_ADDRESS_HEADER}: 0123456789abcdef` }
  assert.match(mistakes(same)[1] ?? '', /another header/)
})

for (const name of ['X-Forwarded-For', 'Cookie', 'Host', 'Forwarded', 'a b', 'a_b', 'a:b', 'ä'])
  test(`${name} is no header of a client's address`, () => refused('CLIENT_ADDRESS_HEADER', name))

const SECRET = 'himitsu-himitsu-himitsu'
for (const proof of [
  SECRET,
  'X-Origin-Verify:',
  'X-Origin-Verify: short',
  `Cookie: ${SECRET}`,
  `X-Origin-Verify: ${SECRET} ${SECRET}`,
  `X-Origin-Verify: ${SECRET}, ${SECRET}`,
]) {
  test(`a proof of ${proof} is refused without a word of it`, () => {
    const [, line = ''] = mistakes({ CLIENT_ADDRESS_HEADER, CLIENT_ADDRESS_PROOF: proof })
    assert.match(
      line,
      /^ {2}CLIENT_ADDRESS_PROOF has a value that is not accepted \(it is not shown\); accepted: network, or headers/,
    )
    assert.doesNotMatch(line, /himitsu/)
  })
}

test('the settings that were read have no secret in them', () => {
  const config = read({ CLIENT_ADDRESS_HEADER, CLIENT_ADDRESS_PROOF: `X-Origin-Verify: ${SECRET}` })
  assert.doesNotMatch(JSON.stringify(config), /himitsu/)
})
