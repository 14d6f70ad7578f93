import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, file, recorder, request, wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

const backend = recorder()
const { handler } = backend
const tight = await stage(file, { handler, env: { MAX_BODY: '1kb' } })
const wide = await stage(file, { handler, env: { MAX_BODY: '200kb' } })

const CHUNKED = ['Transfer-Encoding: chunked']
const KIB = 'x'.repeat(1024)
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`
const END = '0\r\n\r\n'
const errorCodeIn = (body: string) => JSON.parse(body).error.code

/** What the backend saw while this ran. */
async function seenDuring(run: () => Promise<unknown>) {
  const before = backend.seen.length
  await run()
  return backend.seen.slice(before)
}

for (const [words, front, size] of [
  ['a small', tight, 1024],
  ['a huge', wide, 200 * 1024],
] as const) {
  test(`${words} body of exactly MAX_BODY is taken`, async () => {
    const { status } = await ask(front.port, request('POST /user/login', [], 'x'.repeat(size)))
    assert.equal(status, 200)
    assert.equal(backend.seen.at(-1)?.body.length, size)
  })

  test(`${words} body in chunks of exactly MAX_BODY is taken`, async () => {
    const chunks = chunk(KIB).repeat(size / 1024)
    const { status } = await ask(front.port, request('POST /user/login', CHUNKED) + chunks + END)
    assert.equal(status, 200)
    assert.equal(backend.seen.at(-1)?.body.length, size)
  })

  test(`${words} body announced as one byte larger gets 413, and the backend is not asked`, async () => {
    const seen = await seenDuring(async () => {
      const { status, body } = await ask(
        front.port,
        request('POST /user/login', [`Content-Length: ${size + 1}`]),
      )
      assert.equal(status, 413)
      assert.equal(errorCodeIn(body), 'BODY_TOO_LARGE')
      await ask(front.port, request('GET /user/login/after'))
    })
    assert.deepEqual(
      seen.map(each => each.line),
      ['GET /user/login/after HTTP/1.1'],
    )
  })
}

test('a small body in chunks that grows too large gets 413, and the backend is not asked', async () => {
  const seen = await seenDuring(async () => {
    const { status } = await ask(
      tight.port,
      `${request('POST /user/login', CHUNKED)}${chunk(`${KIB}x`)}${END}`,
    )
    assert.equal(status, 413)
    await ask(tight.port, request('GET /user/login/after'))
  })
  assert.equal(seen.length, 1)
})

test('a huge body that grows too large gets 413, and the backend never sees its end', async t => {
  const started = Promise.withResolvers<void>()
  const broken = Promise.withResolvers<void>()
  const watching = recorder(req => {
    req.once('data', () => started.resolve())
    req.once('error', () => broken.resolve())
  })
  const front = await stage(t, { handler: watching.handler, env: { MAX_BODY: '200kb' } })
  const client = await wire(t, front.port)
  client.send(request('POST /user/login', CHUNKED) + chunk(KIB).repeat(100))
  await started.promise
  client.send(chunk(KIB).repeat(101))
  const { status, body } = await client.answer()
  assert.equal(status, 413)
  assert.equal(errorCodeIn(body), 'BODY_TOO_LARGE')
  await broken.promise
  assert.equal(watching.seen[0]?.whole, false)
})

const tooLarge: [words: string, text: string][] = [
  ['announced', request('POST /user/login', [], KIB.repeat(3000))],
  ['grown', request('POST /user/login', CHUNKED) + chunk(KIB).repeat(3000) + END],
]
for (const [words, text] of tooLarge) {
  test(`whoever sends a body all the same that was refused as ${words} gets the answer, and the next one`, async t => {
    const client = await wire(t, wide.port)
    client.send(text + request('GET /user/login/next'))
    assert.equal((await client.answer()).status, 413)
    assert.equal((await client.answer()).body, 'answered')
    assert.equal(backend.seen.at(-1)?.line, 'GET /user/login/next HTTP/1.1')
  })
}

test('a refused body that does not end has its connection closed', async t => {
  const client = await wire(t, wide.port)
  client.send(`${request('POST /user/login', ['Content-Length: 3000000'])}${KIB}`)
  assert.equal((await client.answer()).status, 413)
  assert.equal(await client.closed(), '')
})

test('a refused body counts as one failure, with its code', async t => {
  const { port, tally } = await stage(t, { handler, env: { MAX_BODY: '1kb' } })
  const client = await wire(t, port)
  client.send(request('POST /user/login', ['Connection: close'], 'x'.repeat(1025)))
  await client.closed()
  assert.deepEqual(tally.failed, { BODY_TOO_LARGE: 1 })
})
