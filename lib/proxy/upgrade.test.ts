import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import type { Duplex } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ask, eventually, header, request, wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import { acceptOf } from './handshake.ts'

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
const HANDSHAKE = [
  'Connection: keep-alive, Upgrade',
  'Upgrade: websocket',
  `Sec-WebSocket-Key: ${KEY}`,
  'Sec-WebSocket-Version: 13',
]

type OnUpgrade = (req: http.IncomingMessage, socket: Duplex, head: Buffer) => void

const switched = (accept: string) =>
  `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: chat\r\n\r\n`

/** Switches, and sends all back that comes. */
const echo: OnUpgrade = (req, socket, head) => {
  socket.write(switched(acceptOf(String(req.headers['sec-websocket-key']))))
  socket.write(head)
  socket.on('error', () => {}).pipe(socket)
}

/** A front before an API on plain HTTP; `seen` is what the API got, plain requests and upgrades. */
async function setUp(t: TestContext, onUpgrade: OnUpgrade = echo, env: Record<string, string> = {}) {
  const seen: { line: string; headers: http.IncomingHttpHeaders; upgrade: boolean }[] = []
  const note = (req: http.IncomingMessage, upgrade: boolean) =>
    seen.push({ line: `${req.method} ${req.url}`, headers: req.headers, upgrade })
  const sockets = new Set<Duplex>()
  const server = http
    .createServer((req, res) => {
      note(req, false)
      req.resume().on('end', () => res.end('plain'))
    })
    .on('upgrade', (req, socket, head) => {
      note(req, true)
      sockets.add(socket.on('error', () => {}))
      onUpgrade(req, socket, head)
    })
    .listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
    for (const each of sockets) each.destroy()
  })
  const bound = server.address()
  const api = `http://127.0.0.1:${typeof bound === 'object' && bound ? bound.port : 0}`
  const front = await stage(t, {
    env: { CONNECT_TIMEOUT: '300ms', ...env },
    config: to => ({
      routes: [
        { path: '/user/login', to: api },
        { path: '/ws/', to: `${api}/v1/` },
        { path: '= /alone', to: `${api}/v1/alone` },
        { path: '/off', to: api, upgrade: false },
        { path: '/slow', to: api, timeout: '50ms' },
        { path: '/keyed', to: api, headers: { 'X-Key': 'k', Cookie: '' } },
        { path: '/gone', to: 'http://127.0.0.1:1' },
        { path: '/other', to },
      ],
    }),
  })
  return { ...front, seen, sockets }
}

const shake = (path: string, headers: readonly string[] = []) =>
  `GET ${path} HTTP/1.1\r\n${['Host: front.example', ...HANDSHAKE, ...headers].join('\r\n')}\r\n\r\n`

test('a WebSocket is passed on both ways, byte for byte', async t => {
  const front = await setUp(t)
  const client = await wire(t, front.port)
  client.send(shake('/ws/chat?room=1%2F2', ['Origin: http://front.example', 'Cookie: a=1']))
  const answer = await client.answer(true)
  assert.equal(answer.status, 101)
  assert.equal(header(answer, 'sec-websocket-accept'), acceptOf(KEY))
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
    socket.write(switched(acceptOf(String(req.headers['sec-websocket-key']))).replace(/\r\n$/, cookie))
  })
  const answer = await ask(front.port, shake('/ws/chat'), true)
  assert.equal(header(answer, 'set-cookie'), 'a=1; Path=/ws; HttpOnly')
})

