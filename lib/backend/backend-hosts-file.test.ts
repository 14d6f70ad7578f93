import assert from 'node:assert/strict'
import { once } from 'node:events'
import { rename, writeFile } from 'node:fs/promises'
import { type TestContext, test } from 'node:test'
import { pino } from 'pino'
import { eventually } from '../../test/raw.ts'
import { systemFiles } from '../../test/system-files.ts'
import { readConfig } from '../settings/settings.ts'
import { openBackend } from './backend.ts'

// A backend whose name is in the hosts file, as ECS Service Connect and Docker's extra_hosts write it.

async function setUp(t: TestContext, hosts: string) {
  const { dns, files } = await systemFiles(t, { hosts })
  const lines: Record<string, unknown>[] = []
  const log = pino({ base: null }, { write: line => lines.push(JSON.parse(line)) })
  const config = readConfig({
    BACKEND_ORIGIN: 'http://api.dev.jp',
    DNS_SERVERS: dns.address,
    DNS_MAX_TTL: '24h',
  })
  const backend = openBackend(config.BACKEND_ORIGIN, config, log, { files })
  t.after(() => backend.close())
  await backend.cache.refresh()
  return { dns, files, backend, cache: backend.cache, lines }
}

test('a change of the file is taken up by itself, and the old address departs', async t => {
  const { dns, files, cache, lines } = await setUp(t, '127.1.0.1 api.dev.jp')
  assert.deepEqual(cache.addresses.listed, ['127.1.0.1'])
  assert.equal(cache.addresses.answer?.file, files.hosts)
  const departed = once(cache.changes, 'departed')
  await writeFile(`${files.hosts}.new`, '127.1.0.2 api.dev.jp')
  await rename(`${files.hosts}.new`, files.hosts)
  assert.deepEqual(await departed, [['127.1.0.1']])
  assert.deepEqual(cache.addresses.listed, ['127.1.0.2'])
  assert.equal(dns.queries.length, 0)
  const added = lines.filter(({ msg }) => msg === 'addresses added')
  assert.deepEqual(
    added.map(each => each.file),
    [files.hosts, files.hosts],
  )
})

test('a name that comes into the file is taken from there, though the answer of DNS may still be believed', async t => {
  const { dns, files, cache } = await setUp(t, '')
  assert.match(
    String(cache.addresses.stale?.reason),
    /hosts does not name it; 127.0.0.1:\d+ was asked for api.dev.jp$/,
  )
  dns.list('api.dev.jp', ['127.9.9.9'], 86_400)
  await once(cache.changes, 'added')
  const added = once(cache.changes, 'added')
  await writeFile(files.hosts, '127.1.0.1 api.dev.jp')
  assert.deepEqual(await added, [['127.1.0.1']])
})

test('addresses stay when the name leaves the file and DNS does not know it', async t => {
  const { files, cache } = await setUp(t, '127.1.0.1 api.dev.jp')
  const stale = once(cache.changes, 'stale')
  await writeFile(files.hosts, '')
  await stale
  assert.deepEqual(cache.addresses.listed, ['127.1.0.1'])
})

test('a name that has left the file is asked for until DNS knows it', async t => {
  const { dns, files, cache } = await setUp(t, '127.1.0.1 api.dev.jp')
  const stale = once(cache.changes, 'stale')
  await writeFile(files.hosts, '')
  await stale
  // more often than the change of the file makes it ask
  await eventually(() => dns.queries.length > 3)
  dns.list('api.dev.jp', ['127.9.9.9'], 1)
  await eventually(() => cache.addresses.listed.includes('127.9.9.9'))
})
