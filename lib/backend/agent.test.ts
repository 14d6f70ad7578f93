import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ownTime } from '../../test/own-time.ts'
import { eventually } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import { GatewayError } from '../http/errors.ts'

/** A backend whose DNS is asked only where a test does; `/held` is answered when the test says so. */
async function setUp(t: TestContext, { count = 1, secure = false, connectTimeout = '2s' } = {}) {
  const held: http.ServerResponse[] = []
  const handler: http.RequestListener = (req, res) => {
    if (req.url === '/close') res.setHeader('Connection', 'close')
    if (req.url === '/hint') res.setHeader('Keep-Alive', 'timeout=2')
    if (req.url === '/held') held.push(res)
    else res.end(req.socket.localAddress)
  }
  const env = { DNS_MAX_TTL: '60', CONNECT_TIMEOUT: connectTimeout }
  const { alb, backend } = await stage(t, { handler, count, secure, ttl: 60, env })
  const { agent, cache, close } = backend

  const request = (path: string) =>
    (secure ? https : http).request(new URL(path, alb.origin), { agent: agent.agentFor('any') })
  /** What the backend answers: its node's address. */
  async function get(path = '/'): Promise<string> {
    const req = request(path).end()
    const [res]: http.IncomingMessage[] = await once(req, 'response')
    let body = ''
    for await (const chunk of res ?? []) body += chunk
    // `end` comes before the connection is back in the pool
    await new Promise(setImmediate)
    return body
  }
  /** A request that the backend has and does not answer yet. */
  async function hold(): Promise<{ address: string; answer: Promise<string>; finish: () => void }> {
    const answer = get('/held')
    const earlier = held.length
    await eventually(() => held.length > earlier)
    const response = held.at(-1)
    return { answer, finish: () => response?.end('done'), address: response?.req.socket.localAddress ?? '' }
  }
  /** An idle connection to each of the nodes; the next request would get the one to `second`. */
  async function warm() {
    const all: Awaited<ReturnType<typeof hold>>[] = []
    while (all.length < count) all.push(await hold())
    for (const each of all.sort((a, b) => alb.listed.indexOf(a.address) - alb.listed.indexOf(b.address))) {
      each.finish()
      await each.answer
    }
  }
  /** DNS lists `addresses`, for so many answers. */
  async function list(addresses: string[], answers: number) {
    alb.list(addresses)
    for (let i = 0; i < answers; i++) {
      await sleep(260)
      await cache.refresh()
    }
  }
  const open = (address: string) => alb.nodes.get(address)?.connections
  const [first = '', second = ''] = alb.listed
  return { alb, agent, cache, close, request, get, hold, warm, list, open, first, second }
}

