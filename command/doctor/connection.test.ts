import assert from 'node:assert/strict'
import http from 'node:http'
import net from 'node:net'
import { type TestContext, test } from 'node:test'
import { generate } from 'selfsigned'
import { authority } from '../../test/backend.ts'
import { listening } from '../../test/listening.ts'
import { ownTime } from '../../test/own-time.ts'
import { about, patient, withCertificate } from '../../test/patient.ts'
import { createAuthority } from '../../testing/certificates.ts'
import type { Report } from './report.ts'

const DAY_MS = 86_400_000
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS)

for (const [fault, words, todo] of [
  ['refuse', /refuses the connection: nothing listens on this port/, /port in BACKEND_ORIGIN/],
  ['drop', /does not answer: packets are dropped/, /security group/],
  ['hang', /accepts the connection, but does not answer the TLS handshake/, /port in BACKEND_ORIGIN/],
  ['reset', /accepts the connection, and closes it during the TLS handshake/, /port in BACKEND_ORIGIN/],
] as const) {
  test(`an address with the fault ${fault}: says which of two, and goes on with the other`, async t => {
    const { alb, examine } = await patient(t)
    const [bad = '', good = ''] = alb.listed
    await alb.fault(bad, fault)
    const report = await examine()
    const [first, second] = about(report, 'connection')
    // logins go to the other one: nothing that a deployment should stop for
    assert.equal(report.ok, true)
    assert.equal(first?.result, 'warning')
    assert.match(first?.details?.join() ?? '', /another address, which works/)
    assert.ok(first?.says.startsWith(`${bad}:${alb.port} `), first?.says)
    assert.match(first?.says ?? '', words)
    assert.match(first?.todo ?? '', todo)
    assert.equal(second?.result, 'ok')
    assert.match(
      second?.says ?? '',
      new RegExp(`^${good}:${alb.port}: TCP in [\\d.]+ m?s, TLSv1.3 in [\\d.]+ m?s$`),
    )
    assert.deepEqual(
      about(report, 'request').map(each => each.says.replace(/: 200 in .*/, '')),
      [`HEAD /user/login to ${good}`],
    )
  })
}

test('an address that refuses stays wrong where the other one has a certificate for another name', async t => {
  const { alb, examine } = await patient(t)
  const [refusing = '', stranger = ''] = alb.listed
  await alb.fault(refusing, 'refuse')
  await alb.fault(stranger, 'wrong-certificate')
  const report = await examine()
  assert.deepEqual(
    [...about(report, 'connection'), ...about(report, 'certificate')].map(each => each.result),
    ['wrong', 'ok', 'wrong'],
  )
})

test('with no address to connect to, the rest is skipped and says so', async t => {
  const { alb, examine } = await patient(t)
  for (const each of alb.listed) await alb.fault(each, 'refuse')
  const report = await examine()
  for (const check of ['certificate', 'request', 'login', '100-continue', 'clock'] as const)
    assert.deepEqual(about(report, check), [
      { check, result: 'skipped', says: 'since no address can be connected to' },
    ])
})

test('it ends within 15 s when everything drops packets or is silent', async t => {
  const { alb, dns, examine } = await patient(t)
  const [first = '', second = ''] = alb.listed
  await alb.fault(first, 'drop')
  await alb.fault(second, 'silent')
  const [third = ''] = await alb.add()
  await alb.fault(third, 'hang')
  const other = '127.0.0.1:9'
  const examined = examine({ DNS_SERVERS: `${dns.address}, ${other}`, CONNECT_TIMEOUT: '1m' })
  assert.ok((await ownTime(examined)) < 15_000)
  assert.equal((await examined).ok, false)
})

test('an address that takes longer than CONNECT_TIMEOUT is wrong, though it can be reached', async t => {
  const { alb, dns, examine } = await patient(t)
  const [address = ''] = alb.listed
  const slow = net.createServer(client => {
    const server = net.connect(alb.port, address).on('error', () => client.destroy())
    setTimeout(() => client.pipe(server).pipe(client), 100)
  })
  const port = await listening(t, slow)
  dns.list(alb.name, ['127.0.0.1'])
  const report = await examine({ BACKEND_ORIGIN: `https://${alb.name}:${port}`, CONNECT_TIMEOUT: '50ms' })
  const [connection] = about(report, 'connection')
  assert.equal(connection?.result, 'wrong')
  assert.match(connection?.says ?? '', /longer than CONNECT_TIMEOUT \(50 ms\)/)
  assert.equal(about(report, 'request')[0]?.result, 'ok')
})

