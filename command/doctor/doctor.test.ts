import assert from 'node:assert/strict'
import http from 'node:http'
import { test } from 'node:test'
import { listening } from '../../test/listening.ts'
import { about, outline, patient } from '../../test/patient.ts'
import { startDns } from '../../testing/dns.ts'
import { examine } from './doctor.ts'
import { inText } from './report.ts'

test('a good backend is well in every point', async t => {
  const { alb, examine } = await patient(t)
  const report = await examine()
  assert.equal(report.ok, true)
  assert.equal(report.backend, alb.origin)
  const points = [
    'settings',
    'resolver',
    'name',
    'connection',
    'connection',
    'certificate',
    'request',
    'request',
  ]
  assert.deepEqual(
    outline(report),
    [...points, 'login', '100-continue', '100-continue', 'clock'].map(each => `${each} ok`),
  )
})

test('without BACKEND_ORIGIN it says what to set, and skips the rest', async () => {
  const report = await examine({})
  assert.equal(report.ok, false)
  assert.equal(report.backend, null)
  const [settings, ...rest] = report.findings
  assert.deepEqual([settings?.result, settings?.says], ['wrong', '1 mistake'])
  assert.match(settings?.todo ?? '', /BACKEND_ORIGIN=https:\/\/api\.dev\.jp/)
  assert.equal(rest.length, 8)
  for (const each of rest)
    assert.deepEqual([each.result, each.says], ['skipped', 'since the settings have mistakes'])
})

test('every mistake in the settings has a line, and no password is in it', async () => {
  const LIMIT_STORE = 'rediss://user:p@ss;word@host:99999'
  const report = await examine({ BACKEND_ORIGIN: 'https://me:hidden@api.dev.jp', PORT: 'x', LIMIT_STORE })
  const [settings] = report.findings
  assert.equal(settings?.says, '3 mistakes')
  const names = settings?.details?.map(each => each.replace(/ is .*/, ''))
  assert.deepEqual(names, ['BACKEND_ORIGIN', 'PORT', 'LIMIT_STORE'])
  assert.doesNotMatch(JSON.stringify(report) + inText(report), /hidden|p@ss|word@host:9/)
})

test('of the settings that may be secret only the name is shown', async t => {
  const { examine } = await patient(t)
  const report = await examine({ LIMIT_STORE: 'redis://user:hidden@127.0.0.1:6379', DNS_MAX_TTL: '5' })
  const [settings] = about(report, 'settings')
  assert.ok(settings?.details?.includes('DNS_MAX_TTL=5'))
  assert.ok(settings?.details?.includes('also set: LIMIT_STORE'))
  assert.doesNotMatch(JSON.stringify(report) + inText(report), /hidden/)
})

test('a file of NODE_EXTRA_CA_CERTS that cannot be read, or holds no certificate, is wrong', async t => {
  const { examine } = await patient(t)
  for (const [file, words] of [
    ['/nowhere/ca.pem', /this file cannot be read/],
    [import.meta.filename, /no certificate in PEM form/],
  ] as const) {
    const [, node] = about(await examine({ NODE_EXTRA_CA_CERTS: file }), 'settings')
    assert.equal(node?.result, 'wrong')
    assert.match(node?.says ?? '', words)
  }
})

test('NODE_TLS_REJECT_UNAUTHORIZED=0 is wrong', async t => {
  const { examine } = await patient(t)
  const [, node] = about(await examine({ NODE_TLS_REJECT_UNAUTHORIZED: '0' }), 'settings')
  assert.equal(node?.result, 'wrong')
  assert.match(node?.todo ?? '', /Unset it/)
})

test('the name comes with its addresses, its TTL, and what DNS_MAX_TTL makes of it', async t => {
  const { alb, examine } = await patient(t, { ttl: 60 })
  const [name] = about(await examine(), 'name')
  assert.equal(name?.says, 'api.dev.jp has 2 addresses, TTL 60 s, cached for 3 s (DNS_MAX_TTL)')
  assert.deepEqual(name?.details, [alb.listed.join(', ')])
  const [longer] = about(await examine({ DNS_MAX_TTL: '60' }), 'name')
  assert.equal(longer?.says, 'api.dev.jp has 2 addresses, TTL 60 s')
})

