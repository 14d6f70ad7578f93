import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accept, answer, execute, executedOf, expectOf, setUp } from '../../test/proven-backend.ts'

test('a login whose connection closes before the backend says 100 is retried, and runs once', async t => {
  const { seen, send, front } = await setUp(t, (req, res, nth) =>
    nth === 2 ? req.socket.destroy() : (req.headers.expect ? accept : answer)(req, res, nth),
  )
  assert.equal((await send()).status, 200)
  assert.deepEqual(executedOf(seen), [true, false, true])
  assert.equal(front.tally.replayed, 1)
})

test('a login that meets two dead connections in a row goes over a fresh one', async t => {
  const { seen, send } = await setUp(t, (req, res, nth) => {
    // the first five make the pool, and are answered when all of them are there
    if (nth <= 5) setTimeout(() => (req.headers.expect ? accept : answer)(req, res, nth), 50)
    else if (req.headers.expect !== undefined) req.socket.destroy()
    else answer(req, res, nth)
  })
  await Promise.all(Array.from({ length: 4 }, () => send()))
  // of listeners that look like a leak
  const warnings: Error[] = []
  const note = (warning: Error) => warnings.push(warning)
  process.on('warning', note)
  t.after(() => process.off('warning', note))
  const before = seen.length
  assert.equal((await send()).status, 200)
  assert.deepEqual(expectOf(seen.slice(before)), ['100-continue', '100-continue', undefined])
  assert.deepEqual(warnings, [])
})

test('what may have been executed is not said to be undone where it cannot be retried', async t => {
  let stop = () => {}
  const { seen, send, api } = await setUp(t, req =>
    execute(req, () => {
      stop()
      req.socket.destroy()
    }),
  )
  stop = () => void api.close()
  const response = await send('DELETE')
  assert.equal(response.status, 502)
  assert.match(await response.text(), /"code":"BACKEND_BROKE_OFF".*"retry":false/)
  assert.equal(seen.length, 2)
})

test('a login that left whole and then loses its connection is not retried', async t => {
  const { seen, send } = await setUp(t, (req, res) => {
    res.writeContinue()
    execute(req, () => req.socket.destroy())
  })
  const response = await send()
  assert.equal(response.status, 502)
  assert.match(await response.text(), /"code":"BACKEND_BROKE_OFF".*"retry":false/)
  assert.equal(seen.length, 2)
})

test('a GET whose connection the backend drops without an answer is retried once', async t => {
  const { seen, send } = await setUp(t, (req, res, nth) =>
    nth === 2 ? execute(req, () => req.socket.destroy()) : answer(req, res, nth),
  )
  assert.equal((await send('GET')).status, 200)
  assert.deepEqual(
    seen.map(each => each.method),
    ['POST', 'GET', 'GET'],
  )
})

test('with REPLAY=off nothing is sent with Expect, and nothing that was sent is retried', async t => {
  const { seen, send } = await setUp(t, req => execute(req, () => req.socket.destroy()), { REPLAY: 'off' })
  assert.equal((await send('GET')).status, 502)
  assert.equal(seen.length, 2)
  assert.equal(seen[1]?.expect, undefined)
})
