import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { allReady, type Stand, stand } from '../../../test/pages/stand.ts'
import { request, wire } from '../../../test/raw.ts'
import { isOversized } from './pool.ts'

const MB = 1024 ** 2

/** How workers start from now on, until the test is over. */
function startBadly(t: TestContext, how: string) {
  process.env.ODD_START = how
  t.after(() => {
    delete process.env.ODD_START
  })
}

test('a worker that ends at once is started again after breaks that double, up to the longest', async t => {
  const { log, line } = await stand(t, { env: { ODD_START: 'dies' }, timeouts: { steady: 60_000 } })
  const breaks = () => log.flatMap(({ msg, ms }) => (msg === 'page worker starts again' ? [ms] : []))
  await line(() => breaks().length === 4)
  assert.deepEqual(breaks(), [50, 100, 200, 200])
})

test('one that does not come to serve is started again until it does, after such breaks, too', async t => {
  const { get, pages, log, line } = await stand(t, { timeouts: { steady: 60_000 } })
  const [pid = 0] = await allReady({ pages })
  startBadly(t, 'exit')
  process.kill(pid, 'SIGKILL')
  const breaks = () => log.flatMap(({ msg, ms }) => (msg === 'page worker starts again' ? [ms] : []))
  await line(() => breaks().length === 4)
  delete process.env.ODD_START
  assert.deepEqual(breaks(), [50, 100, 200, 200])
  assert.equal((await get('/pid')).status, 200)
})

test('a worker that has served for a while is started again without a break', async t => {
  const { get, line } = await stand(t, { timeouts: { steady: 0 } })
  await get('/die')
  assert.equal((await line(({ msg }) => msg === 'page worker starts again')).ms, 0)
})

test('the start fails where no worker comes so far, and says why', async t => {
  await assert.rejects(stand(t, { count: 2, env: { ODD_START: 'exit' } }), {
    message: 'page worker 1: code 7',
  })
})

const NO_ANSWER = 'page worker does not answer, and counts as ready all the same'

test('a worker in which Next takes its time to load is ready when it has answered, and has its whole start time', async t => {
  const { log } = await stand(t, { env: { ODD_START: 'slow' }, timeouts: { probe: 100 } })
  assert.ok(log.some(({ msg }) => msg === 'loaded'))
  assert.ok(!log.some(({ msg }) => msg === NO_ANSWER))
})

test('one that does not answer though Next has loaded all serves all the same after a while: one page may wait for ever', async t => {
  const { get, pages, log, line } = await stand(t, {
    env: { ODD_START: 'slow and silent' },
    timeouts: { probe: 100 },
  })
  const said = log.map(({ msg }) => msg).filter(msg => msg === 'loaded' || msg === NO_ANSWER)
  assert.deepEqual(said, ['loaded', NO_ANSWER])
  assert.equal((await get('/pid')).status, 200)
  await pages.close(60_000)
  assert.equal((await line(({ msg }) => msg === 'page worker ended')).reason, 'stopped (code 143)')
})

test('a reload replaces every worker, one after the other, and no page fails', async t => {
  const { get, pages, log } = await stand(t, { count: 2 })
  const before = await allReady({ pages })
  let over = false
  let least = 2
  const statuses = new Set<number>()
  const load = Array.from({ length: 4 }, async () => {
    while (!over) {
      statuses.add((await get('/pid')).status)
      least = Math.min(least, (pages.state?.() ?? []).filter(each => each.phase === 'ready').length)
    }
  })
  pages.reload?.()
  const after = await allReady({ pages }, () =>
    (pages.state?.() ?? []).every(({ pid = 0 }) => !before.includes(pid)),
  )
  over = true
  await Promise.all(load)
  assert.deepEqual([...statuses], [200])
  assert.equal(least, 2)
  assert.equal(new Set([...before, ...after]).size, 4)
  assert.ok(log.every(({ level }) => Number(level) < 40))
})

/** Until it is known what the worker holds at rest. */
const atRest = (stand: Stand) =>
  allReady(stand, () => (stand.pages.state?.() ?? []).every(each => each.rssMb !== undefined))

test('a worker that holds too much is replaced gracefully', async t => {
  const front = await stand(t, { memory: 160 * MB })
  const { get, line, pages } = front
  await atRest(front)
  const { body } = await get('/large')
  const { reason } = await line(({ msg }) => msg === 'page worker is replaced')
  assert.match(`${reason}`, /^it holds \d{3} MB$/)
  const [pid] = await allReady({ pages }, () => `${pages.state?.()[0]?.pid}` !== body)
  assert.equal((await get('/pid')).body, `${pid}`)
  assert.equal(pages.state?.()[0]?.restarts, 0)
})

test('one that holds too much for a moment is not replaced', async t => {
  const front = await stand(t)
  await atRest(front)
  const { body } = await front.get('/swollen')
  const holds = (look: (mb: number) => boolean) =>
    allReady(front, () => look(front.pages.state?.()[0]?.rssMb ?? 0))
  await holds(mb => mb > 1000)
  await holds(mb => mb < 1000)
  assert.equal((await front.get('/pid')).body, body)
  assert.ok(!front.log.some(({ msg }) => msg === 'page worker is replaced'))
})

