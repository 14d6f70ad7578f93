import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import net from 'node:net'
import { networkInterfaces } from 'node:os'
import { type TestContext, test } from 'node:test'
import tls from 'node:tls'
import { authority, withBackend } from '../../test/backend.ts'
import { listening } from '../../test/listening.ts'
import { eventually } from '../../test/raw.ts'
import type { Alb, Fault } from '../../testing/alb.ts'
import { createAuthority } from '../../testing/certificates.ts'
import { type Connection, connect, type Target, targetOf } from './connect.ts'

/** Connects; a connection that is had ends with the test. */
async function open(
  t: TestContext,
  address: string,
  target: Target,
  { timeoutMs = 5000, signal = new AbortController().signal } = {},
): Promise<Connection> {
  const connection = await connect(address, target, timeoutMs, signal)
  t.after(() => connection.socket.destroy())
  return connection
}

async function nodeOf(t: TestContext, fault?: Fault): Promise<{ alb: Alb; address: string; target: Target }> {
  const { alb } = await withBackend(t)
  const [address = ''] = alb.listed
  if (fault) await alb.fault(address, fault)
  return { alb, address, target: { port: alb.port, verify: alb.name } }
}

/** A TLS server with a certificate for `names`, and the server names that clients asked it for. */
async function tlsServer(t: TestContext, names: string[], host = '127.0.0.1') {
  const asked: unknown[] = []
  const server = tls.createServer(await authority.issue(names), socket => {
    asked.push(socket.servername)
    socket.on('error', () => {}).resume()
  })
  server.on('tlsClientError', () => {})
  return { port: await listening(t, server, host), asked }
}

test('a connection is verified, knows its address and what TCP took', async t => {
  const { address, target } = await nodeOf(t)
  const before = performance.now()
  const connection = await open(t, address, target)
  const took = performance.now() - before
  const { socket, connectMs } = connection
  assert.ok(socket instanceof tls.TLSSocket && socket.authorized)
  assert.equal(connection.address, address)
  assert.equal(socket.remoteAddress, address)
  assert.ok(connectMs > 0 && connectMs < took, `${connectMs} of ${took} ms`)
})

for (const verify of [true, false]) {
  test(`a connection ${verify ? 'by TLS' : 'over plain HTTP'} has TCP's keep-alive before its first request`, {
    skip: process.platform !== 'linux' && 'only Linux tells',
  }, async t => {
    const { alb } = await withBackend(t, { secure: verify })
    const [address = ''] = alb.listed
    const { socket } = await open(t, address, { port: alb.port, ...(verify && { verify: alb.name }) })
    const hex = (port = 0) => port.toString(16).toUpperCase().padStart(4, '0')
    // proc(5): local_address rem_address st tx_queue:rx_queue tr:tm->when; timer 2 is the keep-alive's
    const kept = new RegExp(`:${hex(socket.localPort)} \\w+:${hex(alb.port)} \\w+ \\w+:\\w+ 02:`)
    await eventually(async () => kept.test(await readFile('/proc/self/net/tcp', 'latin1')))
  })
}

test('a set up connection keeps no timer of the attempt, and no listener that would hide an error', async t => {
  const timers = () => process.getActiveResourcesInfo().filter(each => each === 'Timeout').length
  const { address, target } = await nodeOf(t)
  const before = timers()
  const { socket } = await open(t, address, target)
  assert.equal(timers(), before)
  assert.equal(socket.listenerCount('error'), 0)
})

test('plain http is TCP alone', async t => {
  const port = await listening(
    t,
    net.createServer(socket => socket.end('hello')),
  )
  const { socket } = await open(t, '127.0.0.1', { port })
  assert.ok(!(socket instanceof tls.TLSSocket))
  const [data]: Buffer[] = await once(socket, 'data')
  assert.equal(String(data), 'hello')
})

