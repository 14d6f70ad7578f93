import assert from 'node:assert/strict'
import { once } from 'node:events'
import https from 'node:https'
import { after, before, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import tls from 'node:tls'
import { listening } from '../test/listening.ts'
import { type Alb, type Fault, startAlb } from './alb.ts'
import { type Authority, createAuthority } from './certificates.ts'
import { type DnsServer, startDns } from './dns.ts'

let authority: Authority
let dns: DnsServer
let alb: Alb

before(async () => {
  authority = await createAuthority()
  dns = await startDns()
  alb = await startAlb({ dns, authority, handler: (_, response) => response.end('well') })
})
after(async () => {
  await alb.close()
  await dns.close()
})

const to = (address: string) => ({
  host: address,
  port: alb.port,
  servername: alb.name,
  ca: authority.ca,
  agent: false,
})

async function statusOf(address: string): Promise<number | undefined> {
  const [response] = await once(https.get(to(address)), 'response')
  response.resume()
  return response.statusCode
}

const failing: [Fault, string][] = [
  ['refuse', 'ECONNREFUSED'],
  ['reset', 'ECONNRESET'],
  ['wrong-certificate', 'ERR_TLS_CERT_ALTNAME_INVALID'],
]
for (const [fault, code] of failing) {
  test(`${fault} is seen as ${code}, and heals`, async () => {
    const [address = ''] = alb.listed
    await alb.fault(address, fault)
    assert.ok(alb.nodes.has(address))
    await assert.rejects(statusOf(address), { code })
    await alb.heal(address)
    assert.equal(await statusOf(address), 200)
  })
}

// A silence shows by nothing else than time; on loopback each of these steps takes a few milliseconds.
const silences: [Fault, string[]][] = [
  ['drop', []],
  ['hang', ['connect']],
  ['silent', ['connect', 'secureConnect']],
]
for (const [fault, steps] of silences) {
  test(`${fault} comes as far as [${steps}], and heals`, async () => {
    const [address = ''] = alb.listed
    await alb.fault(address, fault)
    const seen: string[] = []
    const socket = tls.connect(to(address))
    for (const event of ['connect', 'secureConnect', 'data', 'close', 'error']) {
      socket.on(event, () => seen.push(event))
    }
    socket.write('GET / HTTP/1.1\r\nHost: api.dev.jp\r\n\r\n')
    await setTimeout(300)
    socket.destroy()
    assert.deepEqual(seen, steps)
    await alb.heal(address)
    assert.equal(await statusOf(address), 200)
  })
}

test('a dropped address goes on dropping connects', async () => {
  const [address = ''] = alb.listed
  await alb.fault(address, 'drop')
  const sockets = Array.from({ length: 10 }, () => tls.connect(to(address)))
  await setTimeout(300)
  for (const socket of sockets) {
    assert.ok(socket.connecting)
    socket.destroy()
  }
})

test('a fault takes the place of another', async () => {
  const [address = ''] = alb.listed
  await alb.fault(address, 'drop')
  for (const [fault, code] of failing) {
    await alb.fault(address, fault)
    await assert.rejects(statusOf(address), { code })
  }
})

test('a fault leaves DNS as it is', async () => {
  const listed = [...alb.listed]
  await alb.fault(listed[0] ?? '', 'refuse')
  assert.deepEqual(alb.listed, listed)
})

test('a certificate out of its validity is refused', async t => {
  const { key, cert } = await authority.issue([alb.name], { notAfter: new Date(Date.now() - 1_000) })
  const server = tls.createServer({ key, cert }).on('tlsClientError', () => {})
  const socket = tls.connect({ ...to('127.0.0.1'), port: await listening(t, server) })
  await assert.rejects(once(socket, 'secureConnect'), { code: 'CERT_HAS_EXPIRED' })
})

test('a certificate for an IP address is good for that address', async t => {
  const server = tls.createServer(await authority.issue(['127.0.0.1', '::1']))
  const socket = tls.connect({ host: '127.0.0.1', port: await listening(t, server), ca: authority.ca })
  await once(socket, 'secureConnect')
  assert.equal(socket.getPeerCertificate().subjectaltname, 'IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1')
  socket.destroy()
})
