import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, file, header, type RawAnswer, request, wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import { ERRORS } from './errors.ts'
import { behindAnswer } from './in-turns.ts'

// nobody listens on this port
const env = { BACKEND_ORIGIN: 'http://127.0.0.1:9', CONNECT_TIMEOUT: '20ms' }
const { port } = await stage(file, { env })
const HTML = 'Accept: text/html,application/xhtml+xml,*/*;q=0.8'

const answered = (headers: string[] = [], line = 'POST /user/login?token=secret') =>
  ask(port, request(line, headers), line.startsWith('HEAD'))

test('an error is JSON for whoever does not ask for a page', async () => {
  const answer = await answered(['Accept: */*', 'X-Request-Id: id-1'])
  assert.equal(header(answer, 'content-type'), 'application/json; charset=utf-8')
  assert.deepEqual(JSON.parse(answer.body), {
    error: { code: 'BACKEND_UNREACHABLE', message: ERRORS.BACKEND_UNREACHABLE.en, retry: true },
    requestId: 'id-1',
  })
})

const shapes = [[], [HTML], [HTML, 'Accept-Language: ja']]
for (const shape of shapes) {
  test(`with ${JSON.stringify(shape)} nothing of the request or the backend is echoed`, async () => {
    const { headers, body } = await answered([...shape, 'Host: name.example', 'Cookie: a=secret'])
    assert.doesNotMatch(JSON.stringify(headers) + body, /name\.example|user\/login|secret|127\.0\.0\.1|ECONN/)
  })

  test(`with ${JSON.stringify(shape)} the length is right, and the next request is answered`, async t => {
    const client = await wire(t, port)
    client.send(request('POST /user/login', shape))
    const { body, headers } = await client.answer()
    assert.equal(header({ headers }, 'content-length'), String(Buffer.byteLength(body)))
    client.send(request('GET /'))
    assert.equal((await client.answer()).body, 'page')
  })

  test(`with ${JSON.stringify(shape)} HEAD gets the head of what GET gets`, async t => {
    const kept = ({ headers }: RawAnswer) =>
      headers.filter(([name]) => !/^(date|connection|keep-alive)$/i.test(name))
    const id = 'X-Request-Id: same'
    const get = await answered([...shape, id], 'GET /user/login')
    const client = await wire(t, port)
    client.send(request('HEAD /user/login', [...shape, id, 'Connection: close']))
    const head = await client.answer(true)
    assert.equal(await client.closed(), '')
    assert.equal(head.status, get.status)
    assert.deepEqual(kept(head), kept(get))
  })
}

test('the rest of a refused body waits longer for its turn than a client may be silent, and the next request is answered', async t => {
  const client = await wire(t, port)
  const size = 1_000_000
  client.send(`POST /user/login HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`)
  client.send('x'.repeat(100_000))
  await client.answer()
  // 2 of them each 2 ms
  for (let i = 0; i < 3000; i++) behindAnswer(() => {})
  client.send('x'.repeat(size - 100_000) + request('GET /'))
  assert.equal((await client.answer()).body, 'page')
})

test('an error is kept in no cache, and is taken for nothing but what it says it is', async () => {
  const answer = await answered()
  assert.equal(header(answer, 'cache-control'), 'no-store')
  assert.equal(header(answer, 'x-content-type-options'), 'nosniff')
  assert.equal(header(answer, 'vary'), 'Accept, Accept-Language, Origin')
})

test('an error says nothing of what the front is made of', async () => {
  const { headers } = await answered()
  assert.deepEqual(
    headers.filter(([name]) => /^(server|x-powered-by|via)$/i.test(name)),
    [],
  )
})

test('a page of the front that throws at once is an error of the table', async t => {
  const pages = () => {
    throw new Error('secret')
  }
  const front = await stage(t, { pages })
  const { status, body } = await ask(front.port, request('GET /'))
  assert.equal(status, 500)
  assert.equal(JSON.parse(body).error.code, 'INTERNAL')
  assert.doesNotMatch(body, /secret/)
})
