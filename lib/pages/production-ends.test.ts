import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { shake } from '../../test/handshakes.ts'
import {
  backend,
  copy,
  ELSEWHERE,
  get,
  gone,
  portOf,
  ready,
  runs,
  start,
  WORKERS,
  withTwo,
} from '../../test/pages/production.ts'
import { ask, request, wire } from '../../test/raw.ts'
import { startLoad } from '../../testing/load.ts'

// a loop is noticed after a minute: lib/pages/workers/dispatch.test.ts has it
for (const kind of ['exit', 'heap']) {
  test(`a page ends in ${kind}: no login fails, pages come again`, async () => {
    const front = await withTwo()
    await ready(front)
    const load = startLoad(front.url, backend.account, 50)
    const page = await get(front, `/odd/${kind}`, { Accept: 'text/html' })
    await load.stop()
    assert.equal(page.status, 502)
    assert.equal(page.headers.get('retry-after'), null)
    assert.deepEqual(load.failed, {})
    assert.ok(load.ok > 0)
    await ready(front)
    assert.equal((await get(front, '/')).status, 200)
  })
}

test('SIGHUP replaces the workers gracefully: under load no page and no login fails', async () => {
  const front = await withTwo()
  const before = await ready(front)
  const logins = startLoad(front.url, backend.account, 50)
  const statuses = new Set<number>()
  let over = false
  const pages = [1, 2].map(async () => {
    while (!over) {
      const page = await get(front, '/login')
      await page.text()
      statuses.add(page.status)
    }
  })
  front.process.kill('SIGHUP')
  await ready(front, pids => pids.every(pid => !before.includes(pid)))
  over = true
  await Promise.all(pages)
  await logins.stop()
  assert.deepEqual([...statuses], [200])
  assert.deepEqual(logins.failed, {})
  await gone(before)
})

test('kill -9 of the front leaves no worker behind', { skip: process.platform !== 'linux' }, async t => {
  const front = await start(t, { PAGE_WORKERS: '1' })
  const pids = await ready(front)
  front.process.kill('SIGKILL')
  await front.exited
  await gone(pids)
})

test('SIGTERM ends the front with 0, and its workers', async t => {
  const front = await start(t, {})
  const pids = await ready(front)
  front.process.kill('SIGTERM')
  assert.equal(await front.exited, 0)
  for (const pid of pids) assert.equal(await runs(pid), false)
})

for (const PAGE_WORKERS of WORKERS) {
  test(`with ${PAGE_WORKERS} workers, a front that stops ends the WebSockets of pages within STOP_TIMEOUT, and logs them`, async t => {
    const log = join(copy, `log-of-websockets-${PAGE_WORKERS}`)
    const front = await start(t, { PAGE_WORKERS, ELSEWHERE }, log)
    const client = await wire(t, portOf(front))
    client.send(shake('/socket/there'))
    assert.equal((await client.answer(true)).status, 101)
    const stopped = front.stop()
    await client.closed()
    assert.equal(await stopped, 0)
    assert.match(
      await readFile(log, 'utf8'),
      /"route":"page","method":"GET","path":"\/socket\/there","status":101/,
    )
  })
}

test('what a page does behind its answer is done before a stop ends, within STOP_TIMEOUT', async t => {
  const log = join(copy, 'log-of-a-stop')
  const front = await start(t, { PAGE_WORKERS: '1', STOP_TIMEOUT: '20s' }, log)
  assert.equal((await ask(portOf(front), request('POST /behind'))).body, 'answered')
  front.process.kill('SIGTERM')
  assert.equal(await front.exited, 0)
  assert.match(await readFile(log, 'utf8'), /done behind the answer/)
})
