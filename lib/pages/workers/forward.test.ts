import assert from 'node:assert/strict'
import http from 'node:http'
import { test } from 'node:test'
import { stand } from '../../../test/pages/stand.ts'
import { countPieces, TEXT } from '../../../test/pieces.ts'
import { ask, file, header, request, wire } from '../../../test/raw.ts'

const { get, post, port } = await stand(file)

test('a page gets the headers of the request, who asks and the id, and none of the hop', async () => {
  const { body } = await get('/head', [
    'X-Request-Id: id-1',
    'Cookie: a=1; b=2',
    'Accept-Language: ja',
    'Connection: keep-alive, x-hop',
    'X-Hop: this hop alone',
    'TE: trailers',
  ])
  const { headers } = JSON.parse(body)
  assert.deepEqual(headers, {
    host: 'front.example',
    'x-request-id': 'id-1',
    cookie: 'a=1; b=2',
    'accept-language': 'ja',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-host': 'front.example',
    'x-forwarded-port': '80',
    'x-forwarded-proto': 'http',
    'x-real-ip': '127.0.0.1',
    connection: 'keep-alive',
  })
})

test('a page gets the headers also where tracing copies them into an object, as by NODE_OPTIONS', async t => {
  const { request: send } = http
  // as @opentelemetry/instrumentation-http does
  t.mock.method(http, 'request', (options: http.RequestOptions) =>
    send({ ...options, headers: Object.assign({}, options.headers, { traceparent: 'a' }) }),
  )
  for (const body of [undefined, 'body']) {
    const { headers } = JSON.parse((await ask(port, request('POST /head', ['Cookie: a=1'], body))).body)
    assert.deepEqual([headers.host, headers.cookie, headers.traceparent], ['front.example', 'a=1', 'a'])
    assert.equal(headers[0], undefined)
  }
})

for (const kb of [20, 60]) {
  test(`a page may get and set ${kb} KB of cookies`, async () => {
    const { status, body } = await get('/head', [`Cookie: ${'x'.repeat(kb * 1024)}`])
    assert.equal(status, 200)
    assert.equal(JSON.parse(body).headers.cookie.length, kb * 1024)
    const answer = await get(`/cookie?size=${kb * 1024}`)
    assert.deepEqual([answer.status, header(answer, 'set-cookie')?.length], [200, kb * 1024 + 2])
  })
}

for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND']) {
  test(`a page is told of no body where ${method} has none`, async () => {
    const { headers } = JSON.parse((await ask(port, request(`${method} /head`, ['Cookie: a=\xe9']))).body)
    assert.deepEqual([headers['transfer-encoding'], headers['content-length']], [undefined, undefined])
    assert.deepEqual([headers.host, headers.cookie], ['front.example', 'a=\xe9'])
    assert.equal(headers.connection, 'keep-alive')
  })
}

test('a page gets a Host also where an HTTP/1.0 client sends none', async () => {
  const answer = await ask(port, 'GET /head HTTP/1.0\r\n\r\n')
  assert.equal(answer.status, 200)
  const { headers } = JSON.parse(answer.body)
  assert.deepEqual([headers.host, headers['x-forwarded-host']], ['localhost', undefined])
})

test('a client gets the headers of the page and its own id, and none of the hop', async () => {
  const answer = await get('/hop', ['X-Request-Id: id-2'])
  const names = answer.headers.map(([name]) => name.toLowerCase())
  assert.equal(header(answer, 'set-cookie'), 'a=1 | b=2')
  assert.equal(header(answer, 'content-language'), 'ja')
  assert.equal(header(answer, 'x-request-id'), 'id-2')
  assert.equal(header(answer, 'connection'), 'keep-alive')
  for (const name of ['x-secret', 'proxy-authenticate']) assert.ok(!names.includes(name), name)
})

test('one request after the other goes over the same connection', async () => {
  const ports = new Set<number>()
  for (let i = 0; i < 5; i++) ports.add(JSON.parse((await get('/head')).body).port)
  assert.equal(ports.size, 1)
})

test('a head of 60 KB comes from a page', async () => {
  const answer = await get('/large-head')
  assert.deepEqual([answer.status, header(answer, 'x-large')?.length], [200, 60_000])
})

test('an answer arrives as it is sent, piece by piece', async t => {
  const client = await wire(t, port)
  client.send(request('GET /stream'))
  await client.until('one ')
  await get('/go')
  assert.equal((await client.answer()).body, 'one two')
})

