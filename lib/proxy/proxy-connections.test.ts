import assert from 'node:assert/strict'
import http from 'node:http'
import net from 'node:net'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { listening } from '../../test/listening.ts'
import { ask, file, header, recorder, request, wire } from '../../test/raw.ts'
import { stage, untilProven } from '../../test/stage.ts'

const backend = recorder()
const { port } = await stage(file, { handler: backend.handler, count: 1 })
const last = () => backend.seen.at(-1)

/** The status of a second request on a connection, or what came in place of its answer. */
async function second(t: Parameters<typeof wire>[0], ...headers: string[]) {
  const client = await wire(t, port)
  client.send(request('POST /user/login', headers, 'abc'))
  const first = await client.answer()
  client.send(request('GET /user/login'))
  const status = await client.answer().then(
    answer => answer.status,
    () => undefined,
  )
  return { connection: header(first, 'connection'), status }
}

test('a connection is kept', async t => {
  assert.deepEqual(await second(t), { connection: 'keep-alive', status: 200 })
})

test('a connection is kept longer than the 60 s of the ALB before it', async () => {
  const answer = await ask(port, request('GET /user/login'))
  assert.equal(header(answer, 'keep-alive'), 'timeout=75')
})

test("a client's Connection: close is honoured", async t => {
  assert.deepEqual(await second(t, 'Connection: close'), { connection: 'close', status: undefined })
})

test("the backend's Connection: close does not close the client's", async t => {
  const front = await stage(t, { handler: (_req, res) => res.setHeader('Connection', 'close').end() })
  const client = await wire(t, front.port)
  for (let i = 0; i < 2; i++) {
    client.send(request('GET /user/login'))
    assert.equal(header(await client.answer(), 'connection'), 'keep-alive')
  }
})

for (const scheme of ['NTLM', 'Negotiate', 'negotiate']) {
  test(`a connection to the API over which somebody logs in by ${scheme} serves nobody else`, async t => {
    const users = new WeakMap<object, string>()
    const handler: http.RequestListener = ({ headers, socket }, res) => {
      if (headers.authorization) users.set(socket, headers.authorization)
      res.end(users.get(socket) ?? 'nobody')
    }
    const front = await stage(t, { handler, count: 1 })
    const login = request('GET /user/login', [`Authorization: ${scheme} TlRM`])
    assert.equal((await ask(front.port, login)).body, `${scheme} TlRM`)
    assert.equal((await ask(front.port, request('GET /user/login'))).body, 'nobody')
  })
}

test('a request to the pages between two logins is answered in its place', async t => {
  const client = await wire(t, port)
  client.send(request('GET /user/login') + request('GET /') + request('POST /user/login', [], 'abc'))
  const bodies = [await client.answer(), await client.answer(), await client.answer()].map(each => each.body)
  assert.deepEqual(bodies, ['answered', 'page', 'answered'])
})

test('nothing is taken from a connection after a malformed request', async t => {
  const pages = recorder()
  const front = await stage(t, { pages: pages.handler })
  const client = await wire(t, front.port)
  client.send(request('GET /user/login/..') + request('GET /'))
  assert.equal((await client.answer()).status, 400)
  assert.equal(await client.closed(), '')
  assert.equal(pages.seen.length, 0)
})

// over a connection that had a request before, the front itself may ask
test("a client's Expect: 100-continue stays behind", async t => {
  const other = recorder()
  const front = await stage(t, { handler: other.handler, env: { REPLAY: 'off' } })
  const client = await wire(t, front.port)
  client.send(request('POST /user/login', ['Expect: 100-continue'], 'abc'))
  assert.equal((await client.answer()).status, 100)
  assert.equal((await client.answer()).status, 200)
  assert.equal(header(other.seen[0], 'expect'), undefined)
})

test('Expect: 100-continue without a body gets the answer alone, for there is nothing to go on with (RFC 9110 §10.1.1)', async t => {
  const client = await wire(t, port)
  client.send(request('GET /user/login', ['Expect: 100-continue']))
  assert.equal((await client.answer()).body, 'answered')
})

for (const method of ['DELETE', 'OPTIONS', 'GET'])
  test(`${method} without a body goes on without a Content-Length, as it came`, async () => {
    assert.equal((await ask(port, request(`${method} /user/login`))).body, 'answered')
    assert.equal(header(last(), 'content-length'), undefined)
  })

test('any other Expect counts for nothing, and the backend never hears of it', async () => {
  const { body } = await ask(port, request('GET /user/login', ['Expect: a miracle']))
  assert.equal(body, 'answered')
  assert.equal(header(last(), 'expect'), undefined)
})

