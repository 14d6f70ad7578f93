import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import type net from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { listening } from '../../test/listening.ts'
import { eventually, request, wire } from '../../test/raw.ts'
import { stage, untilProven } from '../../test/stage.ts'

type Seen = { method: string; expect: string | undefined; executed: boolean }
const expectOf = (seen: readonly Seen[]) => seen.map(each => each.expect)
const executedOf = (seen: readonly Seen[]) => seen.map(each => each.executed)
type Api = (request: http.IncomingMessage, response: http.ServerResponse, nth: number) => unknown

const execute = (req: http.IncomingMessage, then: () => void) => req.resume().on('end', then)
const answer: Api = (req, res) => execute(req, () => res.end('welcome'))

/**
 * A front before a plain HTTP backend that has proven that it says 100 before it routes; `later` takes everything after that.
 * `seen` begins with a login that has been answered: `later` gets the second from it on.
 */
async function setUp(t: TestContext, later: Api, env: Record<string, string> = {}) {
  const seen: Seen[] = []
  let isProven = false
  const take = (req: http.IncomingMessage, res: http.ServerResponse) => {
    if (req.url?.includes('-gatehouse-probe-')) return res.writeContinue()
    if (!isProven) return (req.headers.expect === undefined ? answer : accept)(req, res, 1)
    const entry: Seen = { method: req.method ?? '', expect: req.headers.expect, executed: false }
    seen.push(entry)
    req.once('end', () => {
      entry.executed = true
    })
    later(req, res, seen.length)
  }
  const api = http.createServer(take).on('checkContinue', take)
  const port = await listening(t, api)
  const settings = { BACKEND_ORIGIN: `http://127.0.0.1:${port}`, CONNECT_TIMEOUT: '400ms', ...env }
  const front = await stage(t, { count: 1, env: settings })
  const send = (method = 'POST') =>
    fetch(`${front.url}/user/login`, { method, ...(method === 'POST' && { body: 'name=taro' }) })
  if (env.REPLAY === 'off') assert.equal((await send()).status, 200)
  else await untilProven(front)
  isProven = true
  seen.push({ method: 'POST', expect: undefined, executed: true })
  return { seen, send, front, api, address: '127.0.0.1' }
}

const answerAll: http.RequestListener = (req, res) => answer(req, res, 1)

const accept: Api = (req, res, nth) => {
  res.writeContinue()
  answer(req, res, nth)
}

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

