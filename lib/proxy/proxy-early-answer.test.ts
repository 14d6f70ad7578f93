import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { test } from 'node:test'
import { listening } from '../../test/listening.ts'
import { ask, eventually, file, request, wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

/** An API that answers a body's first bytes and stops to read, as body parsers do over a limit of theirs. */
const { backend, port, egressUrl, log } = await stage(file, {
  count: 1,
  handler: (req, res) => {
    if (req.url?.endsWith('/told')) return void res.end(req.headers.connection)
    if (!req.url?.endsWith('/unread')) return void req.resume().on('end', () => res.end('answered'))
    req.once('data', () => {
      req.pause()
      // all of it has left the front by then, and is in the kernel's buffers
      setTimeout(() => res.writeHead(413).end('enough'), 50)
    })
  },
})
const egress = Number(new URL(egressUrl).port)

for (const size of [50_000, 150_000, 900_000]) {
  for (const [words, framing, body] of [
    ['of known length', `Content-Length: ${size}`, 'x'.repeat(size)],
    ['in chunks', 'Transfer-Encoding: chunked', `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n0\r\n\r\n`],
  ] as const) {
    test(`an API that stops reading a body ${words} of ${size} bytes hangs no other login`, async t => {
      log.length = 0
      for (const [target, host] of [
        [port, 'front.example'],
        [egress, 'localhost'],
      ] as const) {
        for (let i = 0; i < 3; i++) {
          const client = await wire(t, target)
          client.send(request('POST /user/login/unread', [`Host: ${host}`, framing]) + body)
          assert.equal((await client.answer()).status, 413)
          const { status } = await ask(port, request('POST /user/login', [], 'name=taro'))
          assert.equal(status, 200)
          client.send(request('GET /user/login', [`Host: ${host}`]))
          assert.equal((await client.answer()).body, 'answered')
        }
      }
      // none of the six has to be retried, over another connection, unless a busy machine is slow to say 100
      const isRetry = (msg: unknown, cause: unknown) =>
        msg === 'attempt failed, retried' && !/no 100 within/.test(String(cause))
      assert.deepEqual(
        log.filter(({ msg, cause }) => isRetry(msg, cause)),
        [],
      )
      await eventually(() => Object.values(backend.agent.state()).every(({ busy }) => busy === 0))
    })
  }
}

test('an upload that is answered early and that closes the connection is read until its client has the answer', async t => {
  const front = await stage(t, {
    env: { MAX_BODY: '50mb' },
    handler: (_req, res) => void res.writeHead(401).end('no'),
  })
  const body = Buffer.alloc(8_000_000)
  const headers = { Connection: 'close', 'Content-Length': body.length }
  const asked = http.request(`${front.url}/user/login`, { method: 'POST', agent: false, headers })
  const written = once(asked, 'finish')
  asked.end(body)
  const [answer]: http.IncomingMessage[] = await once(asked, 'response')
  assert.equal(answer?.statusCode, 401)
  await written
})

// it would close right behind its answer, and reset that with what it has not read
test('an API that may answer before a body in chunks is whole is not told to close', async () => {
  const chunks = `${(150_000).toString(16)}\r\n${'x'.repeat(150_000)}\r\n`
  const { body } = await ask(port, request('POST /user/login/told', ['Transfer-Encoding: chunked']) + chunks)
  assert.equal(body, 'keep-alive')
})

test('an API that refuses a body and resets the connection is heard to its last word, also where more of the body came with that', async t => {
  let more = () => {}
  const why = 'no'.repeat(10_000)
  const refuses = net.createServer(socket => {
    socket
      .on('error', () => {})
      .once('data', () => {
        more()
        const head = `HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: ${why.length}\r\n\r\n`
        socket.write(head + why)
        socket.resetAndDestroy()
      })
  })
  const api = await listening(t, refuses)
  const front = await stage(t, {
    config: () => ({ routes: [{ path: '/up', to: `http://127.0.0.1:${api}` }] }),
  })
  const client = await wire(t, front.port)
  more = () => client.send('x'.repeat(100_000))
  client.send(request('POST /up', ['Content-Length: 900000']) + 'x'.repeat(150_000))
  const { status, body } = await client.answer()
  assert.deepEqual([status, body], [401, why])
})
