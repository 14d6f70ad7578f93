import assert from 'node:assert/strict'
import type http from 'node:http'
import type net from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { answer, expectOf, setUp } from '../../test/proven-backend.ts'
import { eventually, request, untilDelivered, wire } from '../../test/raw.ts'

test('an address that answers 200 in place of 100 has carried the login out without its body: it is not relied on', async t => {
  const { seen, send, front, address } = await setUp(t, (_req, res) => res.end('welcome'))
  assert.equal((await send()).status, 200)
  assert.ok(front.backend.agent.expectations.isUnproven(address))
  assert.equal((await send()).status, 200)
  assert.deepEqual(expectOf(seen), [undefined, '100-continue', undefined])
})

/** As Nginx does. Node itself would close: it does not know whether the body still comes (RFC 9110 §10.1.1). */
const refuse = (req: http.IncomingMessage, res: http.ServerResponse, status = 401) => {
  res.writeHead(status, { Connection: 'keep-alive', 'Content-Length': 2 }).end('no')
  req.resume()
}

for (const status of [200, 302, 401, 413])
  test(`no body is sent behind a ${status} in place of 100, where Netty would take it for the next request`, async t => {
    let bytes = 0
    const { send } = await setUp(t, (req, res) => {
      const { socket } = req
      req.on('data', chunk => {
        bytes += chunk.length
      })
      refuse(req, res, status)
      socket.once('close', () => {
        bytes ||= -1
      })
    })
    const answered = await send()
    assert.deepEqual([answered.status, await answered.text()], [status, 'no'])
    await eventually(() => bytes !== 0)
    assert.equal(bytes, -1)
  })

test('an API that begins its answer before it reads gets the body, over a connection that carries no other request', async t => {
  let body = ''
  const sockets: net.Socket[] = []
  const { send } = await setUp(t, (req, res, nth) => {
    if (nth === 1) return answer(req, res, nth)
    sockets.push(req.socket)
    res.writeHead(200, { Connection: 'keep-alive', 'Content-Type': 'text/event-stream' }).write('begun')
    req.on('data', chunk => {
      body += chunk
    })
    req.on('end', () => res.end(', read'))
  })
  assert.equal((await send()).status, 200)
  const streamed = await send()
  assert.deepEqual([streamed.status, await streamed.text()], [200, 'begun, read'])
  assert.notEqual(body, '')
  await eventually(() => sockets.every(each => each.destroyed))
})

test('after a refusal in place of 100 the next logins are sent without Expect, and share a connection', async t => {
  const ports = new Set<number | undefined>()
  const { seen, send } = await setUp(t, (req, res) => {
    ports.add(req.socket.remotePort)
    refuse(req, res)
  })
  for (let i = 0; i < 5; i++) {
    const refusal = await send()
    assert.deepEqual([refusal.status, await refusal.text()], [401, 'no'])
  }
  assert.equal(ports.size, 2)
  assert.deepEqual(expectOf(seen), [undefined, '100-continue', undefined, undefined, undefined, undefined])
})

test('a connection that has been idle for a while is not used after a refusal in place of 100', async t => {
  const ports: unknown[] = []
  const { send } = await setUp(t, (req, res) => {
    ports.push(req.socket.remotePort)
    refuse(req, res)
  })
  for (let i = 0; i < 3; i++) assert.equal((await send()).status, 401)
  await sleep(1100)
  assert.equal((await send()).status, 401)
  assert.equal(ports[1], ports[2])
  assert.notEqual(ports[2], ports[3])
})

test('a login at an address that has refused is carried by none of the connections that close as it comes', async t => {
  const { send, front, api } = await setUp(t, (req, res) => {
    res.writeHead(401, { Connection: 'keep-alive' }).end('no')
    req.resume()
  })
  assert.equal((await send()).status, 401)
  const client = await wire(t, front.port)
  for (let i = 0; i < 10; i++) {
    client.send(request('POST /user/login', [], 'name=taro'))
    assert.equal((await client.answer()).status, 401)
    // both are in the kernel before the front's next turn: first the login, then the close
    client.send(request('POST /user/login', [], 'name=taro'))
    api.closeIdleConnections()
    untilDelivered()
    assert.equal((await client.answer()).status, 401)
  }
})

/** As uvicorn with httptools and HAProxy before Go do (measured), behind a catch-all that reads the body and so passes the probe. */
test('a handler that acts, answers 403 without reading and keeps the connection, and later drops it, runs once each time', async t => {
  const executions = new Map<unknown, number>()
  const { front } = await setUp(t, (req, res) => {
    const id = req.headers['x-id']
    executions.set(id, (executions.get(id) ?? 0) + 1)
    if (id === 'drops') return void req.socket.destroy()
    res.writeHead(403, { Connection: 'keep-alive' }).end('no')
    req.resume()
  })
  for (const [id, status] of [
    ['refused', 403],
    ['drops', 502],
  ] as const) {
    const response = await fetch(`${front.url}/user/login/logout`, {
      method: 'POST',
      body: '{}',
      headers: { 'X-Id': id },
    })
    assert.equal(response.status, status)
    await response.arrayBuffer()
  }
  assert.deepEqual([...executions.values()], [1, 1])
})

test('a refusal in place of 100 is passed on though its connection then breaks off', async t => {
  const { send } = await setUp(t, (req, res) => {
    req.socket.write('HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nnoand what is no answer')
    req.resume()
    res.on('error', () => {})
  })
  const refusal = await send()
  assert.deepEqual([refusal.status, await refusal.text()], [401, 'no'])
})

test('an answer that comes instead of 100 is passed on', async t => {
  const { seen, send } = await setUp(t, (_req, res) =>
    res.writeHead(429, { 'Retry-After': '60' }).end('slow down'),
  )
  const response = await send()
  assert.equal(response.status, 429)
  assert.equal(await response.text(), 'slow down')
  assert.equal(seen.length, 2)
})
