import assert from 'node:assert/strict'
import type http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { authority } from '../../test/backend.ts'
import { listening } from '../../test/listening.ts'
import { eventually } from '../../test/raw.ts'
import { stage, untilProven } from '../../test/stage.ts'
import { createSpareConnections } from './spare-connections.ts'

/** Requests without a body, which cannot wait for 100. */
async function setUp(t: Parameters<typeof stage>[0], count = 1) {
  const ports = new Map<number | undefined, string[]>()
  const handler: http.RequestListener = (req, res) => {
    ports.set(req.socket.remotePort, [...(ports.get(req.socket.remotePort) ?? []), req.method ?? ''])
    res.end()
  }
  const front = await stage(t, { handler, count })
  const { agent } = front.backend
  const send = async (method: string) => {
    const answer = await fetch(`${front.egressUrl}/`, { method })
    assert.equal(answer.status, 200)
  }
  const unused = () => Object.values(agent.state()).reduce((sum, each) => sum + (each.unused ?? 0), 0)
  return { ...front, agent, send, unused, ports }
}

test('one request that cannot wait for 100 keeps nothing ready; a second one has the next find a connection', async t => {
  const { send, unused, alb, ports } = await setUp(t)
  await send('POST')
  assert.equal(unused(), 0)
  await send('POST')
  await eventually(() => unused() === 1)
  const [node] = alb.nodes.values()
  assert.equal(node?.accepted, 3)
  await send('POST')
  assert.equal([...ports.values()].flat().length, 3)
  assert.equal(ports.size, 3, 'none of them went over a used connection')
})

test('a connection that has carried such a request goes on in the pool', async t => {
  const { send, ports, alb } = await setUp(t)
  await send('POST')
  const [node] = alb.nodes.values()
  await send('GET')
  assert.equal(node?.accepted, 1)
  assert.deepEqual([...ports.values()], [['POST', 'GET']])
})

test('nothing but requests without demand: GETs keep nothing ready', async t => {
  const { send, unused } = await setUp(t)
  for (let i = 0; i < 5; i++) await send('GET')
  assert.equal(unused(), 0)
})

test('a server that says nothing to the probe has logins keep connections ready before the probe has timed out', async t => {
  const logIn: http.RequestListener = (req, res) => void req.resume().on('end', () => res.end())
  const server = https.createServer(await authority.issue(['127.0.0.1']), logIn)
  // the probe, which gets no answer
  server.on('checkContinue', () => {})
  const port = await listening(t, server)
  const env = { BACKEND_ORIGIN: `https://127.0.0.1:${port}`, CONNECT_TIMEOUT: '9s' }
  const { url, backend } = await stage(t, { env })
  await eventually(async () => {
    await (await fetch(`${url}/user/login`, { method: 'POST', body: 'name=taro' })).text()
    await sleep(20)
    return Object.values(backend.agent.state()).some(each => each.unused)
  })
  assert.equal(backend.agent.expectations.describe('127.0.0.1').en, 'not asked yet')
})

test('while it is unknown whether an address says 100, a login sets up a connection: the machine of a spare one may be gone', async t => {
  const { send, unused, alb, url } = await setUp(t)
  for (let i = 0; i < 2; i++) await send('POST')
  await eventually(() => unused() === 1)
  const [node] = alb.nodes.values()
  const accepted = node?.accepted ?? 0
  await (await fetch(`${url}/user/login`, { method: 'POST', body: 'name=taro' })).text()
  assert.equal(unused(), 1)
  assert.ok((node?.accepted ?? 0) > accepted)
})

test('a login whose spare connection leads to a machine that is gone succeeds elsewhere', async t => {
  let held = 0
  const front = await stage(t, {
    count: 1,
    handler(req, res) {
      if (req.method === 'GET') held++
      else req.resume().on('end', () => res.end(req.socket.localAddress))
    },
  })
  const { alb, backend, url, egressUrl } = front
  const { agent, cache } = backend
  await untilProven(front)
  const [old = ''] = alb.listed
  for (let i = 0; i < 2; i++) await (await fetch(egressUrl, { method: 'POST' })).text()
  await eventually(() => agent.state()[old]?.unused === 1)
  // all but the spare one are in use
  const idle = agent.state()[old]?.idle ?? 0
  const left = new AbortController()
  for (let i = 0; i < idle; i++) fetch(egressUrl, { signal: left.signal }).catch(() => {})
  await eventually(() => held === idle)
  assert.equal(agent.state()[old]?.unused, 1)
  const added = await alb.add(1)
  alb.list([old, ...added])
  await eventually(async () => {
    await cache.refresh()
    return cache.addresses.listed.length === 2
  })
  await alb.fault(old, 'vanish')
  const answer = await fetch(`${url}/user/login`, { method: 'POST', body: 'name=taro' })
  assert.deepEqual([answer.status, await answer.text()], [200, added[0]])
  left.abort()
})

test('what is kept ready is closed when its address departs', async t => {
  const { send, unused, alb, backend } = await setUp(t, 2)
  for (let i = 0; i < 4; i++) await send('POST')
  await eventually(() => unused() > 0)
  alb.list(await alb.add(1))
  await backend.cache.refresh()
  await eventually(() => {
    void backend.cache.refresh()
    return backend.cache.addresses.departed.length === 2
  })
  const { agent } = backend
  await eventually(
    () => alb.listed.length === 1 && Object.keys(agent.state()).every(each => alb.listed.includes(each)),
  )
})

test('a connection over which something comes unasked, as 408, or that closes, is not handed out', async t => {
  const sockets: net.Socket[] = []
  const server = net.createServer(socket => sockets.push(socket))
  const port = await listening(t, server)
  const dial = () =>
    new Promise<{ socket: net.Socket; address: string; connectMs: number }>(resolve => {
      const socket = net.connect(port, '127.0.0.1', () =>
        resolve({ socket, address: '127.0.0.1', connectMs: 1 }),
      )
    })
  const dropped: string[] = []
  const spares = createSpareConnections({ dial, isGood: () => true, onDrop: each => dropped.push(each) })
  t.after(() => spares.destroy())
  await spares.replenish('127.0.0.1')
  for (let i = 0; i < 20; i++) await spares.replenish('127.0.0.1')
  assert.equal(spares.counts().get('127.0.0.1'), 8)
  await eventually(() => sockets.length === 8)
  sockets[0]?.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n')
  sockets[1]?.end()
  sockets[2]?.resetAndDestroy()
  await eventually(() => spares.counts().get('127.0.0.1') === 5)
  const first = spares.take(() => true)
  assert.equal(dropped.length, 3)
  assert.equal(first?.socket.localPort, sockets[3]?.remotePort, 'the oldest')
  first?.socket.destroy()
  for (const each of sockets) each.destroy()
})
