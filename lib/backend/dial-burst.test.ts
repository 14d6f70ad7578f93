import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import { authority } from '../../test/backend.ts'
import { withDialler } from '../../test/dialler.ts'
import { eventually } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import type { Alb } from '../../testing/alb.ts'
import { OVERTAKE_MS } from './connection-attempts.ts'
import type { ConnectionChoice } from './connection-choice.ts'

// What many dials at once come to.

/** An HTTPS server takes the place of a node; `admit` gets each connection, whose handshake begins when it calls back. */
async function placeGate(
  t: TestContext,
  { alb, address }: { alb: Alb; address: string },
  admit: (begin: () => void) => void,
) {
  alb.kill(address)
  const server = https.createServer(await authority.issue([alb.name]), (req, res) => {
    req.resume().on('end', () => res.end())
  })
  const sockets = new Set<net.Socket>()
  const gate = net.createServer(socket => {
    sockets.add(socket.on('error', () => {}))
    admit(() => server.emit('connection', socket))
  })
  server.on('tlsClientError', () => {})
  await once(gate.listen(alb.port, address), 'listening')
  t.after(() => {
    for (const each of sockets) each.destroy()
    gate.close()
  })
}

test('sixteen handshakes are under way at an address at most while any succeeds; the other dials wait for their turn, for longer than 2 × CONNECT_TIMEOUT', async t => {
  const connectTimeoutMs = 2500
  const { alb, dial, first } = await withDialler(t, { connectTimeoutMs })
  let underWay = 0
  /** those that began beside sixteen others, and how long after the last success */
  const more: number[] = []
  let connectedAt = performance.now()
  const { connect } = tls
  t.mock.method(tls, 'connect', (to: tls.ConnectionOptions) => {
    if (++underWay > 16) more.push(performance.now() - connectedAt)
    const ended = Promise.withResolvers<void>()
    ended.promise.then(() => underWay--)
    const socket = connect(to)
    for (const event of ['secureConnect', 'error', 'close']) socket.once(event, ended.resolve)
    return socket.once('secureConnect', () => {
      connectedAt = performance.now()
    })
  })
  await placeGate(t, { alb, address: first }, async begin => {
    await sleep(connectTimeoutMs * 0.4)
    begin()
  })
  const started = performance.now()
  const reached = await Promise.all(Array.from({ length: 7 * 16 }, dial))
  assert.deepEqual(new Set(reached), new Set([first]))
  assert.ok(
    more.every(ms => ms >= OVERTAKE_MS),
    `${more.map(Math.round)} ms`,
  )
  assert.ok(performance.now() - started > 2 * connectTimeoutMs)
})

test('a request that waits for a connection takes one of the pool as soon as it has come free', async t => {
  const { alb, url, server } = await stage(t, { count: 1, env: { CONNECT_TIMEOUT: '10s' } })
  const [address = ''] = alb.listed
  let requests = 0
  server.on('request', () => requests++)
  const held: (() => void)[] = []
  await placeGate(t, { alb, address }, begin => held.push(begin))
  const answers = Array.from({ length: 60 }, () => fetch(`${url}/user/login`))
  await eventually(() => requests === answers.length && held.length >= 16)
  for (const begin of held.slice(0, 16)) begin()
  const statuses = (await Promise.all(answers)).map(each => each.status)
  assert.deepEqual(new Set(statuses), new Set([200]))
})

/** One connection, which is busy until `finish`; a backend that takes no other one until `heal`. */
async function withOneConnection(t: TestContext) {
  const held: http.ServerResponse[] = []
  const handler: http.RequestListener = (req, res) => void (req.url === '/held' ? held.push(res) : res.end())
  const env = { CONNECT_TIMEOUT: '3s' }
  const { alb, backend } = await stage(t, { handler, count: 1, secure: false, env })
  const { agent } = backend
  function send(choice: ConnectionChoice, path = '/', method = 'GET') {
    const req = http.request(new URL(path, alb.origin), { agent: agent.agentFor(choice), method })
    const answered = once(req, 'response').then(([res]) => res.resume().statusCode)
    answered.catch(() => {})
    req.end()
    return { req, answered }
  }
  const [node] = alb.nodes.values()
  send('any', '/held')
  await eventually(() => held.length === 1)
  const { connect } = net
  let refused = 0
  const refusal = t.mock.method(net, 'connect', (to: net.NetConnectOpts) => {
    if (!('port' in to) || to.port !== alb.port) return connect(to)
    refused++
    const socket = new net.Socket()
    setImmediate(() => socket.destroy(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })))
    return socket
  })
  /** Until its dial has asked DNS, and waits for nothing but the others. */
  async function queue(choice: ConnectionChoice, method: string) {
    const sent = send(choice, '/', method)
    await eventually(() => refused > 0)
    await sleep(3 * OVERTAKE_MS)
    return sent
  }
  const finish = () => held[0]?.end()
  return { queue, finish, heal: () => refusal.mock.restore(), accepted: () => node?.accepted }
}