test('WebSockets take no more than half of the connections that there may be: the next one gets 503, and a login is answered', async t => {
  const front = await setUp(t)
  front.lifecycle.connections.most = 4
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
    socket.write(
      switched(acceptOf(String(req.headers['sec-websocket-key']))).replace(
        'Sec-WebSocket-Protocol: chat\r\n',
        '',
      ),
    )
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
  ['no key', shake('/ws/a').replace(`Sec-WebSocket-Key: ${KEY}\r\n`, '')],
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

test('a refusal of the API is passed on, and what comes behind it reaches nobody', async t => {
  const front = await setUp(t, (_req, socket) => {
    socket.end('HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\nContent-Length: 2\r\n\r\nno')
  })
  const client = await wire(t, front.port)
  client.send(`${shake('/ws/chat')}GET /v1/admin HTTP/1.1\r\nHost: api\r\n\r\n`)
  const answer = await client.answer()
  assert.deepEqual([answer.status, answer.body, header(answer, 'sec-websocket-version')], [426, 'no', '13'])
  client.send('GET /v1/admin HTTP/1.1\r\nHost: api\r\n\r\n')
  assert.equal(await client.closed(), '')
  assert.equal(front.seen.length, 1)
})

/** An API that takes a handshake for a plain request, and begins an answer. */
const begins: OnUpgrade = (_req, socket) =>
  void socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbegun\r\n')

test('a client that leaves while a refusal is passed on ends it at the API as well', async t => {
  const front = await setUp(t, (req, socket, head) => {
    begins(req, socket, head)
    socket.resume().once('end', () => socket.destroy())
  })
  const client = await wire(t, front.port)
  client.send(shake('/ws/chat'))
  await client.until('begun')
  client.abort()
  await eventually(() => [...front.sockets].every(each => each.destroyed))
})

for (const [words, path, onUpgrade, code] of [
  ['stalls', '/slow', begins, 'BACKEND_TIMEOUT'],
  [
    'breaks off',
    '/ws/chat',
    (req: http.IncomingMessage, socket: Duplex, head: Buffer) => {
      begins(req, socket, head)
      socket.end()
    },
    'BACKEND_BROKE_OFF',
  ],
] as const) {
  test(`a refusal that ${words} is cut off as ${code}`, async t => {
    const front = await setUp(t, onUpgrade)
    const client = await wire(t, front.port)
    client.send(shake(path))
    await client.until('begun')
    await client.closed()
    await eventually(() => front.log.some(each => each.route === 'upgrade' && each.code === code))
  })
}

for (const [words, reply] of [
  ['a wrong Sec-WebSocket-Accept', switched('AAAAAAAAAAAAAAAAAAAAAAAAAAA=')],
  [
    'no Sec-WebSocket-Accept',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  ],
  ['another protocol', switched(acceptOf(KEY)).replace('websocket', 'h2c')],
  ['no Upgrade', switched(acceptOf(KEY)).replace('Upgrade: websocket\r\n', '')],
  ['no Connection', switched(acceptOf(KEY)).replace('Connection: Upgrade\r\n', '')],
] as const) {
  test(`101 with ${words} opens no tunnel`, async t => {
    const front = await setUp(
      t,
      (_req, socket) =>
        void socket
          .resume()
          .once('end', () => socket.destroy())
          .write(reply),
    )
    const client = await wire(t, front.port)
    client.send(`${shake('/ws/chat')}GET /v1/admin HTTP/1.1\r\nHost: api\r\n\r\n`)
    const { status, body } = await client.answer()
    assert.equal(status, 502)
    assert.match(body, /BACKEND_BAD_ANSWER/)
    const isBusy = (each: (typeof front.backends)[number]) =>
      Object.values(each.agent.state()).some(({ busy }) => busy > 0)
    await eventually(() => !front.backends.some(isBusy))
    assert.equal(front.seen.length, 1)
  })
}

test('a connection whose handshake is refused closes with its client, whatever that has sent behind it', async t => {
  const front = await setUp(t, (_req, socket) => socket.end('HTTP/1.1 403 no\r\nContent-Length: 2\r\n\r\nno'))
  for (const path of ['/ws/chat', '/gone', '/page']) {
    const client = await wire(t, front.port)
    client.send(shake(path) + request('GET /').repeat(20))
    client.halfClose()
    await client.closed()
  }
  await eventually(() => front.lifecycle.connections.now === 0)
})

test('a client that leaves within a refusal ends it at the API, too', async t => {
  const front = await setUp(t, (_req, socket) => {
    socket.write('HTTP/1.1 403 no\r\nContent-Length: 9\r\n\r\nno')
  })
  const client = await wire(t, front.port)
  client.send(`${shake('/ws/chat')}what is behind`)
  await client.until('\r\n\r\nno')
  client.halfClose()
  await client.closed()
  const isBusy = (each: (typeof front.backends)[number]) =>
    Object.values(each.agent.state()).some(({ busy }) => busy > 0)
  await eventually(() => !front.backends.some(isBusy))
})

for (const [words, path, then, code] of [
  ['breaks off within', '/ws/chat', (socket: Duplex) => void socket.end(), 'BACKEND_BROKE_OFF'],
  ['falls silent within', '/slow', () => {}, 'BACKEND_TIMEOUT'],
] as const)
  test(`an API that ${words} its refusal of a handshake has failed: its client did not leave`, async t => {
    const front = await setUp(t, (_req, socket) => {
      socket.write('HTTP/1.1 403 no\r\nContent-Length: 9\r\n\r\nno', () => then(socket))
    })
    const client = await wire(t, front.port)
    client.send(shake(path))
    await client.closed()
    await eventually(() => front.log.some(each => each.path === path && each.code === code))
  })

test('a client that does not read the refusal of its handshake is not waited for', async t => {
  const front = await setUp(t, (_req, socket) => {
    socket.write('HTTP/1.1 403 no\r\nConnection: close\r\n\r\n')
    socket.write(Buffer.alloc(64 * 1024 * 1024))
  })
  front.server.timeout = 200
  const client = net.connect({ port: front.port, host: '127.0.0.1' }).pause()
  t.after(() => void client.destroy())
  client.write(shake('/ws/chat'))
  await eventually(() => front.lifecycle.connections.now === 1)
  await eventually(() => front.lifecycle.connections.now === 0)
})

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

test('an API that says nothing to the handshake is a timeout', async t => {
  const front = await setUp(t, () => {})
  const { status, body } = await ask(front.port, shake('/slow'))
  assert.equal(status, 504)
  assert.match(body, /BACKEND_TIMEOUT/)
})

test('an API that cannot be reached is 502, and nothing was done', async t => {
  const front = await setUp(t)
  const { status, body } = await ask(front.port, shake('/gone'))
  assert.equal(status, 502)
  assert.match(body, /BACKEND_UNREACHABLE.*"retry":true/)
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
  front.listener.cutOff()
  await client.closed()
  await eventually(() => front.log.some(each => each.route === 'upgrade' && each.status === 101))
})

test('a client that reads nothing holds the API back', async t => {
  const size = 64 * 1024 * 1024
  let written = 0
  const front = await setUp(t, (req, socket) => {
    socket.write(switched(acceptOf(String(req.headers['sec-websocket-key']))))
    const chunk = Buffer.alloc(64 * 1024)
    const more = () => {
      while (written < size) {
        written += chunk.length
        if (!socket.write(chunk)) return void socket.once('drain', more)
      }
    }
    more()
  })
  const socket = net.connect(front.port, '127.0.0.1')
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

test('while no address can be reached, a handshake waits for one as a login does: its timeout counts from the connection', async t => {
  const { port, alb } = await setUp(t, echo, { BACKEND_TIMEOUT: '300ms', CONNECT_TIMEOUT: '3s' })
  for (const address of alb.listed) await alb.fault(address, 'refuse')
  const answered = ask(port, shake('/other'), true)
  await sleep(600)
  await alb.add()
  // its nodes know no WebSocket
  assert.equal((await answered).status, 200)
})
