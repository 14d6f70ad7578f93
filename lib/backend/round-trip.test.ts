import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAddressBook } from './addresses.ts'
import { BackendAgent } from './agent.ts'
import { connect } from './connect.ts'

// What the pool learns of the round trip to an address: the replay of logins rests on it (decision 0006).

const ADDRESS = '127.0.0.1'

/** A pool whose real connections are said to have taken these times. */
async function setUp(t: TestContext, times: { connectMs: number; waitedMs: number }[]) {
  const server = http.createServer((_req, res) => res.setHeader('Connection', 'close').end())
  await once(server.listen(0, ADDRESS), 'listening')
  const bound = server.address()
  const port = typeof bound === 'object' && bound ? bound.port : 0
  let listed = [ADDRESS]
  const book = createAddressBook(async () => ({ addresses: listed, ttlMs: 60_000 }), 60_000)
  await book.refresh()
  const signal = new AbortController().signal
  const dial = async () => ({ ...(await connect(ADDRESS, { port }, 1000, signal)), ...times.shift() })
  const agent = new BackendAgent('http:', book, { dial })
  t.after(() => {
    book.close()
    agent.destroy()
    server.close()
  })
  for (const _ of [...times]) {
    const [res]: http.IncomingMessage[] = await once(http.get({ port, host: ADDRESS, agent }), 'response')
    await once(res?.resume() ?? server, 'close')
  }
  /** Two answers in a row that lack the address. */
  async function depart() {
    listed = ['127.0.0.2']
    for (let i = 0; i < 2; i++) {
      await sleep(260)
      await book.refresh()
    }
  }
  return { agent, depart }
}

test('of an address that was never dialled, no round trip is known', async t => {
  const { agent } = await setUp(t, [])
  assert.equal(agent.roundTripMs(ADDRESS), 0)
})

test('the round trip is no more than the quickest connect took', async t => {
  const { agent } = await setUp(t, [
    { connectMs: 9, waitedMs: 8 },
    { connectMs: 3, waitedMs: 1 },
    { connectMs: 7, waitedMs: 6 },
  ])
  assert.equal(agent.roundTripMs(ADDRESS), 3)
})

test('the round trip is no more than the most that a connect spent waiting', async t => {
  const { agent } = await setUp(t, [
    { connectMs: 50, waitedMs: 2 },
    { connectMs: 40, waitedMs: 1 },
  ])
  assert.equal(agent.roundTripMs(ADDRESS), 2)
})

test('the round trip is forgotten when the address departs: it may be another machine later', async t => {
  const { agent, depart } = await setUp(t, [{ connectMs: 9, waitedMs: 8 }])
  assert.equal(agent.roundTripMs(ADDRESS), 8)
  await depart()
  assert.equal(agent.roundTripMs(ADDRESS), 0)
})

test('what a busy event loop adds to a connect is not taken for waiting', async t => {
  const server = http.createServer()
  await once(server.listen(0, ADDRESS), 'listening')
  t.after(() => server.close())
  const bound = server.address()
  const port = typeof bound === 'object' && bound ? bound.port : 0
  const connecting = connect(ADDRESS, { port }, 5000, new AbortController().signal)
  const busyUntil = performance.now() + 50
  while (performance.now() < busyUntil);
  const { socket, connectMs, waitedMs } = await connecting
  socket.destroy()
  assert.ok(connectMs >= 50, `it took ${connectMs} ms`)
  assert.ok(waitedMs < 25, `${waitedMs} ms of them waiting`)
})