describe('the pool', { concurrency: 4 }, () => {
  for (const secure of [true, false])
    test(`requests one after the other share a connection (TLS: ${secure})`, async t => {
      const { alb, get, first } = await setUp(t, { secure })
      for (let i = 0; i < 5; i++) assert.equal(await get(), first)
      const { accepted, requests } = alb.nodes.get(first) ?? {}
      assert.deepEqual({ accepted, requests }, { accepted: 1, requests: 5 })
    })

  test('the state tells idle and busy connections of each address', async t => {
    const { agent, hold, warm, first, second } = await setUp(t, { count: 2 })
    assert.deepEqual(agent.state(), {})
    await warm()
    assert.deepEqual(agent.state(), { [first]: { idle: 1, busy: 0 }, [second]: { idle: 1, busy: 0 } })
    const { address, answer, finish } = await hold()
    assert.deepEqual(agent.state()[address], { idle: 0, busy: 1 })
    finish()
    await answer
    assert.deepEqual(agent.state()[address], { idle: 1, busy: 0 })
  })

  test('an idle connection is closed at once when its address departs, the others stay', async t => {
    const { alb, agent, warm, list, open, first, second } = await setUp(t, { count: 2 })
    await warm()
    await list([first], 2)
    assert.deepEqual(agent.state()[first], { idle: 1, busy: 0 })
    await eventually(() => open(second) === 0)
    assert.deepEqual(agent.state(), { [first]: { idle: 1, busy: 0 } })
    assert.equal(alb.nodes.get(first)?.accepted, 1)
  })

  test('a busy connection to a departed address finishes its response and is closed then', async t => {
    const { agent, hold, list, open, first, second } = await setUp(t, { count: 2 })
    const both = [await hold(), await hold()]
    await list([first], 2)
    assert.deepEqual(agent.state()[second], { idle: 0, busy: 1 })
    for (const { answer, finish } of both) {
      finish()
      assert.equal(await answer, 'done')
    }
    await eventually(() => open(second) === 0)
    assert.deepEqual(agent.state(), { [first]: { idle: 1, busy: 0 } })
  })

  test('once an address has departed, no request goes there, though it still answers', async t => {
    const { alb, cache, get, warm, list, first, second } = await setUp(t, { count: 2, secure: true })
    await warm()
    const before = alb.nodes.get(second)?.requests
    const reached: Promise<string>[] = []
    // at that very moment: its connections are closed, and must not be handed out all the same
    cache.changes.on('departed', () => reached.push(get(), get(), get(), get()))
    await list([first], 2)
    assert.deepEqual(await Promise.all(reached), [first, first, first, first])
    assert.equal(alb.nodes.get(second)?.requests, before)
  })

  test('a connection stays in the pool while only one answer lacks its address', async t => {
    const { alb, agent, get, warm, list, first, second } = await setUp(t, { count: 2 })
    await warm()
    await list([first], 1)
    await Promise.all([get(), get()])
    assert.deepEqual(agent.state(), { [first]: { idle: 1, busy: 0 }, [second]: { idle: 1, busy: 0 } })
    assert.equal(alb.nodes.get(second)?.accepted, 1)
  })

  test('a connection that was the last resort takes one request', async t => {
    const { alb, agent, get, list, open, first, second } = await setUp(t, { count: 2, secure: true })
    await list([first], 2)
    alb.kill(first)
    assert.equal(await get(), second)
    await eventually(() => Object.keys(agent.state()).length === 0 && open(second) === 0)
  })

  test('a connection that the backend closes after its answer is not kept', async t => {
    const { alb, agent, get, first } = await setUp(t)
    await get('/close')
    await eventually(() => Object.keys(agent.state()).length === 0)
    await get()
    assert.equal(alb.nodes.get(first)?.accepted, 2)
  })

  test('an idle connection that the backend closes is forgotten', async t => {
    const { alb, agent, get } = await setUp(t)
    await get()
    alb.closeIdle()
    await eventually(() => Object.keys(agent.state()).length === 0)
  })

  test('an idle connection is closed before the 60 s after which an ALB closes it', async t => {
    const { agent, get } = await setUp(t)
    await get()
    const idle = Object.values(agent.freeSockets).flatMap(sockets => sockets ?? [])
    assert.deepEqual(
      idle.map(socket => socket.timeout),
      [50_000],
    )
  })

  test('an idle connection is closed before the time that the backend says in Keep-Alive', async t => {
    const { agent, get, open, first } = await setUp(t)
    await get('/hint')
    assert.deepEqual(agent.state(), { [first]: { idle: 1, busy: 0 } })
    const closed = eventually(() => open(first) === 0)
    assert.ok((await ownTime(closed)) < 2000, 'the backend itself would wait for 60 s')
    await closed
  })

  test('a dial that fails is the error of the request', async t => {
    const { alb, request, first } = await setUp(t, { connectTimeout: '100ms' })
    alb.kill(first)
    const [error]: unknown[] = await once(request('/').end(), 'error')
    assert.ok(error instanceof GatewayError && error.code === 'BACKEND_UNREACHABLE', `it is ${error}`)
  })

  test('a request that is given up while its connection is dialled leaves that to the next one', async t => {
    const { alb, agent, request, get, first } = await setUp(t, { secure: true })
    const given = request('/').on('error', () => {})
    given.end()
    await new Promise(setImmediate)
    given.destroy()
    await eventually(() => agent.state()[first]?.idle === 1)
    await get()
    assert.deepEqual(
      { ...alb.nodes.get(first) },
      { address: first, connections: 1, accepted: 1, requests: 1 },
    )
  })

  test('so does one that names no port, as any other: the connection that was chosen is the one that the next request gets', async t => {
    const { alb, agent, request, hold, get, first, second } = await setUp(t, { count: 2, secure: true })
    const busy = await hold()
    const given = https.request({ agent: agent.agentFor('new'), host: alb.name })
    given.on('error', () => {}).end()
    given.destroy()
    const other = busy.address === first ? second : first
    await eventually(() => agent.state()[other]?.idle === 1)
    const asked = request('/').end()
    const [socket]: Socket[] = await once(asked, 'socket')
    assert.equal(socket?.remoteAddress, other)
    busy.finish()
    await busy.answer
    await get()
    assert.deepEqual(Object.keys(agent.freeSockets), ['origin'])
  })

  test('the connection of a request is known while it is open', async t => {
    const { agent, request, first } = await setUp(t)
    const req = request('/close').end()
    const [socket] = await once(req, 'socket')
    const connection = agent.connectionOf(socket)
    assert.ok(connection && connection.socket === socket && connection.address === first)
    assert.ok(connection.connectMs > 0)
    assert.equal(agent.connectionOf(null), undefined)
    const [res]: http.IncomingMessage[] = await once(req, 'response')
    res?.resume()
    await once(socket, 'close')
    assert.equal(agent.connectionOf(socket), undefined)
  })

  test('closing the backend closes its connections', async t => {
    const { warm, open, close, first, second } = await setUp(t, { count: 2 })
    await warm()
    close()
    await eventually(() => open(first) === 0 && open(second) === 0)
  })
})

// alone, for it moves the clock
test('a connection is replaced when it is older than 60 to 75 s', async t => {
  const { alb, agent, get, open, first } = await setUp(t)
  await get()
  const clock = performance.now.bind(performance)
  let aheadMs = 59_000
  t.mock.method(performance, 'now', () => clock() + aheadMs)
  await get()
  assert.deepEqual(agent.state(), { [first]: { idle: 1, busy: 0 } })
  aheadMs = 75_000
  await get()
  await eventually(() => open(first) === 0)
  await get()
  assert.deepEqual({ ...alb.nodes.get(first) }, { address: first, connections: 1, accepted: 2, requests: 4 })
})
