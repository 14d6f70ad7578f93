import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allReady, stand } from '../../../test/pages/stand.ts'
import { ask, header, type RawAnswer, request, wire } from '../../../test/raw.ts'
import type { Pages } from '../pages.ts'

const HTML = ['Accept: text/html']

function assertNotBegun(answer: RawAnswer) {
  assert.equal(answer.status, 503)
  assert.equal(header(answer, 'retry-after'), '1')
  assert.equal(JSON.parse(answer.body).error.code, 'PAGE_UNAVAILABLE')
}

const restartsOf = ({ state }: Pages) => state?.().reduce((sum, { restarts }) => sum + restarts, 0)

test('a request goes to the worker with the fewest in flight', async t => {
  const { get, pages, port } = await stand(t, { count: 2 })
  await allReady({ pages })
  const client = await wire(t, port)
  client.send(request('GET /stream'))
  await client.until('one ')
  const busy = pages.state?.().find(each => each.inFlight === 1)
  const others = new Set<string>()
  for (let i = 0; i < 5; i++) others.add((await get('/pid')).body)
  assert.equal(others.size, 1)
  assert.ok(busy && !others.has(String(busy.pid)))
})

// a busy machine tells of a worker's end late
const LATE_END = { ping: 5000 }

test('a GET that a worker dies of is retried, elsewhere', async t => {
  const { get, pages } = await stand(t, { count: 2, timeouts: LATE_END })
  const [first = 0, second = 0] = await allReady({ pages })
  const answer = await get(`/die?if=${first}`)
  assert.equal(answer.status, 200)
  assert.notEqual(answer.body, `${first}`)
  await allReady({ pages })
  assert.ok(pages.state?.().some(({ pid }) => pid === second))
})

test('a POST that a worker dies of is answered: 502 without Retry-After, and never retried', async t => {
  const { port, pages } = await stand(t, { count: 2 })
  const [first = 0] = await allReady({ pages })
  const answer = await ask(port, request(`POST /die?if=${first}`, HTML, 'x'))
  assert.equal(answer.status, 502)
  assert.equal(header(answer, 'retry-after'), undefined)
  assert.match(answer.body, /^<!doctype html>/)
})

test('workers are killed under load: no page fails, no login fails', async t => {
  const { get, login, pages } = await stand(t, { count: 2, timeouts: LATE_END })
  let over = false
  let done = 0
  const statuses = new Set<string>()
  const load = [get, get, get, login].map(async what => {
    while (!over) {
      statuses.add(`${what.name} ${(await what('/pid')).status}`)
      done++
    }
  })
  for (let round = 1; round <= 3; round++) {
    const pids = await allReady({ pages })
    const before = restartsOf(pages) ?? 0
    process.kill(pids[round % 2] ?? 0, 'SIGKILL')
    // a start that a busy machine makes too slow is one more
    await allReady({ pages }, () => (restartsOf(pages) ?? 0) > before)
    // two killed in a row may have had the same request
    const after = done + 50
    await allReady({ pages }, () => done > after)
  }
  over = true
  await Promise.all(load)
  assert.deepEqual([...statuses].toSorted(), ['get 200', 'login 200'])
})

for (const [path, reason, silentPings] of [
  ['/exit', /code 3/, 1000],
  ['/loop', /its event loop has not turned/, 20],
  // on a busy machine it takes long until the memory is full
  ['/heap', /SIGABRT/, 1000],
] as const) {
  test(`${path}: the worker is replaced, the page is 502, no login fails`, async t => {
    const memory = 128 * 1024 ** 2
    const { get, login, line, pages } = await stand(t, { count: 2, memory, timeouts: { silentPings } })
    const before = await allReady({ pages })
    let over = false
    const logins = (async () => {
      const statuses = new Set<number>()
      while (!over) statuses.add((await login()).status)
      return [...statuses]
    })()
    // what may have ended one is not sent to another
    const answer = await get(path).finally(() => {
      over = true
    })
    assert.equal(answer.status, 502)
    assert.deepEqual(await logins, [200])
    const ended = await line(({ msg }) => msg === 'page worker ended')
    assert.match(`${ended.reason}`, reason)
    assert.equal(ended.level, 40)
    const after = await allReady({ pages }, () => (restartsOf(pages) ?? 0) >= 1)
    assert.notDeepEqual(after, before)
    assert.equal((await get('/pid')).status, 200)
  })
}

