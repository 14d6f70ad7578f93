import assert from 'node:assert/strict'
import { once } from 'node:events'
import type http from 'node:http'
import net from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { answerInBytes, countPieces, TEXT } from '../../test/pieces.ts'
import { ask, file, header, recorder, request } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

let reply: http.RequestListener
const backend = recorder((req, res) => reply(req.resume(), res))
const { port, alb } = await stage(file, { handler: backend.handler })

/** What the client gets of this reply. */
async function passedOn(answer: (res: http.ServerResponse) => void, method = 'GET') {
  reply = (_req, res) => answer(res)
  return ask(port, request(`${method} /user/login`), method === 'HEAD')
}

/** The same, of bytes that no server of Node would send. */
const passedOnRaw = (bytes: string, method = 'GET') =>
  passedOn(res => void res.socket?.end(bytes, 'latin1'), method)

test('several Set-Cookie stay apart and in order', async () => {
  const cookies = ['a=1; Path=/; HttpOnly', 'b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT', 'a=3']
  const answer = await passedOn(res => res.writeHead(200, { 'Set-Cookie': cookies }).end())
  assert.equal(header(answer, 'set-cookie'), cookies.join(' | '))
})

test('the names of headers keep their case, and repeated ones their lines', async () => {
  const answer = await passedOn(res => res.writeHead(200, ['X-CaSe', 'a', 'X-CaSe', 'b']).end())
  const lines = answer.headers.filter(each => each[0].toLowerCase() === 'x-case')
  assert.deepEqual(lines, [
    ['X-CaSe', 'a'],
    ['X-CaSe', 'b'],
  ])
})

test("the backend's Date and Server are passed on, and no second Date is added", async () => {
  const date = 'Tue, 15 Nov 1994 08:12:31 GMT'
  const answer = await passedOn(res => res.writeHead(200, { Date: date, Server: 'api/1' }).end())
  assert.equal(header(answer, 'date'), date)
  assert.equal(header(answer, 'server'), 'api/1')
})

for (const [status, reason] of [
  [200, 'Fine'],
  [201, 'Created'],
  [401, 'Who are you'],
  [404, 'Not Found'],
  [422, ''],
  [500, 'Oh no'],
  [503, 'Later'],
  [599, 'Last'],
] as const) {
  test(`${status} ${reason} is passed on with its body`, async () => {
    const answer = await passedOn(res => res.writeHead(status, reason).end('the backend says so'))
    assert.deepEqual([answer.status, answer.reason, answer.body], [status, reason, 'the backend says so'])
  })
}

test('a reason and a header in latin1 are passed on as they are', async () => {
  const answer = await passedOnRaw(
    'HTTP/1.1 200 d\xe9j\xe0 vu\r\nX-A: caf\xe9\r\nContent-Length: 2\r\n\r\nok',
  )
  assert.equal(answer.reason, 'd\xe9j\xe0 vu')
  assert.equal(header(answer, 'x-a'), 'caf\xe9')
})

test('a header in latin1 is passed on as it is, also where its body is late', async () => {
  const answer = await passedOn(async res => {
    res.socket?.write('HTTP/1.1 200 OK\r\nX-A: caf\xe9\r\nContent-Length: 2\r\n\r\n', 'latin1')
    await sleep(20)
    res.socket?.end('ok')
  })
  assert.equal(header(answer, 'x-a'), 'caf\xe9')
})

// Node undoes `chunked` alone, and the client would get the rest without a word that it is there
for (const coding of ['gzip, chunked', 'identity, chunked', 'chunked, chunked', ', chunked', 'gzip']) {
  test(`a body in Transfer-Encoding: ${coding} is not passed on`, async () => {
    const answer = await passedOnRaw(
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: ${coding}\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
    )
    assert.equal(answer.status, 502)
  })
}

// Node drops those behind the thousandth, Set-Cookie as well
for (const [count, status] of [
  [990, 200],
  [1000, 502],
  [1500, 502],
] as const) {
  test(`an answer with ${count} headers and a cookie gets ${status}`, async () => {
    const answer = await passedOnRaw(
      `HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(count)}Set-Cookie: a=b\r\nContent-Length: 2\r\n\r\nok`,
    )
    assert.equal(answer.status, status)
    assert.equal(header(answer, 'set-cookie'), status === 200 ? 'a=b' : undefined)
  })
}

test('204 has neither a body nor a length', async () => {
  const answer = await passedOnRaw('HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nX-A: b\r\n\r\n')
  assert.equal(answer.status, 204)
  assert.equal(header(answer, 'content-length'), undefined)
  assert.equal(header(answer, 'transfer-encoding'), undefined)
  assert.equal(header(answer, 'x-a'), 'b')
})

test('304 keeps its headers, the length of what it stands for among them', async () => {
  const answer = await passedOn(res => res.writeHead(304, { ETag: '"a"', 'Content-Length': 200 }).end())
  assert.equal(answer.status, 304)
  assert.equal(header(answer, 'etag'), '"a"')
  assert.equal(header(answer, 'content-length'), '200')
})

test('HEAD keeps the length of what GET would give', async () => {
  const answer = await passedOn(res => res.writeHead(200, { 'Content-Length': 200 }).end(), 'HEAD')
  assert.equal(header(answer, 'content-length'), '200')
})

test('a body without a length arrives whole', async () => {
  const answer = await passedOn(res => {
    res.write('one ')
    res.end('two')
  })
  assert.equal(header(answer, 'transfer-encoding'), 'chunked')
  assert.equal(answer.body, 'one two')
})

test('a body that ends with the connection arrives whole', async () => {
  const answer = await passedOnRaw('HTTP/1.0 200 OK\r\n\r\nto the end')
  assert.equal(answer.body, 'to the end')
})

test('one that breaks off ends with a reset for a client with HTTP/1.0, to which the end of a connection is that of an answer', async t => {
  let breakOff = () => {}
  reply = (_req, res) => {
    res.write('half of it')
    breakOff = () => void res.socket?.end()
  }
  const client = net.connect(port, '127.0.0.1').once('data', () => breakOff())
  t.after(() => client.destroy())
  client.write('GET /user/login HTTP/1.0\r\n\r\n')
  await assert.rejects(once(client, 'end'), { code: 'ECONNRESET' })
})

test('interim answers stay behind', async () => {
  const answer = await passedOn(res => {
    res.writeProcessing()
    res.writeEarlyHints({ link: '</a.css>; rel=preload' })
    res.end('final')
  })
  assert.deepEqual([answer.status, answer.body], [200, 'final'])
})

test('a compressed body stays compressed', async () => {
  const answer = await passedOn(res => res.writeHead(200, { 'Content-Encoding': 'x-own' }).end('x\x00y'))
  assert.equal(header(answer, 'content-encoding'), 'x-own')
  assert.equal(answer.body, 'x\x00y')
})

test("a redirect to the backend's own origin leads to the same path here", async () => {
  const location = `https://api.dev.jp:${alb.port}/user/login/next?a=1#b`
  const answer = await passedOn(res => res.writeHead(302, { Location: location }).end())
  assert.equal(answer.status, 302)
  assert.equal(header(answer, 'location'), '/user/login/next?a=1#b')
})

test('an answer in chunks of a byte is held in few pieces, and comes whole', async t => {
  const pieces = countPieces(t)
  assert.equal((await passedOn(res => answerInBytes(res.req, res))).body, TEXT)
  assert.ok(pieces.count < 200, `${pieces.count} pieces`)
})