test('the head of an answer does not wait for its body', async t => {
  const client = await wire(t, port)
  client.send(request('GET /headers-first'))
  await client.until('\r\n\r\n')
  await get('/go')
  assert.equal((await client.answer()).body, 'two')
})

test('a client that leaves ends the request of the worker', async t => {
  const before = Number((await get('/aborted')).body)
  const client = await wire(t, port)
  client.send(request('GET /held'))
  // over another connection to the worker, but by the same loop: the first has come by now
  await get('/pid')
  client.abort()
  while (Number((await get('/aborted')).body) === before);
  await get('/go')
})

test('a body reaches the page, of known length or in chunks', async t => {
  const large = 'x'.repeat(300_000)
  assert.equal((await post('/echo', large)).body, large)
  const client = await wire(t, port)
  client.send(request('POST /echo', ['Transfer-Encoding: chunked']))
  client.send('3\r\nabc\r\n')
  await client.until('abc')
  client.send('2\r\nde\r\n0\r\n\r\n')
  assert.equal((await client.answer()).body, 'abcde')
})

test('a body of a method that rarely has one keeps its framing', async t => {
  const client = await wire(t, port)
  client.send(`${request('DELETE /echo', ['Transfer-Encoding: chunked'])}3\r\nabc\r\n0\r\n\r\n`)
  assert.equal((await client.answer()).body, 'abc')
})

test('an answer before the body has come is passed on', async () => {
  const answer = await post('/refuse', 'x'.repeat(300_000))
  assert.deepEqual([answer.status, answer.body], [413, 'too much'])
})

test('HEAD, 204 and 304 have no body, and the connection goes on', async t => {
  const client = await wire(t, port)
  client.send(request('HEAD /pid'))
  assert.equal((await client.answer(true)).status, 200)
  client.send(request('GET /none'))
  assert.equal(header(await client.answer(), 'x-kind'), 'none')
  client.send(request('GET /same'))
  assert.equal(header(await client.answer(), 'etag'), '"1"')
  client.send(request('GET /pid'))
  assert.match((await client.answer()).body, /^\d+$/)
})

test('Early Hints come before the answer, and not to HTTP/1.0', async t => {
  const client = await wire(t, port)
  client.send(request('GET /early-hints'))
  const hints = await client.answer()
  assert.deepEqual([hints.status, header(hints, 'link')], [103, '</a.css>; rel=preload; as=style'])
  const several = '</b.css>; rel=preload; as=style, </c.js>; rel=preload; as=script'
  assert.equal(header(await client.answer(), 'link'), several)
  assert.equal((await client.answer()).body, 'late')
  assert.equal((await ask(port, 'GET /early-hints HTTP/1.0\r\n\r\n')).body, 'late')
})

test('a client that asks for an upgrade gets the page', async () => {
  const answer = await get('/pid', ['Connection: upgrade', 'Upgrade: websocket'])
  assert.equal(answer.status, 200)
})

const raw = (bytes: string) => get(`/raw?bytes=${encodeURIComponent(Buffer.from(bytes).toString('base64'))}`)
const odd: [what: string, bytes: string, status: number][] = [
  ['an unknown coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n', 500],
  ['a protocol that nobody asked for', 'HTTP/1.1 101 OK\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n', 500],
  ['a status that is none', 'HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n', 500],
  ['something else than HTTP', 'SSH-2.0-OpenSSH_9.6\r\n', 502],
  ['nothing', '', 502],
]
for (const [what, bytes, status] of odd) {
  test(`a worker that sends ${what}: ${status}, and the front goes on`, async () => {
    assert.equal((await raw(bytes)).status, status)
    assert.equal((await get('/pid')).status, 200)
  })
}

test('a page that sends more headers than Node keeps gets 500, and the front goes on', async () => {
  assert.equal((await get('/many-headers')).status, 500)
  assert.equal((await get('/pid')).status, 200)
})

test('an answer that breaks off is cut off, so that nobody takes it for whole', async t => {
  const bytes = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf').toString('base64')
  const client = await wire(t, port)
  client.send(request(`GET /raw?bytes=${encodeURIComponent(bytes)}`))
  assert.match(await client.closed(), /half$/)
})

test('a page says with 426 which protocol it wants', async () => {
  const answer = await get('/upgrade-required')
  assert.deepEqual([answer.status, header(answer, 'upgrade')], [426, 'TLS/1.3'])
})

test("a page's answer in chunks of a byte is held in few pieces, and comes whole", async t => {
  const pieces = countPieces(t)
  assert.equal((await get('/bytes')).body, TEXT)
  assert.ok(pieces.count < 200, `${pieces.count} pieces`)
})