test('a resolver where nothing listens', async t => {
  const { examine } = await patient(t)
  const gone = await startDns()
  await gone.close()
  const report = await examine({ DNS_SERVERS: gone.address })
  const [resolver] = about(report, 'resolver')
  assert.equal(resolver?.result, 'wrong')
  assert.equal(
    resolver?.says,
    `${gone.address} (DNS_SERVERS) cannot be reached: nothing listens there, or no route leads to it`,
  )
  assert.match(resolver?.todo ?? '', /Set DNS_SERVERS .* 169\.254\.169\.253/)
  assert.deepEqual(about(report, 'name')[0]?.result, 'skipped')
  assert.deepEqual(about(report, 'request')[0]?.says, 'since there is no address')
})

for (const [behaviour, words, todo] of [
  ['silent', /is silent: no answer in/, /Set DNS_SERVERS .*port 53/],
  ['servfail', /answers SERVFAIL: it could not resolve api\.dev\.jp/, /zone/],
] as const) {
  test(`a resolver that is ${behaviour}`, async t => {
    const { dns, examine } = await patient(t)
    dns.behave(behaviour)
    const [resolver] = about(await examine(), 'resolver')
    assert.equal(resolver?.result, 'wrong')
    assert.match(resolver?.says ?? '', words)
    assert.match(resolver?.todo ?? '', todo)
  })
}

test('one silent resolver of two is a warning, and each is asked by itself', async t => {
  const { dns, examine } = await patient(t)
  const other = await startDns()
  t.after(() => other.close())
  other.behave('silent')
  const report = await examine({ DNS_SERVERS: `${dns.address}, ${other.address}` })
  assert.deepEqual(
    about(report, 'resolver').map(each => each.result),
    ['ok', 'warning'],
  )
  assert.match(about(report, 'resolver')[1]?.says ?? '', new RegExp(`^${other.address} .*silent`))
  assert.equal(report.ok, true)
  assert.ok(other.queries.length > 0)
})

test('two resolvers that disagree about the name are a warning that says which', async t => {
  const { dns, examine } = await patient(t)
  const other = await startDns()
  t.after(() => other.close())
  const report = await examine({ DNS_SERVERS: `${dns.address}, ${other.address}` })
  const [name] = about(report, 'name')
  assert.equal(name?.result, 'warning')
  assert.equal(name?.details?.[1], `${other.address} does not know the name`)
})

for (const behaviour of ['nxdomain', 'empty'] as const) {
  test(`a name that does not exist (${behaviour}): the resolver is well, the name is not`, async t => {
    const { dns, examine } = await patient(t)
    dns.behave(behaviour)
    const report = await examine()
    assert.equal(about(report, 'resolver')[0]?.result, 'ok')
    const [name] = about(report, 'name')
    assert.equal(name?.result, 'wrong')
    assert.match(name?.says ?? '', /^api\.dev\.jp does not exist/)
    assert.match(name?.todo ?? '', /spelling.*private hosted zone/)
    assert.equal(about(report, 'connection')[0]?.result, 'skipped')
  })
}

test('a name that has addresses of the other family only says how to ask for them', async t => {
  const { dns, examine } = await patient(t)
  dns.list('api.dev.jp', ['::1'])
  const [name] = about(await examine(), 'name')
  assert.equal(name?.says, 'api.dev.jp has IPv6 addresses only, and DNS_FAMILY is 4')
  assert.match(name?.todo ?? '', /DNS_FAMILY=6/)
})

for (const host of ['127.0.0.1', 'localhost']) {
  test(`${host} needs no DNS, not even a resolver that works`, async t => {
    const port = await listening(
      t,
      http.createServer((_req, res) => res.end()),
    )
    const env = { BACKEND_ORIGIN: `http://${host}:${port}`, DNS_SERVERS: '127.0.0.1:9' }
    const report = await examine(env)
    assert.equal(about(report, 'resolver')[0]?.says, `${host} needs no DNS`)
    assert.deepEqual(
      about(report, 'name').map(each => [each.result, each.says]),
      [['ok', `${host}, which needs no DNS`]],
    )
    assert.equal(about(report, 'connection')[0]?.result, 'ok')
  })
}
