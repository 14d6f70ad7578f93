import assert from 'node:assert/strict'
import http from 'node:http'
import { pipeline, Writable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { header, type RawAnswer, request, wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import { drainBody } from '../pages/unread-body.ts'
import { limitSlowBodies } from './slow-clients.ts'

const PATIENCE = { ms: 300, bytesPerSecond: 10_000 }
const LENGTH = 500_000

/** Reads all of a body, then answers how long it was; or does what its path says. */
const pages = async (req: http.IncomingMessage, res: http.ServerResponse) => {
  const { socket } = req
  res.once('close', () => drainBody(req, socket))
  const refuse = new Writable({ write: (_chunk, _encoding, done) => done(new Error('over a limit')) })
  if (req.url === '/unread') return void res.end()
  if (req.url === '/refused') return pipeline(req, refuse, () => res.end())
  if (req.url === '/awaited') return void (await req.toArray().catch(() => {}))
  let size = 0
  req.on('data', (chunk: Buffer) => {
    size += chunk.length
  })
  req.on('end', () => res.end(String(size)))
}

/** A front that has little patience with clients, beside its own. */
async function setUp(t: TestContext, handler: http.RequestListener = pages) {
  const seen: string[] = []
  const noted: http.RequestListener = (req, res) => {
    seen.push(req.url ?? '')
    handler(req, res)
  }
  const front = await stage(t, { handler: noted, pages })
  limitSlowBodies(front.server, front.listener.connections, PATIENCE)
  return { ...front, seen }
}

/** Sends a piece again and again, until there is an answer or `most` have been sent. */
async function trickle(
  client: Awaited<ReturnType<typeof wire>>,
  piece: string,
  { every, most = Number.POSITIVE_INFINITY }: { every: number; most?: number },
): Promise<RawAnswer> {
  const answer = client.answer()
  const state = { done: false }
  void answer.catch(() => {}).finally(() => Object.assign(state, { done: true }))
  for (let sent = 0; !state.done && sent < most; sent++) {
    client.send(piece)
    await sleep(every)
  }
  return answer
}

const targets = [
  ['the API', '/user/login'],
  ['a page', '/upload'],
] as const
for (const [words, path] of targets) {
  const head = (length: number) => request(`POST ${path}`, [`Content-Length: ${length}`])

  test(`a body for ${words} that comes byte by byte gets 408, and the connection ends`, async t => {
    const { port, seen } = await setUp(t)
    const client = await wire(t, port)
    client.send(head(10_000))
    const answer = await trickle(client, 'a', { every: 20 })
    assert.deepEqual([answer.status, header(answer, 'connection')], [408, 'close'])
    await client.closed()
    assert.deepEqual(seen, [])
  })

  test(`a body for ${words} in chunks of one byte gets 408 as well`, async t => {
    const { port } = await setUp(t)
    const client = await wire(t, port)
    client.send(request(`POST ${path}`, ['Transfer-Encoding: chunked']))
    assert.equal((await trickle(client, '1\r\na\r\n', { every: 20 })).status, 408)
  })

  test(`a body for ${words} of which nothing comes any more gets 408`, async t => {
    const { port } = await setUp(t)
    const client = await wire(t, port)
    client.send(`${head(LENGTH)}${'x'.repeat(100_000)}`)
    assert.equal((await client.answer()).status, 408)
  })

  test(`what came fast before makes up for no more than the patience there is, for ${words}`, async t => {
    const { port } = await setUp(t)
    const client = await wire(t, port)
    client.send(`${head(LENGTH)}${'x'.repeat(LENGTH - 10_000)}`)
    assert.equal((await trickle(client, 'a', { every: 20 })).status, 408)
  })

  test(`a body for ${words} that takes many times as long, at more than the least rate, arrives whole`, async t => {
    const { port } = await setUp(t)
    const client = await wire(t, port)
    client.send(head(40 * 5000))
    const startedAt = performance.now()
    // 100 KB/s, and a busy machine may be ten times as slow
    const answer = await trickle(client, 'x'.repeat(5000), { every: 50, most: 40 })
    assert.ok(performance.now() - startedAt > 4 * PATIENCE.ms)
    assert.equal(answer.status, 200)
    assert.equal(answer.body, String(40 * 5000))
  })
}

test('a body that a page awaits and that comes byte by byte gets 408', async t => {
  const { port } = await setUp(t)
  const client = await wire(t, port)
  client.send(request('POST /awaited', ['Content-Length: 10000']))
  assert.equal((await trickle(client, 'a', { every: 20 })).status, 408)
})

for (const [what, path] of [
  ['does not read', '/unread'],
  ['refuses in its middle', '/refused'],
] as const) {
  test(`a client that goes on byte by byte behind the answer to an upload that a page ${what} is cut off`, async t => {
    const { port } = await setUp(t)
    const client = await wire(t, port)
    client.send(request(`POST ${path}`, [`Content-Length: ${LENGTH}`]) + 'x'.repeat(100_000))
    assert.equal((await client.answer()).status, 200)
    const trickling = setInterval(client.send, 20, 'x')
    t.after(() => clearInterval(trickling))
    assert.equal(await client.closed(), '')
  })
}

test('a client does not pay for a backend that takes nothing of its body', async t => {
  const { port } = await setUp(t, (req, res) => {
    setTimeout(() => pages(req, res), 4 * PATIENCE.ms)
  })
  const client = await wire(t, port)
  // more than the sockets between them hold
  const length = 1_048_576
  client.send(request('POST /user/login', [`Content-Length: ${length}`]) + 'x'.repeat(length))
  const { status, body } = await client.answer()
  assert.deepEqual([status, body], [200, String(length)])
})

test('a client that takes its time between requests is not late', async t => {
  const { port } = await setUp(t)
  const client = await wire(t, port)
  client.send(request('POST /user/login', [], 'abc'))
  assert.equal((await client.answer()).status, 200)
  await sleep(3 * PATIENCE.ms)
  client.send(request('POST /user/login', [], 'abc'))
  assert.equal((await client.answer()).status, 200)
})

test('an answer that takes its time is no slow body', async t => {
  const { port } = await setUp(t, (req, res) => {
    req.resume()
    setTimeout(() => res.end('late'), 3 * PATIENCE.ms)
  })
  const client = await wire(t, port)
  client.send(request('POST /user/login', [], 'abc'))
  assert.equal((await client.answer()).body, 'late')
})

test('a front that is closed looks no more', t => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  let looks = 0
  const receiving = () => {
    looks++
    return []
  }
  const server = http.createServer()
  limitSlowBodies(server, { receiving, probeUnread() {} }, PATIENCE)
  t.mock.timers.tick(PATIENCE.ms)
  assert.equal(looks, 10)
  server.emit('close')
  t.mock.timers.tick(PATIENCE.ms)
  assert.equal(looks, 10)
})
