import assert from 'node:assert/strict'
import net from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { stand } from '../../../test/pages/stand.ts'
import { eventually, file, request, wire } from '../../../test/raw.ts'

const { get, port, clients } = await stand(file, { timeouts: { silence: 0 } })

const aborted = async () => Number((await get('/aborted')).body)
const holding = async () => Number((await get('/holding')).body)
const connections = async () => Number((await get('/connections')).body)

/** Until the worker has no more connections than before. */
const backTo = (before: number) => eventually(async () => (await connections()) <= before)

const LENGTH = ['Content-Length: 100000']
const CHUNKED = ['Transfer-Encoding: chunked']

for (const how of ['abort', 'halfClose'] as const) {
  for (const path of [
    '/unread?status=308',
    '/unread?status=404',
    '/unread',
    '/unread?status=200',
    '/begun',
  ]) {
    for (const [framing, start] of [
      [LENGTH, 'abc'],
      [CHUNKED, '3\r\nabc\r\n'],
    ] as const) {
      test(`${path}, ${framing}: a client that leaves within its body behind the answer (${how}) leaves no connection to the worker`, async t => {
        const before = await connections()
        for (let i = 0; i < 20; i++) {
          const client = await wire(t, port)
          client.send(request(`POST ${path}`, framing) + start)
          await client.until(path === '/begun' ? 'begun' : 'enough')
          client[how]()
          await client.closed()
        }
        await backTo(before)
        await eventually(async () => (await clients()) === 0)
      })
    }
  }

  test(`a client that leaves within its body before an answer (${how}) leaves no connection to the worker`, async t => {
    const before = await connections()
    const client = await wire(t, port)
    client.send(`${request('POST /held', LENGTH)}abc`)
    await eventually(async () => (await connections()) > before)
    client[how]()
    await client.closed()
    await backTo(before)
  })
}

test('a client that leaves a body behind which its page no longer reads leaves no connection to the worker', async t => {
  const before = await connections()
  const client = await wire(t, port)
  client.send(request('POST /unread', [], 'x'.repeat(1_200_000)))
  assert.equal((await client.answer()).status, 413)
  client.abort()
  await backTo(before)
})

for (const [words, text] of [
  ['within a body', request('POST /held', ['Content-Length: 100000000'])],
  ['behind a request', request('GET /held') + request('POST /held', ['Content-Length: 100000000'])],
] as const) {
  test(`a client that is reset ${words}, of which nothing more is read, leaves no connection of the front`, async t => {
    const before = await holding()
    const client = net.connect(port, '127.0.0.1').on('error', () => {})
    t.after(() => void client.destroy())
    client.write(text)
    // far more than the kernel's buffers hold
    for (let i = 0; i < 1000; i++) client.write(Buffer.alloc(100_000))
    await eventually(async () => (await holding()) > before)
    // until nothing more is read: nothing tells
    await sleep(400)
    assert.ok(client.writableLength > 0)
    client.resetAndDestroy()
    const resetAt = performance.now()
    await eventually(async () => (await clients()) === 0)
    // it takes 1 s; without a look at the client 30 s
    assert(performance.now() - resetAt < 15_000)
    await get('/go')
  })
}

for (const [words, line] of [
  ['a GET that is not answered yet', 'GET /held'],
  ['a HEAD', 'HEAD /held'],
  ['an answer to a GET that has begun', 'GET /stream'],
  ['an answer to a POST that has begun', 'POST /stream'],
] as const) {
  test(`a client that ends its side (FIN) ends ${words}`, async t => {
    const before = await aborted()
    const client = await wire(t, port)
    client.send(request(line, line.startsWith('POST') ? ['Content-Length: 0'] : []))
    if (line.endsWith('/stream')) await client.until('one ')
    else await get('/pid')
    client.halfClose()
    await eventually(async () => (await aborted()) > before)
    await client.closed()
    await get('/go')
  })
}

for (const body of ['', 'x']) {
  test(`a POST that is not answered yet keeps its answer behind a FIN, with ${body.length} bytes of body`, async t => {
    const client = await wire(t, port)
    client.send(request('POST /held', body === '' ? ['Content-Length: 0'] : [], body))
    await get('/pid')
    client.halfClose()
    await get('/pid')
    await get('/go')
    assert.equal((await client.answer()).body, 'two')
    assert.equal(await client.closed(), '')
  })
}

test('a GET behind a POST that is not answered yet waits for it, also behind a FIN', async t => {
  const client = await wire(t, port)
  client.send(request('POST /held', [], 'x') + request('GET /pid'))
  await get('/pid')
  client.halfClose()
  await get('/pid')
  await get('/go')
  assert.equal((await client.answer()).body, 'two')
  assert.match((await client.answer()).body, /^\d+$/)
})

test('pipelined GETs end with a FIN: the one under way is told, the others are not begun', async t => {
  const before = await aborted()
  const client = await wire(t, port)
  client.send(request('GET /held').repeat(5))
  await eventually(async () => (await connections()) >= 2)
  client.halfClose()
  assert.equal(await client.closed(), '')
  await eventually(async () => (await aborted()) > before)
  assert.equal(await aborted(), before + 1)
  await get('/go')
})