test('a request that waits takes the connection that comes free also behind one that cannot use it', async t => {
  const { queue, finish, heal } = await withOneConnection(t)
  const login = await queue('expect-continue', 'POST')
  const { answered } = await queue('any', 'GET')
  finish()
  assert.equal(await answered, 200)
  heal()
  assert.equal(await login.answered, 200)
})

test('and behind one whose client has left', async t => {
  const { queue, finish } = await withOneConnection(t)
  const left = await queue('any', 'GET')
  const { answered } = await queue('any', 'GET')
  left.req.destroy()
  finish()
  assert.equal(await answered, 200)
})

test('one look at the pool tells for all that wait with the same choice whether it has a connection for them', async t => {
  const { alb, dialler, failed, first } = await withDialler(t)
  alb.kill(first)
  let looks = 0
  let isOver = false
  const reuse = () => void looks++
  const waitIn = (choice: ConnectionChoice) => dialler.dial({ choice, reuse, hasLeft: () => isOver })
  const dials = Array.from({ length: 200 }, (_, i) => waitIn(i < 100 ? 'expect-continue' : 'any'))
  await eventually(() => failed.length > 0 && looks >= dials.length)
  looks = 0
  dialler.offer()
  assert.equal(looks, 2)
  isOver = true
  await Promise.allSettled(dials)
})

test('the connection that a failing address gives at last goes to a client that is still there', async t => {
  const { queue, heal, accepted } = await withOneConnection(t)
  const left = await queue('expect-continue', 'POST')
  const { answered } = await queue('expect-continue', 'POST')
  left.req.destroy()
  heal()
  assert.equal(await answered, 200)
  assert.equal(accepted(), 2)
})

test('the connections that were dialled for clients that have left serve those that wait', async t => {
  const { dialler } = await withDialler(t, { secure: false })
  const { mock } = t.mock.method(net, 'connect')
  let haveLeft = false
  const dials = (hasLeft: () => boolean) =>
    Array.from({ length: 16 }, () => dialler.dial({ choice: 'unused', reuse: undefined, hasLeft }))
  const left = Promise.allSettled(dials(() => haveLeft))
  const others = dials(() => false)
  haveLeft = true
  for (const { socket } of await Promise.all(others)) socket.on('error', () => {}).destroy()
  assert.deepEqual(new Set((await left).map(({ status }) => status)), new Set(['rejected']))
  assert.equal(mock.callCount(), 16)
})

test('a dial ends where its client leaves while every address fails', async t => {
  const { queue } = await withOneConnection(t)
  const { req } = await queue('any', 'GET')
  req.destroy()
  const [error] = await once(req, 'error')
  assert.match(error.message, /the client has left/)
})

/** No dial goes on to another address because a time is over: it would take a minute. */
async function withPatientDialler(t: TestContext, options: { count?: number } = {}) {
  const { setTimeout } = globalThis
  t.mock.method(globalThis, 'setTimeout', (run: () => void, ms: number) =>
    setTimeout(run, ms <= OVERTAKE_MS ? 60_000 : ms),
  )
  const dialler = await withDialler(t, { ...options, connectTimeoutMs: 60_000 })
  const late = () => sleep(20_000, 'later than at once', { ref: false })
  return { ...dialler, atOnce: (dialled: Promise<string>) => Promise.race([dialled, late()]) }
}

test('a dial whose address says nothing tries the one that comes into DNS at once', async t => {
  const { alb, atOnce, cache, dial, first } = await withPatientDialler(t)
  await alb.fault(first, 'hang')
  const fresh = await alb.start()
  await sleep(260) // between two questions to DNS
  const dialled = dial()
  alb.list([fresh])
  await cache.refresh()
  assert.equal(await atOnce(dialled), fresh)
})

test('a dial whose address has gone silent tries the next one at once', async t => {
  const { alb, atOnce, dial, dialler, sockets, first, second } = await withPatientDialler(t, { count: 2 })
  await Promise.all([dial(), dial()])
  const toFirst = sockets.find(each => each.remoteAddress === first)
  const closed = new Promise(resolve => toFirst?.once('close', resolve))
  await alb.fault(first, 'hang')
  // it has the least load now
  await closed
  const dialled = dial()
  dialler.demote(first, 'silent')
  assert.equal(await atOnce(dialled), second)
})
