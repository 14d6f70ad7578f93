import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stand } from '../../../test/pages/stand.ts'
import { eventually, file, request, wire } from '../../../test/raw.ts'

const { get, port, log } = await stand(file)

const until = (path: string, body: string) => eventually(async () => (await get(path)).body === body)

const BODY = 'x'.repeat(1_200_000)
const CHUNKED = `124f80\r\n${BODY}\r\n0\r\n\r\n`
const kinds: [words: string, text: string, toHead?: boolean][] = [
  ['of known length', request('POST /unread', [], BODY)],
  ['in chunks', request('POST /unread', ['Transfer-Encoding: chunked']) + CHUNKED],
  ['with Expect: 100-continue', request('PUT /unread', ['Expect: 100-continue'], BODY)],
  ['of a GET', request('GET /unread', [], BODY)],
  ['of a HEAD', request('HEAD /unread', [], BODY), true],
  ['that it has as a web stream', request('POST /partly', [], BODY.repeat(10))],
  ['that its own pipeline refuses', request('POST /limited', [], BODY.repeat(10))],
  ['of a DELETE in chunks', request('DELETE /unread', ['Transfer-Encoding: chunked']) + CHUNKED],
  [
    'of a request that asks for an upgrade',
    request('POST /unread', ['Connection: Upgrade', 'Upgrade: x'], BODY),
  ],
]

// first: of many that have stopped, a page waits less
test('a page that answers first and pauses between the pieces gets the whole body', async t => {
  const client = await wire(t, port)
  client.send(request('POST /later-slowly', [], 'x'.repeat(400_000)))
  assert.equal((await client.answer()).body, 'later')
  await until('/read', '400000')
})

for (const [words, text, toHead] of kinds) {
  test(`a page that stops reading a body ${words} hangs no other request`, async t => {
    const clients = await Promise.all(Array.from({ length: 5 }, () => wire(t, port)))
    for (const client of clients) {
      client.send(text)
      if (text.includes('Expect')) assert.equal((await client.answer()).status, 100)
      assert.equal((await client.answer(toHead)).status, 413)
      assert.equal((await get('/pid')).status, 200)
    }
  })

  if (text.includes('Upgrade')) continue

  test(`and the next request of the same connection is answered: a body ${words}`, async t => {
    const client = await wire(t, port)
    client.send(text + request('GET /pid'))
    if (text.includes('Expect')) assert.equal((await client.answer()).status, 100)
    assert.equal((await client.answer(toHead)).status, 413)
    assert.match((await client.answer()).body, /^\d+$/)
  })
}

test('a page that answers first and reads afterwards gets the whole body', async t => {
  const client = await wire(t, port)
  client.send(`${request('POST /later', [`Content-Length: ${BODY.length}`])}`)
  assert.equal((await client.answer()).body, 'later')
  client.send(BODY)
  await until('/read', String(BODY.length))
  client.send(request('GET /pid'))
  assert.equal((await client.answer()).status, 200)
})

test('no connection to a worker that has carried a body is left', async t => {
  for (const path of ['/echo', '/refuse', '/unread', '/limited']) {
    const client = await wire(t, port)
    for (let i = 0; i < 3; i++) {
      client.send(request(`POST ${path}`, [], BODY))
      await client.answer()
    }
  }
  await until('/connections', '1')
})

test('none of them has thrown in the worker', () => {
  assert.deepEqual(
    log.filter(({ worker, level }) => worker === 1 && level === 40),
    [],
  )
})
