import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, file, header, recorder, request } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

const backend = recorder((req, res) => {
  req.resume()
  res.writeHead(200, {
    'Proxy-Authenticate': 'Basic',
    'Proxy-Authentication-Info': 'a',
    Upgrade: 'h2c',
    Trailer: 'X-Sum',
    'X-Named': 'a',
    'X-Kept': 'b',
    Connection: 'X-Named, keep-alive',
  })
  res.end('answered')
})
const { port, alb } = await stage(file, { handler: backend.handler })

/** The value of a header as the backend saw it, of a request with these headers. */
async function arrives(name: string, ...headers: string[]) {
  await ask(port, request('POST /user/login', headers, 'body'))
  return header(backend.seen.at(-1), name)
}

test("Host is the backend's, with its port", async () => {
  assert.equal(await arrives('host'), `api.dev.jp:${alb.port}`)
})

const staysBehind: [name: string, value: string][] = [
  ['HTTP2-Settings', 'AAMAAABk'],
  ['Keep-Alive', 'timeout=5'],
  ['Proxy-Authenticate', 'Basic'],
  ['Proxy-Authentication-Info', 'a'],
  ['Proxy-Authorization', 'Basic YTpi'],
  ['Proxy-Connection', 'keep-alive'],
  ['TE', 'trailers'],
  ['Trailer', 'X-Sum'],
  ['Upgrade', 'h2c'],
  ['Proxy', 'http://evil.example'],
  ['Forwarded', 'for=192.0.2.1'],
  ['X_Forwarded_For', '192.0.2.1'],
  ['Content_Length', '0'],
  ['__proto__', 'a'],
]
for (const [name, value] of staysBehind) {
  test(`${name} does not arrive`, async () => {
    assert.equal(await arrives(name, `${name}: ${value}`), undefined)
  })
}

test('what Connection names does not arrive', async () => {
  const headers = ['Connection: X-Secret , keep-alive,x-other', 'X-Secret: a', 'X-Other: b', 'X-Third: c']
  assert.equal(await arrives('x-secret', ...headers), undefined)
  assert.equal(header(backend.seen.at(-1), 'x-other'), undefined)
  assert.equal(header(backend.seen.at(-1), 'x-third'), 'c')
})

test('what a second Connection names does not arrive', async () => {
  const headers = ['Connection: keep-alive', 'Connection: X-Secret', 'X-Secret: a']
  assert.equal(await arrives('x-secret', ...headers), undefined)
})

test("the client's own Connection does not arrive", async () => {
  assert.equal(await arrives('connection', 'Connection: close'), 'keep-alive')
})

const kept: [name: string, value: string][] = [
  ['X-Amzn-Trace-Id', 'Self=1-67891234-12456789abcdef012345678;Root=1-67891233-abcdef012345678912345678'],
  ['traceparent', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
  ['Cookie', 'a=1; b="2"; c=%20'],
  ['Authorization', 'Bearer a.b.c'],
  ['Content-Type', 'application/json; charset=utf-8'],
  ['Accept-Encoding', 'gzip, br'],
  ['User-Agent', 'caf\xe9/1.0'],
  ['Accept-Language', 'ja,en;q=0.8'],
  ['Origin', 'http://front.example'],
  ['Range', 'bytes=0-1'],
  ['If-None-Match', 'W/"a", "b"'],
]
for (const [name, value] of kept) {
  test(`${name} arrives as it is`, async () => {
    assert.equal(await arrives(name, `${name}: ${value}`), value)
  })
}

test('no header but the known ones is added', async () => {
  await ask(port, request('GET /user/login'))
  const names = backend.seen.at(-1)?.headers.map(each => each[0].toLowerCase())
  assert.deepEqual(names?.sort(), [
    'connection',
    'host',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-port',
    'x-forwarded-proto',
    'x-real-ip',
    'x-request-id',
  ])
})

for (const name of ['Proxy-Authenticate', 'Proxy-Authentication-Info', 'Upgrade', 'Trailer', 'X-Named']) {
  test(`the backend's ${name} does not reach the client`, async () => {
    const answer = await ask(port, request('GET /user/login'))
    assert.equal(header(answer, name), undefined)
    assert.equal(header(answer, 'x-kept'), 'b')
  })
}
