import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, file, header, recorder, request } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/
const backend = recorder((req, res) => {
  req.resume()
  if (req.url === '/user/login/own') res.setHeader('X-Request-Id', 'of-the-backend')
  if (req.url === '/user/login/gone') req.socket.destroy()
  else res.end('answered')
})
const { port, log } = await stage(file, { handler: backend.handler })
const sent = () => header(backend.seen.at(-1), 'x-request-id')

for (const id of ['a', '0190a1b2-c3d4', 'A.b:c_D-9', 'x'.repeat(64)]) {
  test(`the request id ${id} is taken`, async () => {
    const answer = await ask(port, request('GET /user/login', [`X-Request-Id: ${id}`]))
    assert.equal(sent(), id)
    assert.equal(header(answer, 'x-request-id'), id)
  })
}

const unsafe: string[][] = [
  [],
  ['X-Request-Id: '],
  [`X-Request-Id: ${'x'.repeat(65)}`],
  ['X-Request-Id: a b'],
  ['X-Request-Id: <script>'],
  ['X-Request-Id: a"'],
  ['X-Request-Id: \xe9'],
  ['X-Request-Id: a', 'X-Request-Id: b'],
]
for (const headers of unsafe) {
  test(`with ${JSON.stringify(headers)} a request id is made`, async () => {
    const answer = await ask(port, request('GET /user/login', headers))
    assert.match(sent() ?? '', UUID)
    assert.equal(header(answer, 'x-request-id'), sent())
  })
}

test('two requests get two ids', async () => {
  await ask(port, request('GET /user/login'))
  const first = sent()
  await ask(port, request('GET /user/login'))
  assert.notEqual(sent(), first)
})

test('the backend cannot change the id', async () => {
  const answer = await ask(port, request('GET /user/login/own', ['X-Request-Id: mine']))
  assert.equal(header(answer, 'x-request-id'), 'mine')
})

test('an error says the same id in its head, in its body and in the log', async () => {
  const answer = await ask(port, request('POST /user/login/gone', ['X-Request-Id: mine-2']))
  assert.equal(answer.status, 502)
  assert.equal(header(answer, 'x-request-id'), 'mine-2')
  assert.equal(JSON.parse(answer.body).requestId, 'mine-2')
  assert.equal(sent(), 'mine-2')
  assert.ok(log.some(each => each.id === 'mine-2' && each.code === 'BACKEND_BROKE_OFF'))
})

test('what is refused before it is admitted has an id as well', async () => {
  const answer = await ask(port, request('GET /user/login/..', ['X-Request-Id: mine-4']))
  assert.equal(answer.status, 400)
  assert.equal(header(answer, 'x-request-id'), 'mine-4')
})

test('an unsafe id is not echoed by an error', async () => {
  const answer = await ask(port, request('GET /user/login/..', ['X-Request-Id: <script>']))
  assert.match(JSON.parse(answer.body).requestId, UUID)
})

test('a page is told of it', async t => {
  const front = await stage(t, { pages: (req, res) => res.end(req.headers['x-request-id']) })
  const answer = await ask(front.port, request('GET /account', ['X-Request-Id: mine-5']))
  assert.equal(answer.body, 'mine-5')
})
