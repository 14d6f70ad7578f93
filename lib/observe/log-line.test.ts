import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import { ask, eventually, header, request, wire } from '../../test/raw.ts'
import { type Stage, stage } from '../../test/stage.ts'
import { readConfig } from '../settings/settings.ts'
import { logOutcomes } from './log-line.ts'
import { judge } from './outcome.ts'

/** The lines of requests, once there are so many. */
const lines = ({ log }: Stage, count: number) =>
  eventually(() => {
    const found = log.filter(each => each.route !== undefined)
    return found.length === count && found
  })

test('a login is one line, with its id, path, host, agent, status, time, bytes, address, connection and client', async t => {
  // so that the second goes over the first one's connection
  const front = await stage(t, { count: 1, env: { REPLAY: 'off' } })
  for (const _ of [1, 2]) {
    const headers = [
      'X-Request-Id: mine',
      'X-Forwarded-For: 203.0.113.7',
      'X-Amzn-Trace-Id: Root=1-67-abc;Sampled=1',
      'User-Agent: Mozilla/5.0',
    ]
    const answer = await ask(front.port, request('POST /user/login?token=hidden', headers, 'abc'))
    assert.equal(header(answer, 'x-request-id'), 'mine')
  }
  const [first, second] = await lines(front, 2)
  const [address] = front.alb.listed
  const { time, ms, bytes, bytesIn, ...rest } = second ?? {}
  assert.ok(typeof ms === 'number' && ms > 0 && typeof time === 'number')
  assert.ok(typeof bytes === 'number' && bytes > 100)
  assert.ok(typeof bytesIn === 'number' && bytesIn > 200)
  assert.deepEqual(rest, {
    level: 30,
    id: 'mine',
    route: 'login',
    method: 'POST',
    path: '/user/login',
    matched: '/user/login',
    status: 200,
    host: 'front.example',
    agent: 'Mozilla/5.0',
    client: '203.0.113.7',
    trace: 'Root=1-67-abc;Sampled=1',
    backend: front.alb.origin,
    address,
    reused: true,
    attempts: 1,
    msg: 'request',
  })
  assert.equal(first?.reused, false)
})

test('with LOG_REQUESTS=all what is refused, a page and a health check are a line each', async t => {
  const front = await stage(t, { env: { LOG_REQUESTS: 'all' } })
  await ask(front.port, request('TRACE /user/login'))
  await ask(front.port, request('GET /?secret=hidden'))
  await ask(front.port, request('GET /healthz'))
  const all = await lines(front, 3)
  assert.deepEqual(
    all.map(({ level, route, path, status, code }) => [level, route, path, status, code]),
    [
      [30, 'refused', '/user/login', 405, 'METHOD_NOT_ALLOWED'],
      [30, 'page', '/', 200, undefined],
      [30, 'health', '/healthz', 200, undefined],
    ],
  )
})

test('an error of the front is a warning with its code and its cause', async t => {
  const front = await stage(t, { handler: req => req.socket.destroy() })
  await ask(front.port, request('POST /user/login', [], 'abc'))
  const [line] = await lines(front, 1)
  assert.deepEqual([line?.level, line?.status, line?.code], [40, 502, 'BACKEND_BROKE_OFF'])
  assert.match(String(line?.cause), /ECONNRESET/)
})

test('a client that leaves is a line without a status', async t => {
  const front = await stage(t, { handler: () => {} })
  const client = await wire(t, front.port)
  client.send(request('GET /user/login'))
  await eventually(() => Object.values(front.backend.agent.state()).some(each => each.busy === 1))
  client.abort()
  const [line] = await lines(front, 1)
  assert.deepEqual([line?.msg, line?.status], ['client left', undefined])
})

test('an answer that breaks off is a warning with its code, and no client that left', async t => {
  const front = await stage(t, {
    handler: (req, res) => {
      res.writeHead(200, { 'Content-Length': 10 }).write('half')
      setImmediate(() => req.socket.destroy())
    },
  })
  await assert.rejects(ask(front.port, request('GET /user/login')))
  const [line] = await lines(front, 1)
  assert.deepEqual(
    [line?.msg, line?.level, line?.code, line?.status],
    ['cut off', 40, 'BACKEND_BROKE_OFF', undefined],
  )
})

// what a target group with another protocol sends, too
for (const [what, text, cause] of [
  ['no request', 'garbage\r\n\r\n', /^HPE_INVALID_METHOD: /],
  ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', /^HPE_INVALID_METHOD: /],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', /^HPE_PAUSED_H2_UPGRADE: /],
] as const)
  test(`what is ${what} is a line with its status, the peer and the cause, and nothing that was sent`, async t => {
    const front = await stage(t)
    assert.equal((await ask(front.port, text)).status, 400)
    const [line] = await lines(front, 1)
    assert.deepEqual([line?.route, line?.status, line?.client], ['refused', 400, '127.0.0.1'])
    assert.match(String(line?.cause), cause)
    assert.doesNotMatch(String(line?.cause), /garbage/)
  })

