import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ACCEPT, echo, setUp, shake } from '../../test/handshakes.ts'
import { ask, eventually, header, request, wire } from '../../test/raw.ts'
import { switchTo } from '../../testing/sockets.ts'

test('a WebSocket is passed on both ways, byte for byte', async t => {
  const front = await setUp(t)
  const client = await wire(t, front.port)
  const asked = shake('/ws/chat?room=1%2F2', ['Origin: http://front.example', 'Cookie: a=1'])
  // as Firefox says it
  client.send(asked.replace('Connection: ', 'Connection: keep-alive, '))
  const answer = await client.answer(true)
  assert.equal(answer.status, 101)
  assert.equal(header(answer, 'sec-websocket-accept'), ACCEPT)
  assert.equal(header(answer, 'sec-websocket-protocol'), 'chat')
  const [one] = front.seen
  assert.equal(one?.line, 'GET /v1/chat?room=1%2F2')
  assert.equal(one?.headers.cookie, 'a=1')
  assert.equal(one?.headers['x-forwarded-host'], 'front.example')
  client.send('\x81\x85\0\r\n\r\nGET')
  await client.until('\x81\x85\0\r\n\r\nGET')
})

test('a WebSocket at an exact path is passed on, and none below it', async t => {
  const front = await setUp(t)
  const statuses: number[] = []
  for (const path of ['/alone?a', '/alone/x', '/alone/']) {
    const client = await wire(t, front.port)
    client.send(shake(path))
    statuses.push((await client.answer(true)).status)
  }
  assert.deepEqual(statuses, [101, 200, 200])
  assert.deepEqual(
    front.seen.map(({ line }) => line),
    ['GET /v1/alone?a'],
  )
})

test('the headers of a route go with the handshake', async t => {
  const front = await setUp(t)
  await ask(front.port, shake('/keyed', ['X-Key: forged', 'Cookie: a=1']), true)
  const { 'x-key': key, cookie } = front.seen[0]?.headers ?? {}
  assert.deepEqual([key, cookie], ['k', undefined])
})

test('a cookie that comes with 101 is translated as any other', async t => {
  const front = await setUp(t, (req, socket) => {
    const cookie = 'Set-Cookie: a=1; Domain=api.dev.jp; Path=/v1; HttpOnly\r\n\r\n'
    socket.write(switchTo(req).replace(/\r\n$/, cookie))
  })
  const answer = await ask(front.port, shake('/ws/chat'), true)
  assert.equal(header(answer, 'set-cookie'), 'a=1; Path=/ws; HttpOnly')
})

test('the head of an answer to a handshake may be as large as that of any other', async t => {
  const head = `X-Large: ${'x'.repeat(60_000)}\r\n\r\n`
  const front = await setUp(t, (req, socket) => {
    const refusal = 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n'
    const answer = req.url?.endsWith('/no') ? refusal : switchTo(req)
    socket.write(answer.replace(/\r\n$/, head))
  })
  const statuses = ['/ws/chat', '/ws/no'].map(async path => (await ask(front.port, shake(path), true)).status)
  assert.deepEqual(await Promise.all(statuses), [101, 401])
})

test('WebSockets take no more than half of the connections that there may be: the next one gets 503, and a login is answered', async t => {
  const front = await setUp(t)
  front.bounds.connections.most = 4
  const open = async () => {
    const client = await wire(t, front.port)
    client.send(shake('/ws/chat'))
    return client.answer(true)
  }
  assert.deepEqual([(await open()).status, (await open()).status], [101, 101])
  const refused = await open()
  assert.deepEqual([refused.status, header(refused, 'retry-after')], [503, '1'])
  assert.equal((await ask(front.port, request('POST /user/login', [], 'abc'))).status, 200)
})

test('what comes right behind the handshake leaves only after 101', async t => {
  const front = await setUp(t)
  const client = await wire(t, front.port)
  client.send(`${shake('/ws/chat')}ahead`)
  assert.equal((await client.answer(true)).status, 101)
  await client.until('ahead')
})