test('the certificate of somebody else is refused', async t => {
  const { address, target } = await nodeOf(t, 'wrong-certificate')
  await assert.rejects(open(t, address, target), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
})

test('the certificate of another authority is refused, be it of the same name, whatever NODE_TLS_REJECT_UNAUTHORIZED says', async t => {
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
  t.after(() => delete process.env.NODE_TLS_REJECT_UNAUTHORIZED)
  const stranger = await createAuthority()
  const server = tls.createServer(await stranger.issue(['api.dev.jp'])).on('tlsClientError', () => {})
  const target = { port: await listening(t, server), verify: 'api.dev.jp' }
  await assert.rejects(open(t, '127.0.0.1', target), { code: 'CERT_SIGNATURE_FAILURE' })
})

for (const name of ['api.dev.jp', 'api.dev.jp.'])
  test(`${name} is asked for by SNI, without a dot at the end`, async t => {
    const { port, asked } = await tlsServer(t, ['api.dev.jp'])
    await open(t, '127.0.0.1', targetOf(new URL(`https://${name}:${port}`)))
    await eventually(() => asked.length > 0)
    assert.deepEqual(asked, ['api.dev.jp'])
  })

const loopback = Object.values(networkInterfaces()).flatMap(each => each?.map(({ address }) => address) ?? [])
for (const address of ['127.0.0.1', '::1']) {
  const skip = !loopback.includes(address) && `this machine has no ${address}`
  test(`the literal ${address} must be in the certificate, and is not asked for by SNI`, {
    skip,
  }, async t => {
    const server = await tlsServer(t, [address], address)
    const { socket } = await open(t, address, { port: server.port, verify: address })
    assert.ok(socket instanceof tls.TLSSocket && socket.authorized)
    await eventually(() => server.asked.length > 0)
    assert.deepEqual(server.asked, [false])
  })
}

test('a literal that is not in the certificate is refused', async t => {
  const { port } = await tlsServer(t, ['127.0.0.2', 'api.dev.jp'])
  await assert.rejects(open(t, '127.0.0.1', { port, verify: '127.0.0.1' }), {
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  })
})

test('a refused connection rejects', async t => {
  const { alb, address, target } = await nodeOf(t)
  alb.kill(address)
  await assert.rejects(open(t, address, target), { code: 'ECONNREFUSED' })
})

test('a reset connection rejects', async t => {
  const { address, target } = await nodeOf(t, 'reset')
  await assert.rejects(open(t, address, target), { code: 'ECONNRESET' })
})

test('a connection that is ended inside the handshake rejects', async t => {
  const port = await listening(
    t,
    net.createServer(socket => socket.end()),
  )
  const target = { port, verify: 'api.dev.jp' }
  await assert.rejects(open(t, '127.0.0.1', target), { code: 'ECONNRESET' })
})

for (const [fault, step] of [
  ['drop', 'TCP'],
  ['hang', 'TLS'],
] as const) {
  test(`an address with the fault ${fault} rejects after the timeout for want of ${step}`, async t => {
    const { address, target } = await nodeOf(t, fault)
    const started = performance.now()
    await assert.rejects(open(t, address, target, { timeoutMs: 400 }), {
      code: 'ETIMEDOUT',
      message: `no ${step} within 400 ms`,
    })
    assert.ok(performance.now() - started >= 399)
  })
}

test('what this process is late itself counts little for the timeout', async t => {
  const { address, target } = await nodeOf(t)
  const timeoutMs = 300
  const connecting = open(t, address, target, { timeoutMs })
  for (const until = performance.now() + 2 * timeoutMs; performance.now() < until; );
  assert.equal((await connecting).address, address)
})

test('an abort ends the attempt and its connection', async t => {
  const { alb, address, target } = await nodeOf(t, 'hang')
  const node = alb.nodes.get(address)
  const overtaken = new AbortController()
  const attempt = open(t, address, target, { signal: overtaken.signal })
  await eventually(() => node?.connections === 1)
  overtaken.abort()
  await assert.rejects(attempt, /overtaken/)
  await eventually(() => node?.connections === 0)
})

test('an abort after the connection is set up leaves it alone', async t => {
  const { address, target } = await nodeOf(t)
  const losers = new AbortController()
  const { socket } = await open(t, address, target, { signal: losers.signal })
  losers.abort()
  await new Promise(setImmediate)
  assert.equal(socket.destroyed, false)
})

for (const host of ['127.0.0.1', '::1']) {
  test(`localhost is reached where only ${host} listens, over TLS too`, async t => {
    const hasIpv6 = Object.values(networkInterfaces()).some(all => all?.some(each => each.address === '::1'))
    if (host === '::1' && !hasIpv6) return t.skip('this machine has no IPv6')
    const plain = await listening(
      t,
      net.createServer().on('connection', socket => socket.resume()),
      host,
    )
    assert.equal((await open(t, 'localhost', { port: plain })).socket.remoteAddress, host)
    const secure = await tlsServer(t, ['localhost'], host)
    const { socket, address } = await open(t, 'localhost', { port: secure.port, verify: 'localhost' })
    assert.equal(socket.remoteAddress, host)
    assert.equal(address, 'localhost')
  })
}