test('one that stands still is asked once what it holds, and not as often as it was silent', async t => {
  const { get } = await stand(t)
  assert.ok(Number((await get('/asked')).body) <= 2)
})

test('one that needs as much at rest is not replaced, for a new one would, too; but where it grows from there', async t => {
  const { get, log, line } = await stand(t, { memory: 40 * MB })
  const isWarning = ({ msg }: Record<string, unknown>) =>
    `${msg}`.startsWith('page worker needs more than PAGE_MEMORY')
  const { mb, most } = await line(isWarning)
  assert.ok(Number(mb) > Number(most) && most === 40)
  const { body } = await get('/pid')
  assert.ok(!log.some(({ msg }) => msg === 'page worker is replaced'))
  assert.equal((await get('/large')).body, body)
  await line(({ msg }) => msg === 'page worker is replaced')
  assert.equal(log.filter(isWarning).length, 1)
})

for (const [rss, baselineRss, is] of [
  [512, 480, false],
  [513, 480, true],
  [700, 600, false],
  [751, 600, true],
  [900, Number.POSITIVE_INFINITY, false],
] as const)
  test(`of 512 MB, a worker that holds ${rss} MB, ${baselineRss} MB at rest, is ${is ? '' : 'not '}replaced`, () => {
    assert.equal(isOversized(rss, baselineRss, 512), is)
  })

test('a worker that was said not to fit at rest is not replaced where it holds a little less one day', () => {
  assert.equal(isOversized(560 * MB, 511 * MB, 512 * MB, true), false)
  assert.equal(isOversized(650 * MB, 511 * MB, 512 * MB, true), true)
})

test('where none takes the place of one that holds too much, the next try comes after a break that doubles', async t => {
  const front = await stand(t, { memory: 160 * MB })
  const { get, log, line } = front
  await atRest(front)
  await get('/large')
  startBadly(t, 'exit')
  const breaks = () =>
    log.flatMap(({ msg, ms }) => (msg === 'a page worker could not be replaced' ? [ms] : []))
  await line(() => breaks().length === 4)
  assert.deepEqual(breaks(), [50, 100, 200, 200])
})

test('a worker is replaced once, however often that was asked for meanwhile', async t => {
  const { get, log, line, pages } = await stand(t)
  const [before] = await allReady({ pages })
  startBadly(t, 'exit')
  for (let time = 0; time < 5; time++) pages.reload?.()
  const failures = () => log.filter(({ msg }) => msg === 'a page worker could not be replaced').length
  await line(() => failures() > 0)
  // by now a second try would have begun
  await get('/pid')
  delete process.env.ODD_START
  await allReady({ pages }, () => {
    if (pages.state?.()[0]?.pid !== before) return true
    pages.reload?.()
    return false
  })
  assert.equal(failures(), 1)
})

test('a worker that leaves finishes what it has', async t => {
  const { pages, port, line } = await stand(t)
  const [before] = await allReady({ pages })
  const client = await wire(t, port)
  client.send(request('GET /echo', ['Transfer-Encoding: chunked']))
  client.send('3\r\none\r\n')
  await client.until('one')
  pages.reload?.()
  await allReady({ pages }, () => pages.state?.()[0]?.pid !== before)
  client.send('3\r\ntwo\r\n0\r\n\r\n')
  assert.equal((await client.answer()).body, 'onetwo')
  const { pid, reason } = await line(({ msg }) => msg === 'page worker ended')
  assert.deepEqual([pid, reason], [before, 'stopped (code 143)'])
})

test('one that does not leave is killed', async t => {
  const { pages, port, line } = await stand(t, { timeouts: { drain: 50, term: 100 } })
  const client = await wire(t, port)
  client.send(request('GET /stream'))
  await client.until('one ')
  pages.reload?.()
  assert.equal((await line(({ msg }) => msg === 'page worker ended')).reason, 'stopped (SIGKILL)')
})

test('stopping ends every worker, one that hangs too', async t => {
  const { pages, port } = await stand(t, { count: 2, timeouts: { silentPings: 1000 } })
  const pids = await allReady({ pages })
  const client = await wire(t, port)
  client.send(request('GET /loop'))
  await allReady({ pages }, () => (pages.state?.() ?? []).some(each => each.inFlight > 0))
  await pages.close(500)
  for (const pid of pids) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
})

test('what a page does behind its answer may take all the time that a stop has', async t => {
  const { get, pages, line } = await stand(t)
  await get('/after')
  await pages.close(10_000)
  assert.equal((await line(({ msg }) => msg === 'page worker ended')).reason, 'stopped (code 143)')
  await line(({ msg }) => msg === 'done behind the answer')
})

test('so it may where its worker is replaced', async t => {
  const { get, pages, line } = await stand(t, { timeouts: { term: 10_000 } })
  await get('/after')
  pages.reload?.()
  await line(({ msg }) => msg === 'done behind the answer')
})
