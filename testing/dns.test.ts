import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, beforeEach, test } from 'node:test'
import packet from 'dns-packet'
import { type DnsServer, startDns } from './dns.ts'

let dns: DnsServer
const started: DnsServer[] = []

beforeEach(async () => {
  dns = await startDns()
  started.push(dns)
})
after(() => Promise.all(started.map(server => server.close())))

function resolver() {
  const resolver = new Resolver({ timeout: 250, tries: 1 })
  resolver.setServers([dns.address])
  return resolver
}

test('IPv4 is answered as A and IPv6 as AAAA, with the TTL in seconds', async () => {
  dns.list('api.dev.jp', ['10.0.1.1', 'fd00::1', '10.0.1.2'], 60)
  assert.deepEqual(await resolver().resolve4('api.dev.jp', { ttl: true }), [
    { address: '10.0.1.1', ttl: 60 },
    { address: '10.0.1.2', ttl: 60 },
  ])
  assert.deepEqual(await resolver().resolve6('api.dev.jp', { ttl: true }), [{ address: 'fd00::1', ttl: 60 }])
})

test('the TTL is one second unless it is given', async () => {
  dns.list('api.dev.jp', ['10.0.1.1'])
  assert.deepEqual(await resolver().resolve4('api.dev.jp', { ttl: true }), [{ address: '10.0.1.1', ttl: 1 }])
})

test('a name is found whatever its case', async () => {
  dns.list('Api.Dev.jp', ['10.0.1.1'])
  assert.deepEqual(await resolver().resolve4('aPI.dEV.JP'), ['10.0.1.1'])
})

test('a new list takes the place of the old one at once', async () => {
  dns.list('api.dev.jp', ['10.0.1.1'], 60)
  const client = resolver()
  await client.resolve4('api.dev.jp')
  dns.list('api.dev.jp', ['10.0.1.2'], 60)
  assert.deepEqual(await client.resolve4('api.dev.jp'), ['10.0.1.2'])
})

test('an unknown name is NXDOMAIN', async () => {
  await assert.rejects(resolver().resolve4('nobody.dev.jp'), { code: 'ENOTFOUND' })
})

test('a known name without addresses of the family is an empty answer', async () => {
  dns.list('api.dev.jp', ['10.0.1.1'])
  await assert.rejects(resolver().resolve6('api.dev.jp'), { code: 'ENODATA' })
})

const failures = [
  ['servfail', 'ESERVFAIL'],
  ['nxdomain', 'ENOTFOUND'],
  ['empty', 'ENODATA'],
  ['silent', 'ETIMEOUT'],
] as const
for (const [behaviour, code] of failures) {
  test(`${behaviour} is seen as ${code}, and answer ends it`, async () => {
    dns.list('api.dev.jp', ['10.0.1.1'])
    dns.behave(behaviour)
    await assert.rejects(resolver().resolve4('api.dev.jp'), { code })
    dns.behave('answer')
    assert.deepEqual(await resolver().resolve4('api.dev.jp'), ['10.0.1.1'])
  })
}

// Asked for by hand: node:dns (c-ares) takes the records without a look at whose they are.
test('wrong-name answers with the records of another name', async () => {
  dns.list('api.dev.jp', ['10.0.1.1'])
  dns.behave('wrong-name')
  const [host, port] = dns.address.split(':')
  const socket = createSocket('udp4')
  const question = packet.encode({ type: 'query', id: 7, questions: [{ type: 'A', name: 'api.dev.jp' }] })
  socket.send(question, Number(port), host)
  const [reply]: Buffer[] = await once(socket, 'message')
  socket.close()
  assert.ok(reply)
  assert.deepEqual(
    packet.decode(reply).answers?.map(({ name }) => name),
    ['wrong.api.dev.jp'],
  )
})

test('one family can fail while the other answers', async () => {
  dns.list('api.dev.jp', ['10.0.1.1', 'fd00::1'])
  dns.behave('servfail', 6)
  await assert.rejects(resolver().resolve6('api.dev.jp'), { code: 'ESERVFAIL' })
  assert.deepEqual(await resolver().resolve4('api.dev.jp'), ['10.0.1.1'])
})

test('truncate has the client come back over TCP for all of it', async () => {
  dns.list('api.dev.jp', ['10.0.1.1', '10.0.1.2'])
  dns.behave('truncate')
  assert.deepEqual(await resolver().resolve4('api.dev.jp'), ['10.0.1.1', '10.0.1.2'])
  assert.deepEqual(
    dns.queries.map(({ over }) => over),
    ['udp', 'tcp'],
  )
})

test('rotate starts each answer one address further', async () => {
  dns.list('api.dev.jp', ['10.0.1.1', '10.0.1.2', '10.0.1.3'])
  dns.order = 'rotate'
  const firsts: unknown[] = []
  for (let i = 0; i < 4; i++) firsts.push((await resolver().resolve4('api.dev.jp'))[0])
  assert.deepEqual(firsts, ['10.0.1.1', '10.0.1.2', '10.0.1.3', '10.0.1.1'])
})

test('a subset is another part of the list in each answer', async () => {
  dns.list('api.dev.jp', ['10.0.1.1', '10.0.1.2', '10.0.1.3'])
  dns.subset = 2
  const client = resolver()
  assert.deepEqual(await client.resolve4('api.dev.jp'), ['10.0.1.1', '10.0.1.2'])
  assert.deepEqual(await client.resolve4('api.dev.jp'), ['10.0.1.3', '10.0.1.1'])
  assert.deepEqual(await client.resolve4('api.dev.jp'), ['10.0.1.2', '10.0.1.3'])
})

test('each question is recorded with its name, type and transport', async () => {
  const before = Date.now()
  await resolver()
    .resolve6('Nobody.dev.jp')
    .catch(() => {})
  const { at, ...query } = dns.queries[0] ?? { at: 0 }
  assert.deepEqual(query, { name: 'nobody.dev.jp', type: 'AAAA', over: 'udp' })
  assert.ok(at >= before && at <= Date.now())
})

test('what is not DNS is ignored, and the next question is answered', async () => {
  dns.list('api.dev.jp', ['10.0.1.1'])
  const socket = createSocket('udp4')
  const [host, port] = dns.address.split(':')
  await new Promise(resolve => socket.send('no', Number(port), host, resolve))
  socket.close()
  assert.deepEqual(await resolver().resolve4('api.dev.jp'), ['10.0.1.1'])
})

test('closing does not wait for a client that keeps its TCP connection', async () => {
  const server = await startDns()
  const [host, port] = server.address.split(':')
  const socket = connect(Number(port), host)
  await once(socket, 'connect')
  const closed = once(socket, 'close')
  socket.resume()
  await server.close()
  await closed
})
