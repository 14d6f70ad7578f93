import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { ask, eventually, request, wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import { assertJapanese } from '../../test/words.ts'
import { EVENTS, watchEvents } from './events.ts'
import type { WorkerState } from './lifecycle.ts'

async function watched(t: TestContext, options: Parameters<typeof stage>[1] = {}) {
  const front = await stage(t, options)
  let workers: WorkerState[] = []
  const { lifecycle, bounds, backend, tallies } = front
  const events = watchEvents({ lifecycle, bounds, backends: [backend], tallies, workers: () => workers })
  return {
    ...front,
    events,
    /** in English; whatever it is, it is there in Japanese */
    words: () =>
      events.since(0).map(({ text, times }) => {
        assertJapanese(text)
        return times > 1 ? `${text.en} ×${times}` : text.en
      }),
    look(next: Partial<WorkerState>[]) {
      const some = { pid: 1, phase: 'ready', inFlight: 0, restarts: 0, rssMb: 100 } as const
      workers = next.map((each, i) => ({ worker: i + 1, ...some, ...each }))
      events.look()
    },
  }
}

test('an address that leaves: how many connections were closed and how many finish', async t => {
  const { promise: go, resolve } = Promise.withResolvers<void>()
  const front = await watched(t, {
    count: 1,
    handler: (req, res) => {
      if (req.url === '/user/login/slow') void go.then(() => res.end())
      else res.end()
    },
  })
  const old = front.alb.listed[0] ?? ''
  const slow = await wire(t, front.port)
  slow.send(request('GET /user/login/slow'))
  await eventually(() => front.alb.nodes.get(old)?.requests === 1)
  await ask(front.port, request('GET /user/login'))
  await eventually(() => front.backend.agent.state()[old]?.idle === 1)
  const [fresh] = await front.alb.add(1)
  front.alb.drain(old)
  await once(front.backend.cache.changes, 'departed')
  resolve()
  await slow.answer()
  assert.deepEqual(front.words(), [
    `${fresh} is new in DNS`,
    `${old} left DNS: 1 idle connection closed, 1 busy finishes`,
  ])
})

test('DNS that fails and comes back', async t => {
  const front = await watched(t)
  front.dns.behave('servfail')
  await once(front.backend.cache.changes, 'stale')
  front.dns.behave('answer')
  await once(front.backend.cache.changes, 'fresh')
  assert.deepEqual(front.words(), ['DNS gives no answer (ESERVFAIL): the last addresses stay', 'DNS answers'])
})

test('a dead address is one event, however often it is tried', async t => {
  const front = await watched(t, { count: 1 })
  const address = front.alb.listed[0] ?? ''
  front.alb.kill(address)
  await ask(front.port, request('GET /user/login'))
  assert.match(front.words().join(), new RegExp(`^${address} cannot be reached \\(ECONNREFUSED\\) ×\\d+$`))
})

test('page workers that end, come back and are replaced', async t => {
  const { look, words } = await watched(t)
  look([{ pid: 1 }, { pid: 2 }])
  look([{ pid: 1 }, { pid: undefined, phase: 'gone' }])
  look([{ pid: 1 }, { pid: undefined, phase: 'gone', restarts: 1 }])
  look([{ pid: 1 }, { pid: 3, restarts: 1 }])
  look([{ pid: 4 }, { pid: 5, restarts: 2 }])
  assert.deepEqual(words(), [
    'Page worker 2 ended by itself',
    'Page worker 2 serves again (process 3)',
    'Page worker 1 was replaced gracefully (process 4)',
    'Page worker 2 ended by itself and was started again (process 5)',
  ])
})

test('logins that were retried, and the phases of the front', async t => {
  const { look, words, tally, lifecycle } = await watched(t)
  tally.replayed += 2
  look([])
  tally.replayed++
  lifecycle.phase = 'stopping'
  look([])
  look([])
  assert.deepEqual(words(), [
    'A login found a dead connection and was retried ×3',
    'Stopping: /readyz says 503, new requests are still served',
  ])
})

test('the last 200 are kept', async t => {
  const { events, lifecycle } = await watched(t)
  for (let i = 0; i < 250; i++) {
    lifecycle.phase = i % 2 === 0 ? 'stopping' : 'ready'
    events.look()
  }
  assert.equal(events.since(0).length, 200)
  assert.equal(events.since(0).at(-1)?.change, 250)
  assert.equal(events.since(248).length, 2)
})

test('connections beyond the bound are one event that counts', async t => {
  const front = await watched(t)
  front.server.maxConnections = 1
  await wire(t, front.port)
  for (let i = 0; i < 3; i++) {
    const dropped = once(front.server, 'drop')
    await wire(t, front.port)
    await dropped
  }
  front.events.look()
  assert.deepEqual(front.words(), ['A connection was turned away: the connection limit is reached ×3'])
  assert.match((await front.metrics.read()).text, /^gatehouse_connections_turned_away_total 3$/m)
})

test('with several backends an event says of which it is', async t => {
  const { lifecycle, bounds, backend, tallies } = await stage(t)
  const events = watchEvents({ lifecycle, bounds, backends: [backend, backend], tallies })
  backend.events.emit('failed', '10.0.0.1', new Error('no'), 1)
  const [event] = events.since(0)
  assert.deepEqual(event?.text, {
    en: `${backend.name}: 10.0.0.1 cannot be reached (other)`,
    ja: `${backend.name}：10.0.0.1 に到達できません（other）`,
  })
})

test('many addresses are told by a few, and how many more there are', () => {
  const many = Array.from({ length: 9 }, (_, i) => `10.0.0.${i}`)
  for (const words of [EVENTS.added(many), EVENTS.departed(many, { closed: 2, busy: 0 })]) {
    assertJapanese(words)
    assert.match(words.en, /10\.0\.0\.4 and 4 more /)
  }
  assertJapanese(EVENTS.stale('ESERVFAIL', false))
})