test('what may have ended a worker is not sent to the last one that is left', async t => {
  const { get, pages } = await stand(t, { count: 2 })
  await allReady({ pages })
  const ending = get('/die')
  let least = 2
  let done = false
  const watch = (async () => {
    while (!done) {
      least = Math.min(least, (pages.state?.() ?? []).filter(each => each.phase === 'ready').length)
      await new Promise(resolve => setImmediate(resolve))
    }
  })()
  await ending
  // on a busy machine its end is seen after its answer
  await allReady({ pages }, () => (restartsOf(pages) ?? 0) >= 1)
  done = true
  await watch
  assert.equal(least, 1)
})

test('a request waits for the next worker where none is ready', async t => {
  const { get, pages } = await stand(t)
  const [pid = 0] = await allReady({ pages })
  await get('/die')
  await allReady({ pages }, () => pages.state?.()[0]?.restarts === 2)
  assert.notEqual((await get('/pid')).body, String(pid))
})

test('where none comes in time, a page is 503 and says that nothing was done', async t => {
  const { get, login } = await stand(t, {
    timeouts: { wait: 100, backOff: 10_000, mostBackOff: 10_000, steady: 60_000 },
  })
  await get('/exit')
  const answer = await get('/pid')
  assertNotBegun(answer)
  assert.equal((await login()).status, 200)
})

test('what no worker took is 503 and may be retried, a POST with a body too', async t => {
  const { get, post } = await stand(t)
  await get('/deaf')
  assertNotBegun(await post('/pid'))
  assertNotBegun(await get('/pid'))
})

test('so is what one refused before it ended, where no other comes', async t => {
  const { get, post, pages, port } = await stand(t, {
    timeouts: { ping: 2000, wait: 100, backOff: 10_000, mostBackOff: 10_000, steady: 60_000 },
  })
  const [pid = 0] = await allReady({ pages })
  await get('/deaf')
  const client = await wire(t, port)
  client.send(request('GET /pid'))
  // comes after it, and is refused by then
  assertNotBegun(await post('/pid'))
  process.kill(pid, 'SIGKILL')
  assertNotBegun(await client.answer())
})

test('a page that says nothing is given up', async t => {
  const { get, pages } = await stand(t, { timeouts: { silence: 300 } })
  const answer = await get('/held')
  assert.equal(answer.status, 502)
  assert.equal(JSON.parse(answer.body).error.code, 'PAGE_BROKE_OFF')
  await allReady({ pages }, () => pages.state?.()[0]?.inFlight === 0)
})

test('without a limit a page may take its time', async t => {
  const { port, get, pages } = await stand(t, { timeouts: { silence: 0 } })
  const client = await wire(t, port)
  client.send(request('GET /held'))
  await allReady({ pages }, () => pages.state?.()[0]?.inFlight === 1)
  await new Promise(resolve => setTimeout(resolve, 1000))
  await get('/go')
  assert.equal((await client.answer()).body, 'two')
})

test('an answer that has begun may pause for longer, as an event stream does', async t => {
  const { port, get } = await stand(t, { timeouts: { silence: 300 } })
  const client = await wire(t, port)
  client.send(request('GET /stream'))
  await client.until('one ')
  await new Promise(resolve => setTimeout(resolve, 1000))
  await get('/go')
  assert.equal((await client.answer()).body, 'one two')
})

test('a page that is busy for less than the watchdog bears is waited for', async t => {
  const { get, pages } = await stand(t, { timeouts: { ping: 150, silentPings: 40 } })
  const [pid] = await allReady({ pages })
  assert.equal((await get('/busy')).body, `${pid}`)
})

for (const method of ['GET', 'PUT', 'DELETE']) {
  test(`a ${method} whose page closes the connection is executed once, then 502; the worker stays`, async t => {
    const { get, pages, port } = await stand(t)
    const before = await allReady({ pages })
    // over a connection that the front has in its pool, too
    await get('/pid')
    assert.equal((await ask(port, request(`${method} /reset`, ['Content-Length: 0']))).status, 502)
    assert.equal((await get('/resets')).body, '1')
    assert.deepEqual(await allReady({ pages }), before)
  })
}
