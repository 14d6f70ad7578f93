import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import packet from 'dns-packet'
import { type DnsBehaviour, type DnsServer, startDns } from '../../testing/dns.ts'
import { createResolver } from './resolver.ts'

const NAME = 'api.dev.jp'

async function dnsWith(t: TestContext, addresses: string[], ttl = 1): Promise<DnsServer> {
  const dns = await startDns()
  t.after(() => dns.close())
  dns.list(NAME, addresses, ttl)
  return dns
}

// Each has a DNS server of its own, and the silent ones take seconds. No count of questions is exact: on a busy
// machine c-ares may ask twice.
describe('the resolver', { concurrency: 4 }, () => {
  test('an answer is its addresses and its TTL in milliseconds', async t => {
    const dns = await dnsWith(t, ['127.1.0.1', '127.1.0.2'], 60)
    const ask = createResolver(NAME, [dns.address], '4')
    assert.deepEqual(await ask(), { addresses: ['127.1.0.1', '127.1.0.2'], ttlMs: 60_000 })
  })

  test('every question reaches the DNS server, whatever the TTL: nothing in between caches', async t => {
    const dns = await dnsWith(t, ['127.1.0.1'], 86_400)
    const ask = createResolver(NAME, [dns.address], '4')
    for (let i = 1; i <= 5; i++) {
      dns.list(NAME, [`127.1.0.${i}`], 86_400)
      assert.deepEqual((await ask()).addresses, [`127.1.0.${i}`])
    }
    assert.ok(dns.queries.length >= 5)
  })

  test('an address that is listed twice is one address', async t => {
    const dns = await dnsWith(t, ['127.1.0.1', '127.1.0.2', '127.1.0.1'])
    const { addresses } = await createResolver(NAME, [dns.address], '4')()
    assert.deepEqual(addresses, ['127.1.0.1', '127.1.0.2'])
  })

  test('twelve addresses come over TCP when the UDP answer is truncated', async t => {
    const twelve = Array.from({ length: 12 }, (_, i) => `127.1.0.${i + 1}`)
    const dns = await dnsWith(t, twelve)
    dns.behave('truncate')
    const { addresses } = await createResolver(NAME, [dns.address], '4')()
    assert.deepEqual(addresses, twelve)
    assert.deepEqual(new Set(dns.queries.map(each => each.over)), new Set(['udp', 'tcp']))
  })

  test('the TTL of a CNAME counts where it is the shorter one', async t => {
    const server = createSocket('udp4')
    server.on('message', (message, from) => {
      const { id = 0, questions = [] } = packet.decode(message)
      const answers: packet.Answer[] = [
        { name: NAME, type: 'CNAME', ttl: 5, data: 'alb.example' },
        { name: 'alb.example', type: 'A', ttl: 60, data: '127.1.0.1' },
      ]
      server.send(packet.encode({ type: 'response', id, questions, answers }), from.port, from.address)
    })
    await once(server.bind(0, '127.0.0.1'), 'listening')
    t.after(() => server.close())
    const ask = createResolver(NAME, [`127.0.0.1:${server.address().port}`], '4')
    assert.deepEqual(await ask(), { addresses: ['127.1.0.1'], ttlMs: 5000 })
  })

  for (const [hostname, expected] of [
    ['127.1.2.3', '127.1.2.3'],
    ['[::1]', '::1'],
    ['localhost', 'localhost'],
    ['LOCALHOST.', 'localhost'],
    ['api.localhost', 'localhost'],
  ] as const) {
    test(`${hostname} is known without a question`, async t => {
      const dns = await dnsWith(t, [])
      dns.list('localhost', ['127.6.6.6'])
      const answer = await createResolver(hostname, [dns.address], '4')()
      assert.deepEqual(answer, { addresses: [expected], ttlMs: Number.POSITIVE_INFINITY })
      assert.equal(dns.queries.length, 0)
    })
  }

  for (const [family, types, expected] of [
    ['4', ['A'], ['127.1.0.1']],
    ['6', ['AAAA'], ['fd00::1']],
    ['both', ['A', 'AAAA'], ['127.1.0.1', 'fd00::1']],
  ] as const) {
    test(`family ${family} asks for ${types.join(' and ')} and for nothing else`, async t => {
      const dns = await dnsWith(t, ['127.1.0.1', 'fd00::1'])
      const { addresses } = await createResolver(NAME, [dns.address], family)()
      assert.deepEqual(addresses, expected)
      assert.deepEqual(new Set(dns.queries.map(each => each.type)), new Set(types))
    })
  }

  for (const how of ['servfail', 'silent', 'nxdomain', 'empty'] as const) {
    test(`an AAAA that is ${how} from the start leaves the A addresses alone`, async t => {
      const dns = await dnsWith(t, ['127.1.0.1', 'fd00::1'], 7)
      dns.behave(how, 6)
      const answer = await createResolver(NAME, [dns.address], 'both')()
      assert.deepEqual(answer, { addresses: ['127.1.0.1'], ttlMs: 7000 })
    })
  }

  for (const how of ['servfail', 'silent'] as const) {
    test(`an AAAA that turns ${how} keeps its last addresses, and the A addresses go on changing`, async t => {
      const dns = await dnsWith(t, ['127.1.0.1', 'fd00::1'])
      const ask = createResolver(NAME, [dns.address], 'both')
      await ask()
      dns.behave(how, 6)
      dns.list(NAME, ['127.1.0.2'])
      assert.deepEqual((await ask()).addresses, ['127.1.0.2', 'fd00::1'])
    })
  }

  for (const how of ['nxdomain', 'empty'] as const) {
    test(`an AAAA that turns ${how} is gone, and the A addresses stay`, async t => {
      const dns = await dnsWith(t, ['127.1.0.1', 'fd00::1'])
      const ask = createResolver(NAME, [dns.address], 'both')
      await ask()
      dns.behave(how, 6)
      assert.deepEqual((await ask()).addresses, ['127.1.0.1'])
    })
  }

  const FAILURES: [DnsBehaviour, string][] = [
    ['silent', 'ETIMEOUT'],
    ['servfail', 'ESERVFAIL'],
    ['nxdomain', 'ENOTFOUND'],
    ['empty', 'ENOTFOUND'],
  ]
  for (const [how, code] of FAILURES) {
    test(`an answer that is ${how} rejects with ${code}, also after a good one`, async t => {
      const dns = await dnsWith(t, ['127.1.0.1'])
      const ask = createResolver(NAME, [dns.address], '4')
      await ask()
      dns.behave(how)
      await assert.rejects(ask(), { code })
    })
  }

  test('a failing A rejects where there is no AAAA: what is remembered is no answer', async t => {
    const dns = await dnsWith(t, ['127.1.0.1'])
    const ask = createResolver(NAME, [dns.address], 'both')
    await ask()
    dns.behave('servfail', 4)
    await assert.rejects(ask(), { code: 'ESERVFAIL' })
  })

  test('both families failing rejects, also after a good answer', async t => {
    const dns = await dnsWith(t, ['127.1.0.1', 'fd00::1'])
    const ask = createResolver(NAME, [dns.address], 'both')
    await ask()
    dns.behave('servfail')
    await assert.rejects(ask(), { code: 'ESERVFAIL' })
  })

  test('an answer after a failure is as good as any: no error is remembered', async t => {
    const dns = await dnsWith(t, ['127.1.0.1'])
    const ask = createResolver(NAME, [dns.address], '4')
    for (const how of ['nxdomain', 'servfail', 'empty'] as const) {
      dns.behave(how)
      await assert.rejects(ask())
      dns.behave('answer')
      assert.deepEqual((await ask()).addresses, ['127.1.0.1'])
    }
  })

  for (const how of ['silent', 'servfail'] as const) {
    test(`the second resolver is asked when the first is ${how}`, async t => {
      const first = await dnsWith(t, [])
      first.behave(how)
      const second = await dnsWith(t, ['127.1.0.1'])
      const ask = createResolver(NAME, [first.address, second.address], '4')
      assert.deepEqual((await ask()).addresses, ['127.1.0.1'])
    })
  }

  test('the second resolver is not asked whether there is a name that the first does not know', async t => {
    const [first, second] = [await dnsWith(t, []), await dnsWith(t, ['127.1.0.1'])]
    await assert.rejects(createResolver(NAME, [first.address, second.address], '4')(), { code: 'ENOTFOUND' })
    assert.equal(second.queries.length, 0)
  })

  test('a resolver that takes longer than a try each time is heard', async t => {
    const server = createSocket('udp4')
    server.on('message', async (message, from) => {
      const { id = 0, questions = [] } = packet.decode(message)
      const answers: packet.Answer[] = [{ name: NAME, type: 'A', ttl: 5, data: '127.1.0.1' }]
      await sleep(400)
      server.send(packet.encode({ type: 'response', id, questions, answers }), from.port, from.address)
    })
    await once(server.bind(0, '127.0.0.1'), 'listening')
    t.after(() => server.close())
    const ask = createResolver(NAME, [`127.0.0.1:${server.address().port}`], '4')
    for (let i = 0; i < 2; i++) assert.deepEqual((await ask()).addresses, ['127.1.0.1'])
    await sleep(400)
  })

  test('the A addresses do not wait for all tries of a silent AAAA', async t => {
    const dns = await dnsWith(t, ['127.1.0.1'])
    dns.behave('silent', 6)
    await createResolver(NAME, [dns.address, dns.address, dns.address], 'both')()
    assert.ok(dns.queries.filter(({ type }) => type === 'AAAA').length < 12)
  })
})
