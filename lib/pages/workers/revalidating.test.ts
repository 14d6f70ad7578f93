import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import http from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { listening } from '../../../test/listening.ts'
import { ask, file, request, wire } from '../../../test/raw.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { rememberAnswer, waitForRevalidations } from './revalidating.ts'

// each gives back the promise that it is given, in place of a revalidation
const folder = await temporaryFolder(file)
const ONE = join(folder, 'cache-handler.cjs')
const SEVERAL = join(folder, 'cache-handlers.cjs')
await writeFile(ONE, 'module.exports = class { revalidateTag(done) { return done } }')
await writeFile(SEVERAL, 'exports.default = { updateTags: done => done }')
for (const each of [ONE, SEVERAL]) await waitForRevalidations(each)
const load = createRequire(ONE)

type Revalidate = (done: Promise<void>) => void
const byOne: Revalidate = done => new (load(ONE))().revalidateTag(done)
const bySeveral: Revalidate = done => load(SEVERAL).default.updateTags(done)

/** A server of which one page revalidates before it answers. */
async function stand(t: TestContext, answer: http.RequestListener, revalidate = byOne) {
  const revalidation = Promise.withResolvers<void>()
  const server = http.createServer((_req, res) => rememberAnswer(res))
  server.on('request', async (req, res) => {
    if (req.url === '/other') return res.end('other')
    // as a page is behind some steps of Next
    await new Promise(setImmediate)
    revalidate(revalidation.promise)
    answer(req, res)
  })
  const port = await listening(t, server)
  return { server, port, revalidation, other: () => ask(port, request('GET /other')) }
}

const inPieces: http.RequestListener = (_req, res) => {
  res.write('renewed')
  res.end()
}

for (const [kind, revalidate] of [
  ['cacheHandler', byOne],
  ['cacheHandlers', bySeveral],
] as const) {
  test(`an answer ends when what its request revalidates by ${kind} has come to the cache: its pieces are there before, and so are other answers`, async t => {
    const { port, revalidation, other } = await stand(t, inPieces, revalidate)
    const order: string[] = []
    const client = await wire(t, port)
    client.send(request('POST /renew'))
    const whole = client.answer().then(({ body }) => order.push(body))
    await client.until('renewed')
    order.push((await other()).body, 'revalidated')
    revalidation.resolve()
    await whole
    assert.deepEqual(order, ['other', 'revalidated', 'renewed'])
  })
}

for (const [line, status] of [
  ['HEAD /renew', 200],
  ['POST /renew', 204],
] as const) {
  test(`an answer without a body waits as a whole: ${line}, ${status}`, async t => {
    const begun = Promise.withResolvers<void>()
    const { port, revalidation, other } = await stand(t, (_req, res) => {
      res.statusCode = status
      res.end()
      begun.resolve()
    })
    const order: unknown[] = []
    const whole = ask(port, request(line), true).then(answer => order.push(answer.status))
    await begun.promise
    order.push((await other()).body, 'revalidated')
    revalidation.resolve()
    await whole
    assert.deepEqual(order, ['other', 'revalidated', status])
  })
}

test('a revalidation that fails ends the answer too', async t => {
  const { port, revalidation } = await stand(t, inPieces)
  const client = await wire(t, port)
  client.send(request('POST /renew'))
  await client.until('renewed')
  revalidation.promise.catch(() => {})
  revalidation.reject(new Error('Redis is gone'))
  assert.equal((await client.answer()).body, 'renewed')
})

test('one that never ends keeps the answer for a second', async t => {
  const { port } = await stand(t, inPieces)
  assert.equal((await ask(port, request('POST /renew'))).body, 'renewed')
})

test('a client that leaves meanwhile ends its answer at once', async t => {
  const closed = Promise.withResolvers<void>()
  const { port, revalidation, other } = await stand(t, (req, res) => {
    res.once('close', closed.resolve)
    inPieces(req, res)
  })
  const client = await wire(t, port)
  client.send(request('POST /renew'))
  await client.until('renewed')
  client.abort()
  await closed.promise
  revalidation.resolve()
  assert.equal((await other()).body, 'other')
})

test("what after() revalidates, behind the answer, is nobody's to wait for", async t => {
  const revalidated = Promise.withResolvers<void>()
  const { port } = await stand(
    t,
    (_req, res) => {
      res.once('close', () => {
        byOne(new Promise(() => {}))
        revalidated.resolve()
      })
      res.end('renewed')
    },
    () => {},
  )
  const client = await wire(t, port)
  client.send(request('POST /renew', ['Connection: keep-alive']))
  assert.equal((await client.answer()).body, 'renewed')
  await revalidated.promise
  client.send(request('GET /other'))
  assert.equal((await client.answer()).body, 'other')
})

test('a handler that does not load, or has no such method, is left to Next', async () => {
  await waitForRevalidations(join(folder, 'none.cjs'))
  await writeFile(join(folder, 'other.cjs'), 'module.exports = class {}')
  await waitForRevalidations(join(folder, 'other.cjs'))
})
