import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { eventually, file, header, recorder, request, wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

/** What the backend does to the connection of a request to /user/login/bad; any other is answered well. */
let misbehave: (socket: Socket) => void
const backend = recorder((req, res) => {
  if (req.url === '/user/login/bad') req.on('end', () => misbehave(req.socket))
  else req.on('end', () => res.end('answered'))
})
const { port, alb, tally, backend: pool } = await stage(file, { handler: backend.handler, count: 1 })

/** Until the connection that the backend misbehaved on is gone: none of it may reach another request. */
const noneLeft = () =>
  eventually(() => {
    const state = pool.agent.state()
    // one that has carried no request is no concern of theirs
    return [...alb.nodes.values()].every(each => each.connections === (state[each.address]?.unused ?? 0))
  })

type Context = Parameters<typeof wire>[0]

/** Answer of the front to a bad answer of the backend, and then of the next request on the same connection. */
async function answers(t: Context, how: string | ((socket: Socket) => void), method = 'POST') {
  misbehave = typeof how === 'string' ? socket => void socket.end(how, 'latin1') : how
  const client = await wire(t, port)
  client.send(request(`${method} /user/login/bad`))
  const bad = await client.answer(method === 'HEAD')
  await noneLeft()
  client.send(request('GET /user/login/good'))
  const next = await client.answer()
  assert.equal(next.body, 'answered')
  alb.closeIdle()
  await noneLeft()
  return bad
}

const OK = 'HTTP/1.1 200 OK\r\n'
const refused: [words: string, bytes: string][] = [
  ['status 000', 'HTTP/1.1 000 Zero\r\nContent-Length: 2\r\n\r\nok'],
  ['status 99', 'HTTP/1.1 99 Little\r\nContent-Length: 2\r\n\r\nok'],
  ['status 1000', 'HTTP/1.1 1000 Much\r\nContent-Length: 2\r\n\r\nok'],
  ['a status that is no number', 'HTTP/1.1 abc Much\r\nContent-Length: 2\r\n\r\nok'],
  ['a control character in the reason', 'HTTP/1.1 200 a\x01b\r\nContent-Length: 2\r\n\r\nok'],
  ['a control character in a header', `${OK}X-A: a\x01b\r\nContent-Length: 2\r\n\r\nok`],
  ['NUL in a header', `${OK}X-A: a\0b\r\nContent-Length: 2\r\n\r\nok`],
  ['a header without a colon', `${OK}X-A\r\nContent-Length: 2\r\n\r\nok`],
  ['101', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
  [
    '101 with an Upgrade',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  ],
  ['two lengths', `${OK}Content-Length: 2\r\nContent-Length: 3\r\n\r\nok`],
  [
    'a length beside chunks',
    `${OK}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
  ],
  [
    '101 informational answers',
    `${'HTTP/1.1 102 Processing\r\n\r\n'.repeat(101)}${OK}Content-Length: 2\r\n\r\nok`,
  ],
  ['a length that is no number', `${OK}Content-Length: two\r\n\r\nok`],
  ['garbage', '\0\x01\x02garbage\r\n\r\n'],
  ['HTML without a head', '<!doctype html><p>Hello'],
  ['HTTP/2', '\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80'],
  ['a head of more than 64 KiB', `${OK}X-A: ${'a'.repeat(66_000)}\r\n\r\n`],
]
for (const [words, bytes] of refused) {
  test(`an answer with ${words} gets 502, and the next request is served`, async t => {
    const before = tally.failed.BACKEND_BAD_ANSWER ?? 0
    const { status, body } = await answers(t, bytes)
    assert.equal(status, 502)
    const { code, retry } = JSON.parse(body).error
    assert.deepEqual([code, retry], ['BACKEND_BAD_ANSWER', false])
    assert.equal(tally.failed.BACKEND_BAD_ANSWER, before + 1)
  })
}

test('a head that does not end gets 502, and the backend is hung up on', async t => {
  const { status } = await answers(t, socket => {
    socket.write(OK)
    const timer = setInterval(() => socket.write(`X-A: ${'a'.repeat(4000)}\r\n`), 1)
    socket.on('close', () => clearInterval(timer)).on('error', () => {})
  })
  assert.equal(status, 502)
})

test('101 on a connection that stays open gets 502, and the backend is hung up on', async t => {
  const upgrade = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
  const { status } = await answers(t, socket => void socket.write(upgrade))
  assert.equal(status, 502)
})

const passed: [words: string, bytes: string, status: number, body: string][] = [
  ['204 with Trailer', 'HTTP/1.1 204 No Content\r\nTrailer: X-A\r\n\r\n', 204, ''],
  ['204 with a body', 'HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n{}', 204, ''],
  ['204 with chunks', 'HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 204, ''],
  ['Trailer beside a length', `${OK}Trailer: X-A\r\nContent-Length: 2\r\n\r\nok`, 200, 'ok'],
  [
    'trailers',
    `${OK}Trailer: X-A\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-A: b\r\n\r\n`,
    200,
    'ok',
  ],
  [
    'an Upgrade that is only offered',
    `${OK}Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nok`,
    200,
    'ok',
  ],
  [
    '100 informational answers',
    `${'HTTP/1.1 102 Processing\r\n\r\n'.repeat(100)}${OK}Content-Length: 2\r\n\r\nok`,
    200,
    'ok',
  ],
  ['no reason and no space for it', 'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok', 200, 'ok'],
  ['status 999', 'HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\nok', 999, 'ok'],
  ['more than its length', `${OK}Content-Length: 2\r\n\r\nokay`, 200, 'ok'],
  [
    'another answer behind it',
    `${OK}Content-Length: 2\r\n\r\nok${OK}Content-Length: 6\r\n\r\npoison`,
    200,
    'ok',
  ],
]
for (const [words, bytes, status, body] of passed) {
  test(`an answer with ${words} is passed on, and the next request is served`, async t => {
    const answer = await answers(t, bytes)
    assert.deepEqual([answer.status, answer.body], [status, body])
    assert.equal(header(answer, 'trailer'), undefined)
  })
}

test('an answer to HEAD with a body is passed on without it, and the next request is served', async t => {
  const { status, headers } = await answers(t, `${OK}Content-Length: 4\r\n\r\nbody`, 'HEAD')
  assert.equal(status, 200)
  assert.equal(header({ headers }, 'content-length'), '4')
})

// a server that answers an idle connection with 408 does this
test('what the backend says on an idle connection is never the answer to the next request', async t => {
  const answer = await answers(t, socket => {
    socket.write(`${OK}Content-Length: 2\r\n\r\nok`)
    setTimeout(() => socket.write('HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n'), 50)
  })
  assert.equal(answer.body, 'ok')
})

test('a malformed chunk in the middle of an answer cuts it off', async t => {
  misbehave = socket => {
    socket.write(`${OK}Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n`)
    setTimeout(() => socket.write('zz\r\n'), 20)
  }
  const client = await wire(t, port)
  client.send(request('POST /user/login/bad'))
  assert.match(await client.closed(), /4\r\nhalf\r\n$/)
  await noneLeft()
})