test('of a request that is refused, neither what it says of its client nor its userinfo is believed', async t => {
  const front = await stage(t)
  await ask(front.port, request('GET http://user:hidden@front.example/x', ['X-Real-IP: 203.0.113.9']))
  const [line] = await lines(front, 1)
  assert.deepEqual([line?.client, line?.path, line?.status], ['127.0.0.1', '/x', 400])
})

test('a body that is malformed is one line, with its code', async t => {
  const front = await stage(t)
  const client = await wire(t, front.port)
  client.send(`${request('POST /user/login', ['Transfer-Encoding: chunked'])}zz\r\n`)
  assert.equal((await client.answer()).status, 400)
  await client.closed()
  await lines(front, 1)
  await ask(front.port, request('GET /'))
  const all = await lines(front, 2)
  assert.deepEqual(
    all.map(({ route, code }) => [route, code]),
    [
      ['login', 'BAD_REQUEST'],
      ['page', undefined],
    ],
  )
})

test('CONNECT is a line', async t => {
  const front = await stage(t)
  await ask(front.port, request('CONNECT api.dev.jp:443'))
  const [line] = await lines(front, 1)
  assert.deepEqual([line?.route, line?.status], ['refused', 405])
})

test('a trace id that is none stays out of the log', async t => {
  const front = await stage(t)
  await ask(front.port, request('GET /', ['X-Amzn-Trace-Id: a b"c']))
  assert.equal((await lines(front, 1))[0]?.trace, undefined)
})

const ROUTES = ['login', 'api', 'upgrade', 'egress', 'page', 'static', 'health'] as const

/** Which of these have a line: a request of each route that went well, one that was refused, one that failed, one that was left. */
function linesOf(env: Record<string, string>): string[] {
  const { LOG_REQUESTS, LOG_LEVEL } = readConfig({ BACKEND_ORIGIN: 'https://api.dev.jp', ...env })
  const seen: string[] = []
  const write = (line: string) => {
    const { route, status = 'left' } = JSON.parse(line)
    seen.push(`${route} ${status}`)
  }
  const log = pino({ level: LOG_LEVEL }, { write })
  const tell = logOutcomes(log, LOG_REQUESTS)
  for (const route of ROUTES)
    for (const status of [200, 401, 502, undefined]) tell(judge({ route, status, ms: 1, bytes: 1 }))
  return seen
}

const every = (...routes: readonly string[]) =>
  routes.flatMap(route => ['200', '401', '502', 'left'].map(each => `${route} ${each}`))
const errors = (...routes: readonly string[]) =>
  routes.flatMap(route => ['401', '502'].map(each => `${route} ${each}`))

for (const [settings, wanted] of [
  [{ LOG_REQUESTS: 'all' }, every(...ROUTES)],
  [{}, [...every('login', 'api', 'upgrade', 'egress', 'page'), ...errors('static')]],
  [{ LOG_REQUESTS: 'api' }, [...every('login', 'api', 'upgrade', 'egress'), ...errors('page', 'static')]],
  [{ LOG_REQUESTS: 'errors' }, [...every('login'), ...errors('api', 'upgrade', 'egress', 'page', 'static')]],
  [
    { LOG_LEVEL: 'warn' },
    [...every('login'), 'api 502', 'upgrade 502', 'egress 502', 'page 502', 'static 502'],
  ],
  [{ LOG_LEVEL: 'error' }, every('login')],
  [{ LOG_LEVEL: 'silent' }, []],
] as const) {
  test(`with ${JSON.stringify(settings)} these have a line: ${wanted.join(', ')}`, () => {
    assert.deepEqual(linesOf(settings), wanted)
  })
}

test('bytes in are those of the request and its body, over a connection that was used before, too', async t => {
  const front = await stage(t)
  const client = await wire(t, front.port)
  const texts = [request('POST /user/login', [], 'abc'), request('POST /user/login', [], 'a'.repeat(5000))]
  for (const text of texts) {
    client.send(text)
    await client.answer()
  }
  const all = await lines(front, 2)
  assert.deepEqual(
    all.map(({ bytesIn }) => bytesIn),
    texts.map(({ length }) => length),
  )
})

test('of a header no more is in the log than a line can hold', async t => {
  const front = await stage(t)
  await ask(front.port, request('GET /', [`User-Agent: ${'a'.repeat(5000)}`]))
  assert.equal(String((await lines(front, 1))[0]?.agent).length, 256)
})

test('no control character of a header is in the log, where it would command the terminal that shows it', async t => {
  const front = await stage(t)
  await ask(front.port, request('GET /', ['Host: a\x9b2J', 'User-Agent: a\x9d0;\xe9']))
  const { host, agent } = (await lines(front, 1))[0] ?? {}
  assert.deepEqual([host, agent], ['a�2J', 'a�0;é'])
  await ask(front.port, request('POST /user/login', ['Sec-Fetch-Site: \x9b2J', 'Content-Length: 0']))
  assert.match(String((await lines(front, 2))[1]?.cause), /Sec-Fetch-Site \ufffd2J$/)
})
