import assert from 'node:assert/strict'
import type http from 'node:http'
import { type TestContext, test } from 'node:test'
import { ask, eventually, request, wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

/** A backend that leaves it to the test what it says to each request but those to /user/login/other. */
async function watched(t: TestContext, onRequest: http.RequestListener = () => {}) {
  const arrived = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  const handler: http.RequestListener = (req, res) => {
    if (req.url === '/user/login/other') return void res.end('other')
    arrived.resolve()
    req.on('error', () => {})
    res.once('close', () => ended.resolve())
    onRequest(req, res)
  }
  const front = await stage(t, { handler, count: 1 })
  const client = await wire(t, front.port)
  const node = front.alb.nodes.get(front.alb.listed[0] ?? '')
  return { ...front, client, node, arrived: arrived.promise, ended: ended.promise }
}

type Watched = Awaited<ReturnType<typeof watched>>

/** Nothing is left of the request, and others are served. */
async function isOver({ tally, node, port }: Watched) {
  await eventually(() => tally.gone === 1 && node?.connections === 0)
  assert.deepEqual([tally.failed, tally.answered], [{}, {}])
  assert.equal((await ask(port, request('GET /user/login/other'))).body, 'other')
}

const CHUNKED = ['Transfer-Encoding: chunked']
const LARGE_CHUNK = `30d40\r\n${'x'.repeat(200_000)}\r\n`

test('a client that leaves while it waits ends the request to the backend', async t => {
  const all = await watched(t, req => req.resume())
  all.client.send(request('POST /user/login', [], 'abc'))
  await all.arrived
  all.client.abort()
  await all.ended
  await isOver(all)
})

test('a client that leaves in the middle of a download ends it for the backend', async t => {
  const all = await watched(t, (_req, res) => {
    const more = () => {
      while (res.write('x'.repeat(100_000)));
    }
    res.on('drain', more)
    more()
  })
  all.client.send(request('GET /user/login'))
  await all.client.until('xxx')
  all.client.abort()
  await all.ended
  await isOver(all)
})

for (const how of ['abort', 'halfClose'] as const) {
  test(`a client that leaves in the middle of a huge upload (${how}) ends it for the backend`, async t => {
    const all = await watched(t, req => req.resume())
    all.client.send(request('POST /user/login', CHUNKED) + LARGE_CHUNK)
    await all.arrived
    all.client[how]()
    await all.ended
    await isOver(all)
  })

  test(`a client that leaves in the middle of a small body (${how}) is unknown to the backend`, async t => {
    const { client, port, tally, node } = await watched(t)
    client.send(`${request('POST /user/login', ['Content-Length: 6'])}abc`)
    // its bytes are there once a later connection is served
    await ask(port, request('GET /user/login/other'))
    client[how]()
    await eventually(() => tally.gone === 1)
    assert.deepEqual(tally.failed, {})
    assert.equal(node?.requests, 1)
  })
}

test('a client that ends its side behind its request (half-close) gets the answer, and then the end', async t => {
  const answer = Promise.withResolvers<void>()
  const all = await watched(t, (req, res) => {
    req.resume()
    void answer.promise.then(() => res.end('welcome'))
  })
  const ended = new Promise(resolve => all.server.once('connection', socket => socket.once('end', resolve)))
  const client = await wire(t, all.port)
  client.send(request('POST /user/login', [], 'abc'))
  await all.arrived
  client.halfClose()
  await ended
  answer.resolve()
  const { status, body } = await client.answer()
  assert.deepEqual([status, body], [200, 'welcome'])
  assert.equal(await client.closed(), '')
})

for (const [words, line, begins] of [
  ['a GET that is not answered yet', 'GET /user/login', false],
  ['a HEAD', 'HEAD /user/login', false],
  ['an answer that has begun', 'POST /user/login', true],
] as const) {
  test(`a client that ends its side behind its request ends ${words}`, async t => {
    const all = await watched(t, (req, res) => {
      req.resume()
      if (begins) res.write('wel')
    })
    all.client.send(request(line, [], begins ? 'abc' : ''))
    await (begins ? all.client.until('wel') : all.arrived)
    all.client.halfClose()
    await all.ended
    await all.client.closed()
    await isOver(all)
  })
}

test('a health check that ends its side behind its request is answered', async t => {
  const { port } = await stage(t)
  for (const path of ['/healthz', '/readyz']) {
    const client = await wire(t, port)
    client.send(request(`GET ${path}`))
    client.halfClose()
    assert.equal((await client.answer()).status, 200, path)
    assert.equal(await client.closed(), '')
  }
})

test('a client that leaves before a connection to the backend stands is unknown to the backend', async t => {
  const all = await watched(t)
  const [address = ''] = all.alb.listed
  await all.alb.fault(address, 'hang')
  all.client.send(request('POST /user/login', [], 'abc'))
  await eventually(() => all.alb.nodes.get(address)?.connections === 1)
  all.client.abort()
  await eventually(() => all.tally.gone === 1)
  await all.alb.heal(address)
  assert.equal((await ask(all.port, request('GET /user/login/other'))).body, 'other')
  assert.equal(all.alb.nodes.get(address)?.requests, 1)
})

test('a client that leaves with a second request waiting ends the first, and the second is never sent', async t => {
  const { client, arrived, tally, node } = await watched(t, req => req.resume())
  client.send(request('GET /user/login/1') + request('GET /user/login/2'))
  await arrived
  client.abort()
  await eventually(() => tally.gone === 1 && node?.connections === 0)
  assert.deepEqual([tally.failed, node?.requests], [{}, 1])
})

test('an answer that comes before the end of a huge body is passed on, and the rest is read', async t => {
  const { client, port, tally } = await watched(t, (_req, res) => res.writeHead(401).end('not like this'))
  client.send(request('POST /user/login', CHUNKED) + LARGE_CHUNK)
  const answer = await client.answer()
  assert.deepEqual([answer.status, answer.body], [401, 'not like this'])
  client.send(`${LARGE_CHUNK.repeat(3)}0\r\n\r\n${request('GET /user/login/other')}`)
  assert.equal((await client.answer()).body, 'other')
  await eventually(() => tally.answered[401] === 1)
  assert.equal((await ask(port, request('GET /user/login/other'))).body, 'other')
})

test('a backend that breaks off in the middle of a huge body gets the client a 502, and the rest is read', async t => {
  const { client } = await watched(t, req => req.once('data', () => req.socket.destroy()))
  client.send(request('POST /user/login', CHUNKED) + LARGE_CHUNK)
  assert.equal((await client.answer()).status, 502)
  client.send(`${LARGE_CHUNK.repeat(3)}0\r\n\r\n${request('GET /user/login/other')}`)
  assert.equal((await client.answer()).body, 'other')
})

test('after an early answer a body beyond MAX_BODY is read as well', async t => {
  const { client } = await watched(t, (_req, res) => res.writeHead(401).end('not like this'))
  client.send(request('POST /user/login', CHUNKED) + LARGE_CHUNK)
  assert.equal((await client.answer()).status, 401)
  client.send(`${LARGE_CHUNK.repeat(10)}0\r\n\r\n${request('GET /user/login/other')}`)
  assert.equal((await client.answer()).body, 'other')
})

test('a login that the end of the front cuts off has failed; its client did not leave', async t => {
  const { client, arrived, listener, tally } = await watched(t)
  client.send(request('POST /user/login', [], 'abc'))
  await arrived
  listener.closeAllConnections()
  await eventually(() => tally.gone + Object.keys(tally.failed).length > 0)
  assert.deepEqual([tally.failed, tally.gone], [{ BACKEND_BROKE_OFF: 1 }, 0])
})
