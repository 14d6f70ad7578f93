import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { header, request, wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

const ASKING = request('POST /user/login/2', ['Expect: 100-continue', 'Content-Length: 3'])

/** A client whose first request is at the backend, which answers it on `release` and any other at once. */
async function behind(t: TestContext) {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const seen: string[] = []
  const front = await stage(t, {
    handler: (req, res) => {
      seen.push(`${req.url}`)
      const answer = () => res.end(Buffer.from(`${req.url}`))
      if (req.url === '/user/login/1') void released.then(answer)
      else answer()
    },
  })
  const client = await wire(t, front.port)
  client.send(request('GET /user/login/1'))
  await once(front.server, 'request')
  const asked = once(front.server, 'checkContinue')
  return { client, release, asked, seen }
}

test('a client that asks whether to go on is told so before it sends its body', async t => {
  const front = await stage(t, { handler: (req, res) => void req.pipe(res) })
  const client = await wire(t, front.port)
  client.send(ASKING)
  assert.equal((await client.answer()).status, 100)
  client.send('abc')
  assert.equal((await client.answer()).body, 'abc')
})

test('one that asks behind another request is told so in its turn', async t => {
  const { client, release, asked } = await behind(t)
  client.send(ASKING)
  await asked
  release()
  assert.equal((await client.answer()).body, '/user/login/1')
  assert.equal((await client.answer()).status, 100)
  client.send('abc')
  assert.equal((await client.answer()).body, '/user/login/2')
})

test('what stands behind one that asks and did not wait is read in its turn', async t => {
  const { client, release, asked, seen } = await behind(t)
  client.send(`${ASKING}abc${request('GET /user/login/3')}`)
  await asked
  release()
  const got = [await client.answer(), await client.answer(), await client.answer(), await client.answer()]
  assert.deepEqual(
    got.map(({ status, body }) => [status, body]),
    [
      [200, '/user/login/1'],
      [100, ''],
      [200, '/user/login/2'],
      [200, '/user/login/3'],
    ],
  )
  assert.deepEqual(seen, ['/user/login/1', '/user/login/2', '/user/login/3'])
})

for (const [what, headers, status] of [
  ['too large a body', ['Content-Length: 2000000'], 413],
  ["another site's page", ['Content-Length: 3', 'Origin: https://evil.example'], 403],
] as const)
  test(`${what} is refused before the client is told to go on`, async t => {
    const front = await stage(t)
    const client = await wire(t, front.port)
    client.send(request('POST /user/login', ['Expect: 100-continue', ...headers]))
    const answer = await client.answer()
    assert.deepEqual([answer.status, header(answer, 'connection')], [status, 'close'])
  })
