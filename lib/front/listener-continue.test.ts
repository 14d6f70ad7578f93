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

test('the answer to one that did not wait is in one piece, and the last of its connection', async t => {
  const { client, release, asked, seen } = await behind(t)
  client.send(`${ASKING}abc${request('GET /user/login/3')}`)
  await asked
  release()
  assert.equal((await client.answer()).body, '/user/login/1')
  const second = await client.answer()
  assert.deepEqual([second.body, header(second, 'connection')], ['/user/login/2', 'close'])
  assert.equal(await client.closed(), '')
  assert.deepEqual(seen.toSorted(), ['/user/login/1', '/user/login/2'])
})