test('a request whose body could be read as another request is not asked first, for gevent would run it', async t => {
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

test('a login whose connection closes before the backend says 100 is retried, and runs once', async t => {
  const { seen, send, front } = await setUp(t, (req, res, nth) =>
    nth === 2 ? req.socket.destroy() : (req.headers.expect ? accept : answer)(req, res, nth),
  )
  assert.equal((await send()).status, 200)
  assert.deepEqual(executedOf(seen), [true, false, true])
  assert.equal(front.tally.replayed, 1)
})

test('a login that meets two dead connections in a row goes over a fresh one', async t => {
  const { seen, send } = await setUp(t, (req, res, nth) => {
    // the first five make the pool, and are answered when all of them are there
    if (nth <= 5) setTimeout(() => (req.headers.expect ? accept : answer)(req, res, nth), 50)
    else if (req.headers.expect !== undefined) req.socket.destroy()
    else answer(req, res, nth)
  })
  await Promise.all(Array.from({ length: 4 }, () => send()))
  // of listeners that look like a leak
  const warnings: Error[] = []
  const note = (warning: Error) => warnings.push(warning)
  process.on('warning', note)
  t.after(() => process.off('warning', note))
  const before = seen.length
  assert.equal((await send()).status, 200)
  assert.deepEqual(expectOf(seen.slice(before)), ['100-continue', '100-continue', undefined])
  assert.deepEqual(warnings, [])
})

test('a login over a connection that nobody is behind any more is retried over another', async t => {
  const { seen, send, front } = await setUp(t, (req, res, nth) => {
    if (nth > 2) answer(req, res, nth)
  })
  assert.equal((await send()).status, 200)
  assert.deepEqual(executedOf(seen), [true, false, true])
  assert.equal(front.tally.replayed, 1)
})

test('a login whose machine went silent and is gone fails once it cannot be dialled', async t => {
  let stop = () => {}
  const { seen, send, front, api } = await setUp(t, () => stop())
  // its one connection stays, and says nothing
  stop = () => void api.close()
  const response = await send()
  assert.equal(response.status, 502)
  assert.match(await response.text(), /"code":"BACKEND_UNREACHABLE".*"retry":true/)
  assert.equal(seen.length, 2)
  assert.equal(front.tally.replayed, 1)
})

test('what may have been executed is not said to be undone where it cannot be retried', async t => {
  let stop = () => {}
  const { seen, send, api } = await setUp(t, req =>
    execute(req, () => {
      stop()
      req.socket.destroy()
    }),
  )
  stop = () => void api.close()
  const response = await send('DELETE')
  assert.equal(response.status, 502)
  assert.match(await response.text(), /"code":"BACKEND_BROKE_OFF".*"retry":false/)
  assert.equal(seen.length, 2)
})

test('an address that does not say 100 within CONNECT_TIMEOUT loses the proof at once: no further login waits', async t => {
  const { seen, send, front, address } = await setUp(t, (req, res, nth) => {
    if (req.headers.expect === undefined) answer(req, res, nth)
  })
  for (let i = 0; i < 3; i++) assert.equal((await send()).status, 200)
  assert.equal(seen.filter(each => each.expect !== undefined).length, 1)
  await eventually(() => front.backend.agent.expectations.isUnproven(address))
  await eventually(() => (front.backend.agent.state()[address]?.busy ?? 0) === 0)
  assert.equal((await send()).status, 200)
  assert.equal(seen.filter(each => each.expect !== undefined).length, 1)
  assert.equal(front.log.filter(line => String(line.msg).includes('100-continue')).length, 1)
})

test('an address that says 100 late, as in a garbage collection, keeps the proof and its connections', async t => {
  let late = () => {}
  const { seen, send, front, address } = await setUp(t, (req, res, nth) => {
    if (nth === 2) late = () => res.writeContinue()
    else (req.headers.expect === undefined ? answer : accept)(req, res, nth)
  })
  const idle = () => front.backend.agent.state()[address]?.idle ?? 0
  const before = idle()
  assert.equal((await send()).status, 200)
  assert.deepEqual(
    seen.map(each => [each.expect, each.executed]),
    [
      [undefined, true],
      ['100-continue', false],
      [undefined, true],
    ],
  )
  assert.ok(!front.backend.agent.expectations.isProven(address), 'it is not relied on meanwhile')
  late()
  await eventually(() => front.backend.agent.expectations.isProven(address))
  assert.ok(idle() >= before, `${idle()} of ${before}`)
  assert.equal((await send()).status, 200)
  assert.equal(seen.at(-1)?.expect, '100-continue')
})

for (const [words, path] of [
  ['below the login path', '/user/login/logout'],
  ['of a page', '/orders'],
] as const) {
  test(`a request ${words} that meets silence at a proven address is sent whole on the same connection, once`, async t => {
    const sockets = new Set<net.Socket>()
    const { seen, front, api, address } = await setUp(t, (req, res, nth) => {
      sockets.add(req.socket)
      res.setHeader('Connection', 'keep-alive')
      answer(req, res, nth)
    })
    api.keepAliveTimeout = 0
    const response = await fetch(`${front.egressUrl}${path}`, { method: 'POST', body: '{}' })
    assert.deepEqual([response.status, await response.text()], [200, 'welcome'])
    assert.deepEqual(seen.at(-1), { method: 'POST', expect: '100-continue', executed: true })
    assert.equal(seen.length, 2)
    assert.ok(front.backend.agent.expectations.isUnproven(address))
    // nobody else's answer may come over it: gevent takes a body behind an answer without a 100 for a request
    await eventually(() => [...sockets].every(each => each.destroyed))
  })
}

for (const [words, hint] of [
  ['102', (res: http.ServerResponse) => res.writeProcessing()],
  ['103', (res: http.ServerResponse) => res.writeEarlyHints({ link: '</x>; rel=preload' })],
] as const)
  test(`a login that gets ${words} in place of 100 is sent whole on the same connection, once`, async t => {
    const { seen, send } = await setUp(t, (req, res, nth) => {
      if (req.headers.expect !== undefined) hint(res)
      answer(req, res, nth)
    })
    const response = await send()
    assert.deepEqual([response.status, await response.text()], [200, 'welcome'])
    assert.deepEqual(seen.slice(1), [{ method: 'POST', expect: '100-continue', executed: true }])
  })

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

test('after a refusal in place of 100 the next logins are not asked, and share a connection', async t => {
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
    assert.equal((await client.answer()).status, 401)
  }
})

test('a login that is asked first is not answered by what came unasked over an idle connection', async t => {
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

test('a login that left whole and then loses its connection is not retried', async t => {
  const { seen, send } = await setUp(t, (req, res) => {
    res.writeContinue()
    execute(req, () => req.socket.destroy())
  })
  const response = await send()
  assert.equal(response.status, 502)
  assert.match(await response.text(), /"code":"BACKEND_BROKE_OFF".*"retry":false/)
  assert.equal(seen.length, 2)
})

test('a GET whose connection the backend drops without an answer is retried once', async t => {
  const { seen, send } = await setUp(t, (req, res, nth) =>
    nth === 2 ? execute(req, () => req.socket.destroy()) : answer(req, res, nth),
  )
  assert.equal((await send('GET')).status, 200)
  assert.deepEqual(
    seen.map(each => each.method),
    ['POST', 'GET', 'GET'],
  )
})

test('with REPLAY=off nothing is asked, and nothing that was sent is retried', async t => {
  const { seen, send } = await setUp(t, req => execute(req, () => req.socket.destroy()), { REPLAY: 'off' })
  assert.equal((await send('GET')).status, 502)
  assert.equal(seen.length, 2)
  assert.equal(seen[1]?.expect, undefined)
})

for (const head of ['HTTP/1.1 100 Continue\r\nConnection: close\r\n\r\n', 'HTTP/1.0 100 Continue\r\n\r\n'])
  test(`a backend is not asked whose 100 ends the connection by its ${head.includes('close') ? 'header' : 'version'}: Node takes no answer behind it`, async t => {
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