test('TRACE gets 405 with the methods that are allowed', async () => {
  const before = backend.seen.length
  const answer = await ask(port, request('TRACE /user/login', ['Cookie: a=secret']))
  assert.equal(answer.status, 405)
  assert.match(header(answer, 'allow') ?? '', /GET, HEAD, POST/)
  assert.doesNotMatch(answer.body, /secret/)
  assert.equal(backend.seen.length, before)
})

test('CONNECT gets 405 and its connection closed, and the backend sees nothing', async t => {
  const before = backend.seen.length
  const client = await wire(t, port)
  client.send(request('CONNECT api.dev.jp:443') + request('GET /user/login'))
  const answer = await client.answer()
  assert.deepEqual([answer.status, header(answer, 'connection')], [405, 'close'])
  assert.match(header(answer, 'allow') ?? '', /GET/)
  assert.equal(await client.closed(), '')
  assert.equal(backend.seen.length, before)
})

const upgrades: [words: string, headers: string[]][] = [
  ['WebSocket', ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']],
  ['h2c', ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk']],
]
for (const [words, headers] of upgrades) {
  test(`an upgrade to ${words} is taken for the plain request that it also is`, async t => {
    const client = await wire(t, port)
    client.send(request('POST /user/login', headers, 'abc'))
    assert.equal((await client.answer()).body, 'answered')
    assert.equal(last()?.body, 'abc')
    assert.equal(header(last(), 'upgrade'), undefined)
    assert.equal(header(last(), 'connection'), 'keep-alive')
  })

  test(`nothing is taken from a connection after an upgrade to ${words} was not granted`, async t => {
    const client = await wire(t, port)
    const before = backend.seen.length
    client.send(request('GET /user/login', headers))
    client.send(request('GET /user/login/next'))
    assert.equal((await client.answer()).status, 200)
    assert.equal(await client.closed(), '')
    assert.equal(backend.seen.length, before + 1)
  })
}

test('the head of an answer does not wait for its body', async t => {
  const { promise: seen, resolve } = Promise.withResolvers<void>()
  const handler: http.RequestListener = async (_req, res) => {
    res.flushHeaders()
    await seen
    res.end('late')
  }
  const front = await stage(t, { handler })
  const client = await wire(t, front.port)
  client.send(request('GET /user/login'))
  await client.until('\r\n\r\n')
  resolve()
  assert.equal((await client.answer()).body, 'late')
})

test('the first bytes of an answer arrive before the last are sent', async t => {
  const { promise: seen, resolve } = Promise.withResolvers<void>()
  const handler: http.RequestListener = async (_req, res) => {
    res.write('first ')
    await seen
    res.end('last')
  }
  const front = await stage(t, { handler })
  const client = await wire(t, front.port)
  client.send(request('GET /user/login'))
  await client.until('first ')
  resolve()
  assert.equal((await client.answer()).body, 'first last')
})

test('a huge answer arrives byte for byte', async t => {
  const huge = Buffer.alloc(5_000_000, 'a large answer of many letters; ')
  const front = await stage(t, { handler: (_req, res) => res.end(huge) })
  const { body } = await ask(front.port, request('GET /user/login'))
  assert.ok(body === huge.toString())
})

test('a hundred requests over one connection leak no listener on either side', async t => {
  const warnings: Error[] = []
  const note = (warning: Error) => void warnings.push(warning)
  process.on('warning', note)
  t.after(() => process.off('warning', note))
  const other = recorder()
  const front = await stage(t, { handler: other.handler, count: 1 })
  await untilProven(front)
  const [node] = front.alb.nodes.values()
  const before = node?.accepted ?? 0
  const client = await wire(t, front.port)
  for (let i = 0; i < 100; i++) {
    client.send(request('POST /user/login', [], 'abc'))
    assert.equal((await client.answer()).status, 200)
  }
  // one more where a busy machine keeps the answer for longer than an address may say nothing
  assert.ok((node?.accepted ?? 0) < before + 10)
  // a warning is emitted a tick after its cause
  await setImmediate()
  assert.deepEqual(warnings, [])
})

test('while a backend takes no new connections, logins share those that are open', async t => {
  const server = http.createServer((req, res) => req.resume().on('end', () => res.end()))
  const BACKEND_ORIGIN = `http://127.0.0.1:${await listening(t, server)}`
  const front = await stage(t, { env: { BACKEND_ORIGIN, CONNECT_TIMEOUT: '3s' } })
  await untilProven(front)
  // http.Server's own would close the idle ones, too
  net.Server.prototype.close.call(server)
  const logIn = () => fetch(`${front.url}/user/login`, { method: 'POST', body: 'name=taro' })
  for (let round = 0; round < 3; round++) {
    const answers = await Promise.all(Array.from({ length: 8 }, logIn))
    assert.deepEqual(
      answers.map(({ status }) => status),
      Array(8).fill(200),
    )
  }
})
