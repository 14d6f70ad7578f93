import assert from 'node:assert/strict'
import { once } from 'node:events'
import type http from 'node:http'
import net from 'node:net'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { ask, eventually, file, header, recorder, request, wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

const backend = recorder()
const { port } = await stage(file, { handler: backend.handler })

/** A front whose backend holds its answers back until `release`. */
async function slow(t: TestContext) {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const handler: http.RequestListener = (req, res) => void released.then(() => res.end(req.url))
  const front = await stage(t, { handler })
  const client = await wire(t, front.port)
  client.send(request('POST /user/login', [], 'abc'))
  await once(front.server, 'request')
  const failed = once(front.server, 'clientError')
  return { client, failed, release }
}

const LOGIN = request('POST /user/login/2', ['Transfer-Encoding: chunked'])
const malformed: [words: string, text: string][] = [
  ['what is no request', 'garbage\r\n\r\n'],
  ['a request whose body is malformed', `${LOGIN}zz\r\n`],
  ['two requests, the second malformed', `${request('GET /user/login/2')}garbage\r\n\r\n`],
]
for (const [words, text] of malformed) {
  test(`a login under way gets its own answer, though ${words} follows it`, async t => {
    const { client, failed, release } = await slow(t)
    client.send(text)
    await failed
    release()
    const { status, body } = await client.answer()
    assert.deepEqual([status, body], [200, '/user/login'])
    if (words.startsWith('two')) assert.equal((await client.answer()).body, '/user/login/2')
    const refusal = await client.answer()
    assert.deepEqual([refusal.status, header(refusal, 'connection'), refusal.body], [400, 'close', ''])
    assert.equal(await client.closed(), '')
  })
}

test('a malformed body behind an answer gets no second answer', async t => {
  const client = await wire(t, port)
  client.send(request('POST /user/login', ['Sec-Fetch-Site: cross-site', 'Transfer-Encoding: chunked']))
  assert.equal((await client.answer()).status, 403)
  client.send('zz\r\n')
  assert.equal(await client.closed(), '')
})

for (const odd of [[], ['Connection: Upgrade', 'Upgrade: websocket']]) {
  test(`a client that ends its side before its body is whole is refused: ${JSON.stringify(odd)}`, async t => {
    const before = backend.seen.length
    const client = await wire(t, port)
    client.send(`${request('POST /user/login', [...odd, 'Content-Length: 10'])}abc`)
    client.halfClose()
    const { status, headers } = await client.answer()
    assert.equal(status, 400, JSON.stringify(headers))
    assert.equal(await client.closed(), '')
    assert.equal(backend.seen.length, before)
  })
}

test('what still comes behind a malformed request cannot make the client miss the answer', async t => {
  const client = await wire(t, port)
  client.send('garbage\r\n\r\n')
  client.send('x'.repeat(500_000))
  assert.equal((await client.answer()).status, 400)
})

for (const [words, behind] of [
  ['junk', 'x'.repeat(1000)],
  ['more requests', request('GET /healthz').repeat(5000)],
]) {
  test(`${words} behind the last request of a connection cannot make a slow reader miss its answer`, async t => {
    const large = 'a'.repeat(1_000_000)
    const front = await stage(t, {
      handler: (req, res) => void req.resume().once('end', () => res.end(large)),
    })
    const socket = net.connect(front.port, '127.0.0.1').pause()
    t.after(() => socket.destroy())
    socket.write(request('POST /user/login', ['Connection: close'], 'abc') + behind)
    const [connection]: net.Socket[] = await once(front.server, 'connection')
    assert.ok(connection)
    await Promise.race([once(connection, 'finish'), once(connection, 'close')])
    // to a connection that is closed: it would be reset, with what of the answer has not arrived
    await new Promise(sent => socket.write('more', sent))
    assert.match(await text(socket), /a{1000000}$/)
  })
}

for (const version of ['HTTP/0.9', 'HTTP/1.2', 'HTTP/2.0', 'HTTP/3.0']) {
  test(`${version} in a request line is refused`, async () => {
    const { status } = await ask(port, request('GET /user/login').replace('HTTP/1.1', version))
    assert.equal(status, 400)
  })
}

// Node would not say that they are malformed, and the client would wait for ever
test('chunks in a request that asks for an upgrade are refused', async () => {
  const headers = ['Connection: Upgrade', 'Upgrade: websocket', 'Transfer-Encoding: chunked']
  assert.equal((await ask(port, `${request('POST /user/login', headers)}zz\r\n`)).status, 400)
})

// in HTTP/1.0 Node goes by `keep-alive` alone
for (const version of ['HTTP/1.0', 'HTTP/1.1']) {
  test(`after ${version} with Connection: close, keep-alive no second request is taken`, async t => {
    const before = backend.seen.length
    const client = await wire(t, port)
    const first = request('GET /user/login', ['Connection: close, keep-alive']).replace('HTTP/1.1', version)
    client.send(first + request('GET /user/login/2'))
    assert.equal(header(await client.answer(), 'connection'), 'close')
    assert.equal(await client.closed(), '')
    assert.equal(backend.seen.length, before + 1)
  })
}

for (const [words, first] of [
  ['of what is no request', 'garbage\r\n\r\n'],
  ['of CONNECT', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n'],
] as const) {
  test(`behind the refusal ${words} a client may send 256 KB on, and is cut off then`, async t => {
    const front = await stage(t)
    const connected = once(front.server, 'connection')
    const client = await wire(t, front.port)
    const [socket]: net.Socket[] = await connected
    client.send(first)
    await client.until('HTTP/1.1')
    for (let i = 0; i < 64; i++) client.send(Buffer.alloc(256 * 1024))
    await client.closed()
    await eventually(() => socket?.destroyed === true)
    assert.ok(socket && socket.bytesRead < 512 * 1024, `${socket?.bytesRead} bytes were read`)
  })
}
