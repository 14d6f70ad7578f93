import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { readConfig } from '../../lib/settings/settings.ts'
import { systemFiles } from '../../test/system-files.ts'
import { checkDns } from './dns.ts'
import { english } from './english.ts'

// What the doctor says of names that the system knows by its files. All else of DNS: doctor.test.ts

async function setUp(t: TestContext, system: { hosts?: string; conf?: string }) {
  const { dns, files } = await systemFiles(t, system)
  const check = (env = {}) => checkDns(readConfig({ BACKEND_ORIGIN: 'http://api', ...env }), english, files)
  return { dns, files, check }
}

test('a name in the hosts file is well, and it says which file', async t => {
  const { files, check } = await setUp(t, { hosts: '127.1.0.1 api' })
  const { addresses, findings } = await check()
  assert.deepEqual(addresses, ['127.1.0.1'])
  assert.deepEqual(findings, [
    { check: 'resolver', result: 'skipped', says: `${files.hosts} names api, so DNS is not asked` },
    { check: 'name', result: 'ok', says: `127.1.0.1, from ${files.hosts}` },
  ])
})

test('a name of the search list is told whole, and its resolver is that of resolv.conf', async t => {
  const { dns, check } = await setUp(t, { conf: 'search a.jp b.jp' })
  dns.list('api.b.jp', ['127.1.0.1'], 3)
  const { findings } = await check()
  assert.match(findings[0]?.says ?? '', new RegExp(`^${dns.address} \\(the system's\\) answers`))
  assert.equal(findings[1]?.says, 'api is api.b.jp by the search list, and has 1 address, TTL 3 s')
})

test('a name that nobody knows comes with the names that were asked for, and with the hosts file', async t => {
  const { dns, files, check } = await setUp(t, { hosts: '::1 api', conf: 'search a.jp' })
  const { findings } = await check()
  assert.equal(
    findings[1]?.says,
    `api.a.jp, api does not exist, or has no address, says ${dns.address}; ${files.hosts} has only ::1, and DNS_FAMILY is 4`,
  )
  const [, name] = (
    await check({ DNS_SERVERS: dns.address, DNS_FAMILY: 'both', BACKEND_ORIGIN: 'http://other' })
  ).findings
  assert.equal(
    name?.says,
    `other does not exist, or has no address, says ${dns.address}; ${files.hosts} does not name it either`,
  )
})
