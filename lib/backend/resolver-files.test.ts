import assert from 'node:assert/strict'
import { rename, rm, writeFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { systemFiles } from '../../test/system-files.ts'
import { type DnsServer, startDns } from '../../testing/dns.ts'
import { createResolver, watchHosts } from './resolver.ts'
import { candidatesOf, inHosts, readResolvConf } from './system-names.ts'

// Names as the system knows them: the hosts file, and resolv.conf.

const namesAsked = (dns: DnsServer) => [...new Set(dns.queries.map(each => each.name))]

describe('the hosts file', () => {
  test('comes before DNS, which is not asked then', async t => {
    const { dns, files } = await systemFiles(t, { hosts: '127.1.0.1 api api.dev.jp # the API' })
    dns.list('api.dev.jp', ['127.9.9.9'])
    for (const servers of [[], [dns.address]]) {
      const answer = await createResolver('API.dev.jp', servers, '4', files)()
      assert.deepEqual(answer, {
        addresses: ['127.1.0.1'],
        ttlMs: Number.POSITIVE_INFINITY,
        file: files.hosts,
      })
    }
    assert.equal(dns.queries.length, 0)
  })

  test('is read at each question: what is written there later counts, and what is gone does not', async t => {
    const { dns, files } = await systemFiles(t)
    dns.list('api.dev.jp', ['127.9.9.9'], 60)
    const ask = createResolver('api.dev.jp', [], '4', files)
    assert.deepEqual(await ask(), { addresses: ['127.9.9.9'], ttlMs: 60_000 })
    await writeFile(files.hosts, '127.1.0.1\tapi.dev.jp\n')
    assert.deepEqual((await ask()).addresses, ['127.1.0.1'])
    await rm(files.hosts)
    assert.deepEqual((await ask()).addresses, ['127.9.9.9'])
  })

  const TEXT = [
    '# 127.0.0.9 api.dev.jp',
    '127.0.0.1 localhost',
    '127.1.0.1   other  api.dev.jp.',
    '127.1.0.2 api.dev.jp#x',
    '127.1.0.1 API.DEV.JP',
    'no-address api.dev.jp',
    '127.1.0.3 api.dev.jp.example xapi.dev.jp',
    '2001:db8::1 api.dev.jp\r',
    '127.1.0.4',
  ].join('\n')

  test('names the addresses of all its lines, once each', async t => {
    const { files } = await systemFiles(t, { hosts: TEXT })
    assert.deepEqual(await inHosts(files.hosts, 'api.dev.jp'), ['127.1.0.1', '127.1.0.2', '2001:db8::1'])
    assert.deepEqual(await inHosts(files.hosts, 'nobody'), [])
  })

  for (const [family, expected] of [
    ['4', ['127.1.0.1', '127.1.0.2']],
    ['6', ['2001:db8::1']],
    ['both', ['127.1.0.1', '127.1.0.2', '2001:db8::1']],
  ] as const) {
    test(`counts for the addresses of DNS_FAMILY ${family}`, async t => {
      const { files } = await systemFiles(t, { hosts: TEXT })
      assert.deepEqual((await createResolver('api.dev.jp', [], family, files)()).addresses, expected)
    })
  }

  test('with addresses of the other family alone leaves it to DNS, and the error says so', async t => {
    const { dns, files } = await systemFiles(t, { hosts: '2001:db8::1 api.dev.jp' })
    const ask = createResolver('api.dev.jp', [], '4', files)
    await assert.rejects(ask(), {
      code: 'ENOTFOUND',
      message: /hosts has only 2001:db8::1, and DNS_FAMILY is 4/,
    })
    dns.list('api.dev.jp', ['127.9.9.9'])
    assert.deepEqual((await ask()).addresses, ['127.9.9.9'])
  })

  for (const [how, change] of [
    ['is written', (file: string) => writeFile(file, '127.1.0.2 api.dev.jp')],
    [
      'is renamed into place',
      async (file: string) => {
        await writeFile(`${file}.new`, '127.1.0.2 api.dev.jp')
        await rename(`${file}.new`, file)
      },
    ],
    ['is gone', (file: string) => rm(file)],
  ] as const) {
    test(`that ${how} is noticed`, async t => {
      const { files } = await systemFiles(t, { hosts: '127.1.0.1 api.dev.jp' })
      const { promise, resolve } = Promise.withResolvers<void>()
      t.after(watchHosts(resolve, files))
      await change(files.hosts)
      await promise
    })
  }

  test('is watched for many backends without a warning of a leak', async t => {
    const { files } = await systemFiles(t, { hosts: '' })
    const warned = t.mock.fn()
    process.on('warning', warned)
    t.after(() => void process.off('warning', warned))
    for (let i = 0; i < 11; i++) t.after(watchHosts(() => {}, files))
    await turn()
    assert.equal(warned.mock.callCount(), 0)
  })
})

describe('resolv.conf', () => {
  test('has resolvers, the last search list and ndots', async t => {
    const { files } = await systemFiles(t)
    const read = async (text: string) => {
      await writeFile(files.resolvConf, text)
      return readResolvConf(files.resolvConf)
    }
    assert.deepEqual(await read(''), { servers: [], search: [], ndots: 1 })
    assert.deepEqual(
      await read(
        '; x\nnameserver 10.0.0.2 # y\nnameserver  ::1\nnameserver none\nsearch a.jp\nsearch B.jp. c.jp\noptions timeout:1 ndots:5 rotate\n',
      ),
      { servers: ['10.0.0.2', '::1'], search: ['b.jp', 'c.jp'], ndots: 5 },
    )
    assert.deepEqual((await read('search a.jp b.jp\ndomain c.jp')).search, ['c.jp'])
    assert.equal((await read('options ndots:99')).ndots, 15)
    assert.deepEqual((await read('search .')).search, [])
    await rm(files.resolvConf)
    assert.deepEqual(await readResolvConf(files.resolvConf), { servers: [], search: [], ndots: 1 })
  })

  for (const [name, ndots, expected] of [
    ['api', 1, ['api.a.jp', 'api.b.jp', 'api']],
    ['api.prod', 1, ['api.prod', 'api.prod.a.jp', 'api.prod.b.jp']],
    ['api.prod', 5, ['api.prod.a.jp', 'api.prod.b.jp', 'api.prod']],
    ['api.', 1, ['api.']],
    ['api', 0, ['api', 'api.a.jp', 'api.b.jp']],
  ] as const) {
    test(`with ndots ${ndots} ${name} is looked for as ${expected.join(', ')}`, () => {
      assert.deepEqual(candidatesOf(name, { search: ['a.jp', 'b.jp'], ndots }), expected)
    })
  }

  test('its search list is gone through until a name has an address', async t => {
    const { dns, files } = await systemFiles(t, { conf: 'search a.jp b.jp' })
    dns.list('api.b.jp', ['127.1.0.1'], 60)
    const answer = await createResolver('api', [], '4', files)()
    assert.deepEqual(answer, { addresses: ['127.1.0.1'], ttlMs: 60_000, name: 'api.b.jp' })
    assert.deepEqual(namesAsked(dns), ['api.a.jp', 'api.b.jp'])
  })

  test('a resolver that is silent is waited for with the first name of the search list alone', async t => {
    const { dns, files } = await systemFiles(t)
    dns.behave('silent')
    const other = await startDns()
    t.after(() => other.close())
    other.list('api.b.jp', ['127.1.0.1'])
    const conf = `nameserver ${dns.address}\nnameserver ${other.address}\nsearch a.jp b.jp\n`
    await writeFile(files.resolvConf, conf)
    assert.deepEqual((await createResolver('api', [], '4', files)()).addresses, ['127.1.0.1'])
    assert.deepEqual(namesAsked(dns), ['api.a.jp'])
  })

  test('a change of it counts with the next question, resolvers included', async t => {
    const { dns, files } = await systemFiles(t)
    const other = await startDns()
    t.after(() => other.close())
    dns.list('api', ['127.1.0.1'])
    other.list('api.c.jp', ['127.1.0.2'])
    const ask = createResolver('api', [], '4', files)
    assert.deepEqual((await ask()).addresses, ['127.1.0.1'])
    await writeFile(files.resolvConf, `nameserver ${other.address}\nsearch c.jp\n`)
    assert.deepEqual((await ask()).addresses, ['127.1.0.2'])
  })

  test('is not read with DNS_SERVERS', async t => {
    const { dns, files } = await systemFiles(t, { conf: 'search a.jp' })
    dns.list('api.a.jp', ['127.1.0.1'])
    await assert.rejects(createResolver('api', [dns.address], '4', files)(), { code: 'ENOTFOUND' })
    assert.deepEqual(namesAsked(dns), ['api'])
  })

  test('an error names the hosts file, the resolver and the names that it was asked for', async t => {
    const { dns, files } = await systemFiles(t, { conf: 'search a.jp' })
    const ask = createResolver('api', [], '4', files)
    const who = `${files.hosts} does not name it; ${dns.address} was asked for api.a.jp, api`
    await assert.rejects(ask(), { code: 'ENOTFOUND', message: `no address: ${who}` })
    dns.behave('servfail')
    await assert.rejects(ask(), { code: 'ESERVFAIL', message: `queryA ESERVFAIL api.a.jp: ${who}` })
  })

  test('a name that fails is passed over, unless it was the right one until now', async t => {
    const { dns, files } = await systemFiles(t, { conf: 'search a.jp' })
    const zone = (name: string, fails: boolean) => (fails ? dns.fail(name) : dns.list(name, ['127.1.0.1']))
    dns.list('api', ['127.9.9.9'])
    zone('api.a.jp', true)
    const ask = createResolver('api', [], '4', files)
    assert.deepEqual((await ask()).addresses, ['127.9.9.9'])
    zone('api.a.jp', false)
    assert.deepEqual((await ask()).addresses, ['127.1.0.1'])
    zone('api.a.jp', true)
    await assert.rejects(ask(), { code: 'ESERVFAIL' })
  })

  for (const how of ['refused', 'silent'] as const) {
    test(`behind a name of the search list that is ${how} the name itself is asked for, as glibc does, and no other one`, async t => {
      const { dns, files } = await systemFiles(t, { conf: 'search a.jp b.jp\noptions ndots:5' })
      dns.fail('api.dev.jp.a.jp', how)
      dns.list('api.dev.jp', ['127.1.0.1'])
      const ask = createResolver('api.dev.jp', [], '4', files)
      assert.deepEqual((await ask()).addresses, ['127.1.0.1'])
      assert.deepEqual(namesAsked(dns), ['api.dev.jp.a.jp', 'api.dev.jp'])
    })

    test(`behind a name of the search list that is ${how} the name that was the right one until now is asked for, and no other one`, async t => {
      const { dns, files } = await systemFiles(t, { conf: 'search a.jp b.jp\noptions ndots:5' })
      dns.list('api.dev.jp.b.jp', ['127.1.0.1'])
      dns.list('api.dev.jp', ['127.9.9.9'])
      const ask = createResolver('api.dev.jp', [], '4', files)
      assert.deepEqual((await ask()).addresses, ['127.1.0.1'])
      dns.fail('api.dev.jp.a.jp', how)
      dns.list('api.dev.jp.b.jp', ['127.1.0.2'])
      assert.deepEqual((await ask()).addresses, ['127.1.0.2'])
      assert.deepEqual(namesAsked(dns), ['api.dev.jp.a.jp', 'api.dev.jp.b.jp'])
    })
  }

  test('a name that has lost its addresses is not replaced by another one of its search list', async t => {
    const { dns, files } = await systemFiles(t, { conf: 'search a.jp' })
    dns.list('api.dev.jp', ['127.1.0.1'])
    dns.list('api.dev.jp.a.jp', ['127.9.9.9'])
    const ask = createResolver('api.dev.jp', [], '4', files)
    assert.deepEqual((await ask()).addresses, ['127.1.0.1'])
    dns.list('api.dev.jp', [])
    await assert.rejects(ask())
  })
})
