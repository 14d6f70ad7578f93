import assert from 'node:assert/strict'
import { test } from 'node:test'
import { echo, setUp, shake } from '../../test/handshakes.ts'
import { ask, request, wire } from '../../test/raw.ts'

for (const [words, path, headers] of [
  ['a login', '/user/login', []],
  ['a route that has them off', '/off', []],
] as const) {
  test(`${words} takes no WebSocket: it is a plain request`, async t => {
    const front = await setUp(t)
    const answer = await ask(front.port, shake(path, headers))
    assert.equal(answer.body, 'plain')
    assert.deepEqual(
      front.seen.map(({ upgrade, headers }) => [upgrade, headers.upgrade]),
      [[false, undefined]],
    )
  })
}

for (const [words, text] of [
  ['another protocol', shake('/ws/a').replace('Upgrade: websocket', 'Upgrade: h2c')],
  ['two protocols', shake('/ws/a').replace('Upgrade: websocket', 'Upgrade: websocket, h2c')],
  ['no key', shake('/ws/a').replace(/Sec-WebSocket-Key.*\r\n/, '')],
  ['POST', shake('/ws/a').replace('GET', 'POST').replace('\r\n\r\n', '\r\nContent-Length: 0\r\n\r\n')],
  ['a body', shake('/ws/a').replace('\r\n\r\n', '\r\nContent-Length: 3\r\n\r\nabc')],
  ['HTTP/1.0', shake('/ws/a').replace('HTTP/1.1', 'HTTP/1.0')],
] as const) {
  test(`a handshake with ${words} is a plain request`, async t => {
    const front = await setUp(t)
    const { body } = await ask(front.port, text)
    assert.equal(body, 'plain')
    assert.deepEqual(
      front.seen.map(({ upgrade }) => upgrade),
      [false],
    )
  })
}

test('a handshake with a chunked body is malformed', async t => {
  const front = await setUp(t)
  const text = shake('/ws/a').replace('\r\n\r\n', '\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n')
  assert.equal((await ask(front.port, text)).status, 400)
  assert.deepEqual(front.seen, [])
})

for (const [origin, status] of [
  ['http://front.example', 101],
  ['https://app.dev.jp', 101],
  ['https://evil.example', 403],
  ['http://front.example:81', 403],
  ['null', 403],
] as const) {
  test(`a page of ${origin} gets ${status}`, async t => {
    const front = await setUp(t, echo, { ALLOWED_ORIGINS: 'https://app.dev.jp' })
    const answer = await ask(front.port, shake('/ws/chat', [`Origin: ${origin}`]), true)
    assert.equal(answer.status, status)
    assert.equal(front.seen.length, status === 101 ? 1 : 0)
  })
}

test('a handshake behind a request that is not answered yet is a plain request', async t => {
  const front = await setUp(t)
  const client = await wire(t, front.port)
  client.send(request('GET /ws/first') + shake('/ws/second'))
  assert.equal((await client.answer()).body, 'plain')
  assert.equal((await client.answer()).body, 'plain')
  assert.deepEqual(
    front.seen.map(({ upgrade }) => upgrade),
    [false, false],
  )
})
