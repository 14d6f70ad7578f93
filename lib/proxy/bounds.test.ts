import assert from 'node:assert/strict'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import { type TestContext, test } from 'node:test'
import { listening } from '../../test/listening.ts'
import { ask, eventually, header, recorder, request, wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import { createBound } from '../observe/bounds.ts'
import { type Body, takeBody } from './body.ts'

/** A front whose API leaves each answer to the test. */
async function holding(t: TestContext, env: Record<string, string>) {
  const held: { req: IncomingMessage; res: ServerResponse }[] = []
  const front = await stage(t, {
    count: 1,
    env,
    handler: (req, res) => {
      req.resume()
      held.push({ req, res })
    },
  })
  return { ...front, held }
}

const login = (body = 'abc') => request('POST /user/login', ['Host: 127.0.0.1'], body)

test('beyond MAX_BACKEND_REQUESTS a request of a client or a page gets 503 at once, and the API does not see it', async t => {
  const { port, egressPort, held, bounds, tally } = await holding(t, { MAX_BACKEND_REQUESTS: '2' })
  const clients = [await wire(t, port), await wire(t, egressPort)]
  for (const client of clients) client.send(login())
  await eventually(() => held.length === 2)
  for (const each of [port, egressPort]) {
    const refused = await ask(each, login())
    assert.deepEqual([refused.status, header(refused, 'retry-after')], [503, '1'])
    const { error } = JSON.parse(refused.body)
    assert.deepEqual([error.code, error.retry], ['BACKEND_FULL', true])
  }
  assert.deepEqual([held.length, bounds.requests.exceeded, tally.failed], [2, 2, { BACKEND_FULL: 1 }])
})

test('an answer, and a client that leaves, make room for another request', async t => {
  const { port, held, bounds } = await holding(t, { MAX_BACKEND_REQUESTS: '1' })
  const first = await wire(t, port)
  first.send(login())
  await eventually(() => held.length === 1)
  held[0]?.res.end('first')
  assert.equal((await first.answer()).body, 'first')
  const second = await wire(t, port)
  second.send(login())
  await eventually(() => held.length === 2)
  second.abort()
  await eventually(() => bounds.requests.now === 0)
  const third = await wire(t, port)
  third.send(login())
  await eventually(() => held.length === 3)
  held[2]?.res.end('third')
  assert.equal((await third.answer()).body, 'third')
  assert.equal(bounds.requests.exceeded, 0)
})

test('a client that sends its body slowly takes no place of those under way to the API', async t => {
  const { port, held } = await holding(t, { MAX_BACKEND_REQUESTS: '1' })
  const slow = await wire(t, port)
  slow.send(request('POST /user/login', ['Content-Length: 3']))
  const client = await wire(t, port)
  client.send(login())
  await eventually(() => held.length === 1)
  held[0]?.res.end('answered')
  assert.equal((await client.answer()).body, 'answered')
})

test('an API that hangs leaves a quarter of the room to the other APIs', async t => {
  const hanging = await listening(t, http.createServer())
  const front = await stage(t, {
    count: 1,
    env: { MAX_BACKEND_REQUESTS: '4' },
    config: origin => ({
      routes: [
        { path: '/user/login', to: origin, kind: 'login' },
        { path: '/reports', to: `http://127.0.0.1:${hanging}` },
      ],
    }),
  })
  const clients = await Promise.all([1, 2, 3].map(() => wire(t, front.port)))
  for (const each of clients) each.send(request('GET /reports/x'))
  await eventually(() => front.bounds.requests.now === 3)
  assert.equal((await ask(front.port, request('GET /reports/x'))).status, 503)
  assert.equal((await ask(front.port, login())).status, 200)
})

test('metrics name the requests under way, the bound, and what was refused', async t => {
  const { port, held, metrics } = await holding(t, { MAX_BACKEND_REQUESTS: '1' })
  const client = await wire(t, port)
  client.send(login())
  await eventually(() => held.length === 1)
  await ask(port, login())
  const { text } = await metrics.read()
  for (const line of [
    'gatehouse_backend_requests_in_flight 1',
    'gatehouse_backend_requests_in_flight_limit 1',
    'gatehouse_backend_requests_shed_total 1',
    'gatehouse_held_body_bytes 3',
    'gatehouse_client_connections ',
  ])
    assert.ok(text.includes(`\n${line}`), line)
})

test('beyond BODY_MEMORY a large body is streamed over a connection that has carried no request, and arrives whole', async t => {
  const { seen, handler } = recorder()
  const waiting: ServerResponse[] = []
  const { port, bounds } = await stage(t, {
    count: 1,
    env: { BODY_MEMORY: '1mb' },
    handler: (req, res) => {
      if (req.url !== '/user/login?hang') return handler(req, res)
      req.resume()
      waiting.push(res)
    },
  })
  const body = 'a'.repeat(60_000)
  // a connection that could be reused
  assert.equal((await ask(port, login(body))).status, 200)
  const clients = await Promise.all(Array.from({ length: 18 }, () => wire(t, port)))
  for (const client of clients) client.send(request('POST /user/login?hang', [], body))
  await eventually(() => waiting.length === 18)
  assert.ok(bounds.bodies.now > bounds.bodies.most - 60_000, `${bounds.bodies.now} bytes are held`)
  assert.ok(bounds.bodies.now < bounds.bodies.most + 18 * 64 * 1024)
  const before = bounds.bodies.exceeded
  assert.equal((await ask(port, login(body))).status, 200)
  assert.equal(bounds.bodies.exceeded, before + 1)
  assert.deepEqual([seen[1]?.body.length, seen[1]?.whole], [60_000, true])
  assert.notEqual(seen[1]?.port, seen[0]?.port)
  assert.equal(header(seen[1], 'expect'), undefined)
  // one of a usual size, at once or in two pieces, is held all the same
  assert.equal((await ask(port, login('name=taro'))).status, 200)
  const slow = await wire(t, port)
  const held = bounds.bodies.now
  slow.send(`${request('POST /user/login', ['Content-Length: 9'])}name`)
  await eventually(() => bounds.bodies.now > held)
  slow.send('=taro')
  assert.equal((await slow.answer()).status, 200)
  assert.deepEqual(
    seen.slice(2).map(each => each.body),
    ['name=taro', 'name=taro'],
  )
  assert.equal(bounds.bodies.exceeded, before + 1)
  for (const res of waiting) res.end()
  for (const client of clients) assert.equal((await client.answer()).status, 200)
  await eventually(() => bounds.bodies.now === 0)
})

test('a body in chunks of a byte is held in one buffer, all of which counts', async t => {
  const bodyMemory = createBound(1024 ** 2)
  const { promise: taken, resolve } = Promise.withResolvers<Body | undefined>()
  const server = http.createServer((req, res) => {
    resolve(takeBody(req, 1024 ** 2, bodyMemory))
    req.once('end', () => res.end())
  })
  const client = await wire(t, await listening(t, server))
  client.send(`${request('POST /', ['Transfer-Encoding: chunked'])}${'1\r\na\r\n'.repeat(5000)}0\r\n\r\n`)
  const body = await taken
  assert.equal(body?.kept?.toString(), 'a'.repeat(5000))
  assert.equal(bodyMemory.now, body?.kept?.buffer.byteLength)
  body?.free()
  assert.equal(bodyMemory.now, 0)
})

test('bodies that fail on their way are not counted as held', async t => {
  const { port, bounds, held } = await holding(t, { MAX_BODY: '1kb' })
  const client = await wire(t, port)
  client.send(request('POST /user/login', ['Content-Length: 1000'], '').concat('abc'))
  await eventually(() => bounds.bodies.now === 3)
  client.abort()
  await eventually(() => bounds.bodies.now === 0)
  const chunk = `401\r\n${'a'.repeat(1025)}\r\n0\r\n\r\n`
  const refused = await ask(port, request('POST /user/login', ['Transfer-Encoding: chunked']) + chunk)
  assert.equal(refused.status, 413)
  assert.deepEqual([bounds.bodies.now, held.length], [0, 0])
})
