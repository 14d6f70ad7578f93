import assert from 'node:assert/strict'
import type { IncomingHttpHeaders } from 'node:http'
import { test } from 'node:test'
import { readConfig } from '../../lib/settings/settings.ts'
import { about, patient } from '../../test/patient.ts'
import { headersAsFront } from './as-front.ts'

const of = (route: Record<string, unknown>, env: Record<string, string> = {}) =>
  headersAsFront(
    readConfig(env, {
      name: 'gatehouse.config.ts',
      content: { routes: [{ path: '/user/login', to: 'https://api.dev.jp', kind: 'login', ...route }] },
    }),
  )

test('without further settings the API gets its own name, as from the front', () => {
  const { Host, Origin, 'X-Forwarded-Proto': proto } = of({})
  assert.deepEqual([Host, Origin, proto], ['api.dev.jp', undefined, undefined])
})

test('with PUBLIC_ORIGIN it is asked as a visitor of that site asks', () => {
  assert.partialDeepStrictEqual(of({}, { PUBLIC_ORIGIN: 'https://www.dev.jp, https://shop.dev.jp' }), {
    Host: 'api.dev.jp',
    Origin: 'https://www.dev.jp',
    'X-Forwarded-Proto': 'https',
    'X-Forwarded-Host': 'www.dev.jp',
  })
})

test('a route’s Host and headers are sent, since a rule of its load balancer may ask for them', () => {
  const env = { PUBLIC_ORIGIN: 'https://www.dev.jp' }
  assert.equal(of({ host: 'client' }, env).Host, 'www.dev.jp')
  assert.equal(of({ host: 'login.internal' }).Host, 'login.internal')
  const { 'x-api-key': key, 'x-none': none } = of({ headers: { 'X-Api-Key': 'k', 'X-None': '' } })
  assert.deepEqual([key, none], ['k', undefined])
})

test('an API that knows the site’s visitors alone is well, as it is for the front', async t => {
  const seen: IncomingHttpHeaders[] = []
  const { examine } = await patient(t, {
    handler(req, res) {
      seen.push(req.headers)
      const isVisitor =
        req.headers['x-forwarded-proto'] === 'https' && req.headers.origin === 'https://www.dev.jp'
      req.resume().on('end', () => res.writeHead(isVisitor ? 401 : 404).end())
    },
  })
  const [finding] = about(await examine({ PUBLIC_ORIGIN: 'https://www.dev.jp' }), 'login')
  assert.equal(finding?.result, 'ok')
  const [unset] = about(await examine(), 'login')
  assert.equal(unset?.result, 'warning')
})