test('the browser API opens one, and closes it', async t => {
  const front = await setUp(t, (req, socket) => {
    socket.write(switchTo(req))
    socket.write(Buffer.from([0x81, 2, 0x68, 0x69]))
    socket.once('data', () => socket.end(Buffer.from([0x88, 2, 0x03, 0xe8])))
  })
  const client = new WebSocket(`${front.url.replace('http', 'ws')}/ws/chat`)
  const [message] = await once(client, 'message')
  assert.equal(message.data, 'hi')
  client.close(1000)
  const [closed] = await once(client, 'close')
  assert.equal(closed.code, 1000)
})

test('a connection that closes under the handshake is tried once more', async t => {
  let count = 0
  const front = await setUp(t, (req, socket, head) => {
    if (count++ === 0) socket.destroy()
    else echo(req, socket, head)
  })
  assert.equal((await ask(front.port, shake('/ws/a'), true)).status, 101)
  assert.equal(front.seen.length, 2)
})

test('with REPLAY=off a handshake is not retried, as nothing else is', async t => {
  const front = await setUp(t, (_req, socket) => void socket.destroy(), { REPLAY: 'off' })
  assert.equal((await ask(front.port, shake('/ws/a'))).status, 502)
  assert.equal(front.seen.length, 1)
})

test('a handshake whose second try reaches nobody may have been carried out by the first, and its answer says so', async t => {
  let stop = () => {}
  const front = await setUp(t, (_req, socket) => {
    stop()
    socket.destroy()
  })
  stop = () => void front.apiServer.close()
  const { status, body } = await ask(front.port, shake('/ws/a'))
  assert.equal(status, 502)
  assert.match(body, /"code":"BACKEND_BROKE_OFF".*"retry":false/)
  assert.equal(front.seen.length, 1)
})

test('a connection that was a WebSocket is in no pool, and counts as busy until it closes', async t => {
  const front = await setUp(t)
  const backend = front.backends.find(({ origin }) => origin.port !== '' && origin.protocol === 'http:')
  const busy = () => Object.values(backend?.agent.state() ?? {})
  const client = await wire(t, front.port)
  client.send(shake('/ws/chat'))
  await client.answer(true)
  assert.deepEqual(busy(), [{ idle: 0, busy: 1 }])
  client.abort()
  await eventually(() => busy().length === 0)
  const isBusy = (each: (typeof front.backends)[number]) =>
    Object.values(each.agent.state()).some(({ busy }) => busy > 0)
  await eventually(() => !front.backends.some(isBusy))
})

test('either side that closes closes the other', async t => {
  const front = await setUp(t)
  const client = await wire(t, front.port)
  client.send(shake('/ws/chat'))
  await client.answer(true)
  const [api] = front.sockets
  api?.end('last words')
  assert.equal(await client.closed(), 'last words')
})

test('a WebSocket is one line in the log when it is over, with its time', async t => {
  const front = await setUp(t)
  const client = await wire(t, front.port)
  client.send(shake('/ws/chat'))
  await client.answer(true)
  const lines = () => front.log.filter(each => each.route === 'upgrade')
  assert.deepEqual(lines(), [])
  client.abort()
  await eventually(() => lines().length === 1)
  const [{ status, matched, path, level } = {}] = lines()
  assert.deepEqual([status, matched, path, level], [101, '/ws', '/ws/chat', 30])
})

test('a front that stops closes what is left of them', async t => {
  const front = await setUp(t)
  const client = await wire(t, front.port)
  client.send(shake('/ws/chat'))
  await client.answer(true)
  front.listener.closeAllConnections()
  await client.closed()
  await eventually(() => front.log.some(each => each.route === 'upgrade' && each.status === 101))
})

test('a client that reads nothing holds the API back', async t => {
  const size = 64 * 1024 * 1024
  let written = 0
  const front = await setUp(t, (req, socket) => {
    socket.write(switchTo(req))
    const chunk = Buffer.alloc(64 * 1024)
    const more = () => {
      while (written < size) {
        written += chunk.length
        if (!socket.write(chunk)) return void socket.once('drain', more)
      }
    }
    more()
  })
  const socket = net.connect(front.port, '127.0.0.1').on('error', () => {})
  t.after(() => socket.destroy())
  socket.write(shake('/ws/chat'))
  await once(socket, 'readable')
  let before: number
  do {
    before = written
    await sleep(100)
  } while (written !== before)
  assert.ok(written < size, `${written} bytes`)
})
