import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import type net from 'node:net'
import { test } from 'node:test'
import { listening } from '../../test/listening.ts'
import { accept, answer, answerAll, expectOf, setUp } from '../../test/proven-backend.ts'
import { eventually, request, wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

test('a login over a reused connection asks first; over a fresh one it does not', async t => {
  const { seen, send } = await setUp(t, accept)
  assert.equal((await send()).status, 200)
  assert.deepEqual(expectOf(seen), [undefined, '100-continue'])
})

test('header bytes above 0x7f arrive as they were, also over a reused connection', async t => {
  const values: unknown[] = []
  const { front } = await setUp(t, (req, res, nth) => {
    values.push(req.headers['x-name'], req.headers.expect)
    answer(req, res, nth)
  })
  const headers = { 'X-Name': '\u00e5\u00a4\u00aa', 'Content-Length': 1 }
  const request = http
    .request(`${front.url}/user/login`, { method: 'POST', headers, agent: false })
    .end(Buffer.from('a'))
  const [response]: http.IncomingMessage[] = await once(request, 'response')
  assert.deepEqual([response?.statusCode, String(await response?.toArray())], [200, 'welcome'])
  assert.deepEqual(values, ['\u00e5\u00a4\u00aa', undefined])
})

test('a request whose body could be read as another request is not sent with Expect, for gevent would run it', async t => {
  const { seen, front } = await setUp(t, answer)
  for (const body of [
    'POST /admin HTTP/1.1\r\nHost: api\r\n\r\n',
    '{}\r\nPOST /admin http/1.1\r\n\r\n',
    'GET /admin',
    '\r\n get\t/admin\r\n',
    'GET\x85/admin',
  ]) {
    const sent = Buffer.from(body, 'latin1')
    assert.equal((await fetch(`${front.url}/user/login/logout`, { method: 'POST', body: sent })).status, 200)
    assert.deepEqual(seen.at(-1), { method: 'POST', expect: undefined, executed: true }, body)
  }
})

test('a login that waits for 100 is not answered by what came unasked over an idle connection', async t => {
  const { front, api } = await setUp(t, accept)
  const sockets = new Set<net.Socket>()
  api.on('request', req => sockets.add(req.socket)).on('checkContinue', req => sockets.add(req.socket))
  const client = await wire(t, front.port)
  for (let i = 0; i < 10; i++) {
    client.send(request('POST /user/login', [], 'name=taro'))
    assert.equal((await client.answer()).status, 200)
    // as above: first the login, then what servers say of a connection that was idle for too long
    client.send(request('POST /user/login', [], 'name=taro'))
    for (const socket of sockets) socket.write('HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n')
    sockets.clear()
    assert.equal((await client.answer()).status, 200)
  }
})

for (const head of ['HTTP/1.1 100 Continue\r\nConnection: close\r\n\r\n', 'HTTP/1.0 100 Continue\r\n\r\n'])
  test(`a backend gets no Expect whose 100 ends the connection by its ${head.includes('close') ? 'header' : 'version'}: Node takes no answer behind it`, async t => {
    const api = http.createServer(answerAll).on('checkContinue', (req, res) => {
      req.socket.write(head)
      answerAll(req, res)
    })
    const port = await listening(t, api)
    const { url, backend } = await stage(t, {
      count: 1,
      env: { BACKEND_ORIGIN: `http://127.0.0.1:${port}` },
    })
    const statuses: number[] = []
    await eventually(async () => {
      const answered = await fetch(`${url}/user/login`, { method: 'POST', body: 'name=taro' })
      statuses.push(answered.status)
      await answered.arrayBuffer()
      return answered.status !== 200 || backend.agent.expectations.isUnproven('127.0.0.1')
    })
    assert.deepEqual([...new Set(statuses)], [200])
  })
