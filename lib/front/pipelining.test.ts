import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { eventually, request, wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

/** A front whose API leaves each answer to the test. */
async function holding(t: TestContext) {
  const held: ServerResponse[] = []
  const front = await stage(t, {
    handler: (req, res) => {
      held.push(res)
      req.resume()
    },
  })
  return { ...front, held, client: await wire(t, front.port) }
}

const login = (number: number, bytes: number) => request(`POST /user/login/${number}`, [], 'a'.repeat(bytes))

test('logins of 60 KB that are sent at once use one connection to the backend, and stay with the client until their turn', async t => {
  const count = 60
  let [inside, most] = [0, 0]
  const front = await stage(t, {
    count: 1,
    handler: (req, res) => {
      most = Math.max(most, ++inside)
      req.resume().on('end', () => {
        inside--
        res.end(req.url)
      })
    },
  })
  const client = await wire(t, front.port)
  let [ahead, over] = [0, 0]
  front.server.on('request', ({ socket }, res) => {
    ahead = Math.max(ahead, socket.bytesRead - over * 60_000)
    res.once('close', () => over++)
  })
  for (let i = 0; i < count; i++) client.send(login(i, 60_000))
  for (let i = 0; i < count; i++) assert.equal((await client.answer()).body, `/user/login/${i}`)
  assert.equal(most, 1)
  // the one under way, the one that waits, and what one read brings
  assert.ok(ahead < 300_000, `${ahead} bytes were read ahead of the answers`)
})

test('1,500 requests that are sent at once are answered in order, and none is begun before the one before it is over', async t => {
  const count = 1500
  let [inside, most] = [0, 0]
  const front = await stage(t, {
    pages: (req, res) => {
      most = Math.max(most, ++inside)
      setImmediate(() => {
        inside--
        res.end(req.url)
      })
    },
  })
  const client = await wire(t, front.port)
  const waiting = { now: 0, most: 0 }
  front.server.on('request', (_req, res) => {
    waiting.most = Math.max(waiting.most, ++waiting.now)
    res.once('close', () => waiting.now--)
  })
  client.send(Array.from({ length: count }, (_, i) => request(`GET /${i}`)).join(''))
  for (let i = 0; i < count; i++) assert.equal((await client.answer()).body, `/${i}`)
  assert.equal(most, 1)
  // what Node's parser makes of one read is 1,200 of these
  assert.ok(waiting.most < 20, `${waiting.most} were parsed and not over`)
})

for (const [how, leave] of [
  ['resets its connection', 'abort'],
  ['sends a FIN behind requests that change nothing', 'halfClose'],
] as const)
  test(`a client that ${how} while a request waits ends the one under way, and the other is not begun`, async t => {
    const { client, held, tally } = await holding(t)
    client.send(request('GET /user/login/1') + request('GET /user/login/2'))
    await eventually(() => held.length === 1)
    client[leave]()
    await eventually(() => tally.gone === 1 && held[0]?.destroyed === true)
    assert.equal(held.length, 1)
  })

test('a client that sends a FIN behind a login gets its answer, and the answer of the one that waits', async t => {
  const { client, held } = await holding(t)
  client.send(login(1, 3) + login(2, 3))
  client.halfClose()
  await eventually(() => held.length === 1)
  held[0]?.end('first')
  assert.equal((await client.answer()).body, 'first')
  await eventually(() => held.length === 2)
  held[1]?.end('second')
  assert.equal((await client.answer()).body, 'second')
  assert.equal(await client.closed(), '')
})

test('a login whose head comes in two packets behind another one is answered in its turn', async t => {
  const { client, held } = await holding(t)
  const second = login(2, 300)
  client.send(login(1, 300) + second.slice(0, 30))
  await eventually(() => held.length === 1)
  client.send(second.slice(30) + login(3, 3))
  for (const i of [0, 1, 2]) {
    await eventually(() => held.length === i + 1)
    held[i]?.end(`${i}`)
    assert.equal((await client.answer()).body, `${i}`)
  }
})

test('what is no request behind one under way is refused in its turn, on the egress listener, too', async t => {
  const front = await holding(t)
  for (const port of [front.port, front.egressPort]) {
    const client = await wire(t, port)
    const before = front.held.length
    client.send(`${request('GET /user/login/1', ['Host: 127.0.0.1'])}junk\r\n\r\n`)
    await eventually(() => front.held.length > before)
    front.held.at(-1)?.end('first')
    assert.equal((await client.answer()).body, 'first')
    assert.equal((await client.answer()).status, 400)
    await client.closed()
  }
})

const FULL_READ = 64 * 1024

for (const [words, head, piece] of [
  ['blank lines', '', '\r\n'.repeat(32_000)],
  [
    'extensions of chunks',
    request('POST /user/login', ['Transfer-Encoding: chunked']),
    `1;${'a'.repeat(15_000)}\r\na\r\n`.repeat(4),
  ],
] as const) {
  test(`of ${words}, sent as fast as they go, one turn of the event loop reads a part`, async t => {
    const front = await stage(t)
    const connected = once(front.server, 'connection')
    await wire(t, front.port)
    const [socket]: Socket[] = await connected
    assert(socket)
    socket.emit('data', Buffer.from(head))
    const sent = Buffer.from(piece.repeat(2_000_000 / piece.length))
    let bytes = 0
    // as libuv reads, as long as more has come: what is pushed back waits, whoever resumes the socket
    for (; socket.readableLength === 0 && bytes < sent.length; bytes += FULL_READ) {
      socket.emit('data', sent.subarray(bytes, bytes + FULL_READ))
      await new Promise(process.nextTick)
    }
    assert.ok(bytes <= 256 * 1024, `${bytes} bytes`)
    await eventually(() => !socket.isPaused())
  })
}

test('while 100 connections have many requests each, the event loop turns often: another visitor waits for some turns', async t => {
  const front = await stage(t)
  let begun = 0
  front.server.on('request', () => begun++)
  const clients = await Promise.all(Array.from({ length: 100 }, () => wire(t, front.port)))
  for (const client of clients) client.send(request('GET /healthz').repeat(50))
  await eventually(() => begun >= 500)
  const before = begun
  let turns = 0
  for (; begun < 4500; turns++) await nextTurn()
  assert.ok(turns > (begun - before) / 16, `${turns} turns for ${begun - before} requests`)
})
