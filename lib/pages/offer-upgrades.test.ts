import assert from 'node:assert/strict'
import http from 'node:http'
import net from 'node:net'
import type { Duplex } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { listening } from '../../test/listening.ts'
import { ask, header, wire } from '../../test/raw.ts'
import { offerUpgrades } from './offer-upgrades.ts'

const UPGRADE =
  'GET /a?b=1 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Own: \xe9\r\n\r\n'

/** A server of Next's kind, with what it does to an upgrade. */
async function offered(
  t: TestContext,
  next: (req: http.IncomingMessage, socket: Duplex) => unknown,
  ms?: number,
  own?: (req: http.IncomingMessage, socket: Duplex) => unknown,
): Promise<number> {
  const server = http.createServer(({ method, url, headers }, res) =>
    res.end(JSON.stringify([method, url, headers.upgrade, headers['x-own'] === '\xe9'])),
  )
  offerUpgrades(server, next, ms)
  // as Socket.IO does, whose page is asked for later
  if (own) server.on('upgrade', own)
  return listening(t, server)
}

for (const [words, next] of [
  ['closes its connection', async (_req: http.IncomingMessage, socket: Duplex) => void socket.end()],
  ['does nothing with it', async () => {}],
  ['throws', async () => Promise.reject(new Error('of proxy.ts'))],
  [
    'asks another server something else',
    (_req: http.IncomingMessage, _socket: Duplex) =>
      void http.get('http://127.0.0.1:1').on('error', () => {}),
  ],
] as const) {
  test(`an upgrade is the plain request that it also is where Next ${words}`, async t => {
    const client = await wire(t, await offered(t, next))
    client.send(UPGRADE)
    const answer = await client.answer()
    assert.deepEqual(JSON.parse(answer.body), ['GET', '/a?b=1', null, true])
    assert.equal(header(answer, 'connection'), 'close')
    assert.equal(await client.closed(), '')
  })
}

test('a server that does not answer a handshake which Next passes on is waited for so long, and no longer', async t => {
  const silent = await listening(
    t,
    net.createServer(socket => void socket.on('error', () => {}).resume()),
  )
  const port = await offered(
    t,
    async (_req, socket) => {
      const headers = { Connection: 'Upgrade', Upgrade: 'websocket' }
      http
        .get({ port: silent, host: '127.0.0.1', headers, agent: false })
        .on('error', () => socket.end('ended'))
    },
    50,
  )
  const client = await wire(t, port)
  client.send(UPGRADE)
  assert.equal(await client.closed(), 'ended')
})

test('what Next passes on and ends at once is closed', async t => {
  const port = await offered(t, async (_req, socket) => {
    const headers = { Connection: 'Upgrade', Upgrade: 'websocket' }
    http.get({ port: 1, host: '127.0.0.1', headers, agent: false }).on('error', () => {})
    socket.end()
  })
  await assert.rejects(ask(port, UPGRADE), /closed before/)
})

const nothing = async () => {}
const close = async (_req: http.IncomingMessage, socket: Duplex) => void socket.end()
function accept(_req: http.IncomingMessage, socket: Duplex) {
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  socket.resume().once('end', () => socket.end('bye'))
}

for (const [words, next, own] of [
  ['takes at once', nothing, accept],
  [
    'takes after a while',
    nothing,
    (req: http.IncomingMessage, socket: Duplex) => setTimeout(accept, 50, req, socket),
  ],
  ['has taken when Next closes it', close, accept],
] as const) {
  test(`an upgrade is that of a page's own listener, which it ${words}`, async t => {
    const client = await wire(t, await offered(t, next, undefined, own))
    client.send(UPGRADE)
    assert.equal((await client.answer(true)).status, 101)
    client.halfClose()
    // no answer to a plain request comes into it
    assert.equal(await client.closed(), 'bye')
  })
}

test("a page's own listener may refuse an upgrade while Next decides about it", async t => {
  const refuse = (_req: http.IncomingMessage, socket: Duplex) =>
    void socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n')
  const client = await wire(t, await offered(t, nothing, undefined, refuse))
  client.send(UPGRADE)
  assert.equal((await client.answer()).status, 401)
  assert.equal(await client.closed(), '')
})

test('an upgrade of a page stays the plain request that it also is beside a listener of another page', async t => {
  const { status } = await ask(await offered(t, close, undefined, () => {}), UPGRADE)
  assert.equal(status, 200)
})

test("what a page's own listener leaves alone as Next does is closed after a while", async t => {
  const client = await wire(t, await offered(t, nothing, 50, () => {}))
  client.send(UPGRADE)
  assert.equal(await client.closed(), '')
})