test('plain HTTP behind an https origin', async t => {
  const { alb, dns, examine } = await patient(t)
  const port = await listening(
    t,
    http.createServer((_req, res) => res.end()),
  )
  dns.list(alb.name, ['127.0.0.1'])
  const [connection] = about(await examine({ BACKEND_ORIGIN: `https://${alb.name}:${port}` }), 'connection')
  assert.equal(connection?.result, 'wrong')
  assert.equal(connection?.says, `127.0.0.1:${port} speaks plain HTTP, and BACKEND_ORIGIN says https`)
  assert.match(connection?.todo ?? '', /HTTPS listener/)
})

/** What is found of a backend with this certificate; nothing but a good one gets a request. */
async function examined(
  t: TestContext,
  certificate: { key: string; cert: string },
  env = {},
): Promise<Report> {
  const subject = await patient(t)
  return subject.examine({ ...(await withCertificate(t, subject, certificate)), ...env })
}

function refused(report: Report, words: RegExp, todo: RegExp) {
  const [certificate, ...more] = about(report, 'certificate')
  assert.equal(certificate?.result, 'wrong')
  assert.match(certificate?.says ?? '', words)
  assert.match(certificate?.todo ?? '', todo)
  assert.deepEqual(more, [])
  assert.equal(about(report, 'connection')[0]?.result, 'ok')
  assert.equal(about(report, 'request')[0]?.result, 'skipped')
}

test('a certificate shows its names, its issuer and its end', async t => {
  const names = ['api.dev.jp', 'a.dev.jp', 'b.dev.jp', 'c.dev.jp']
  const report = await examined(
    t,
    await authority.issue(names, { notAfter: new Date('2100-01-01T12:00:00Z') }),
  )
  const [certificate] = about(report, 'certificate')
  assert.equal(certificate?.result, 'ok')
  assert.match(
    certificate?.says ?? '',
    /^for api\.dev\.jp, a\.dev\.jp, b\.dev\.jp and 1 more; issued by Gatehouse demo CA; expires 2100-01-01 \(\d+ days left\)$/,
  )
})

test('a certificate that ends within 30 days is a warning', async t => {
  const report = await examined(t, await authority.issue(['api.dev.jp'], { notAfter: inDays(20.5) }))
  const [certificate] = about(report, 'certificate')
  assert.equal(certificate?.result, 'warning')
  assert.match(certificate?.says ?? '', /\(20 days left\)$/)
  assert.equal(report.ok, true)
})

test('a certificate for another name', async t => {
  const report = await examined(t, await authority.issue(['other.dev.jp']))
  refused(report, /^it is for other\.dev\.jp, not for api\.dev\.jp$/, /a certificate for api\.dev\.jp/)
})

test('a certificate for another host name at one address of two: says which, and nothing is sent there', async t => {
  const { alb, examine } = await patient(t)
  const [bad = '', good = ''] = alb.listed
  await alb.fault(bad, 'wrong-certificate')
  const report = await examine()
  const [first, second] = about(report, 'certificate')
  assert.deepEqual(
    [first?.result, first?.says],
    ['wrong', `${bad}: it is for another.example, not for api.dev.jp`],
  )
  assert.equal(second?.result, 'ok')
  assert.ok(second?.says.startsWith(`${good}: for api.dev.jp`), second?.says)
  assert.equal(alb.nodes.get(bad)?.requests, 0)
  assert.equal(report.ok, false)
})

test('an expired certificate', async t => {
  const expired = { notBefore: inDays(-10), notAfter: inDays(-1) }
  const report = await examined(t, await authority.issue(['api.dev.jp'], expired))
  refused(report, /^it expired at 20/, /Renew it/)
})

test('a certificate that is not valid yet', async t => {
  const report = await examined(t, await authority.issue(['api.dev.jp'], { notBefore: inDays(1) }))
  refused(report, /^it is valid only from 20/, /clock/)
})

test('a certificate of a CA that is not known', async t => {
  const stranger = await createAuthority()
  const certificate = await stranger.issue(['api.dev.jp'])
  refused(
    await examined(t, certificate),
    /a CA that is not trusted here: Gatehouse demo CA/,
    /Set NODE_EXTRA_CA_CERTS=/,
  )
})

test('a self-signed certificate', async t => {
  const attributes = [{ name: 'commonName', value: 'api.dev.jp' }]
  const made = await generate(attributes, {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'api.dev.jp' }] }],
  })
  const report = await examined(t, { key: made.private, cert: made.cert })
  refused(report, /^it is self-signed/, /NODE_EXTRA_CA_CERTS/)
})

test('what is wrong with a certificate is said all at once', async t => {
  const stranger = await createAuthority()
  const expired = { notBefore: inDays(-10), notAfter: inDays(-1) }
  const report = await examined(t, await stranger.issue(['other.dev.jp'], expired))
  refused(report, /^it is for other\.dev\.jp, .*; it expired at 20.*/, /Renew it/)
})
