import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ownTime } from '../../test/own-time.ts'
import { eventually, recorder, request, wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

/** More than is kept, and than the buffers on its way take. */
const HUGE = 'x'.repeat(1_000_000)
/** A client's that sends nothing more (./body.ts). */
const IDLE_MS = 10_000
const CASES: [status: number, words: string, env: Record<string, string>, isDown?: true][] = [
  [502, 'no address takes a connection', { CONNECT_TIMEOUT: '100ms' }, true],
  [429, 'LOGIN_LIMIT is full', { LOGIN_LIMIT: '1/1h' }],
  [413, 'LOGIN_LIMIT_ACCOUNT cannot look into it', { LOGIN_LIMIT_ACCOUNT: '9/1h' }],
]

const timers = () => process.getActiveResourcesInfo().filter(each => each === 'Timeout').length

for (const [status, words, env, isDown] of CASES) {
  test(`of a huge body nothing is held, and the next request is answered, where ${words}`, async t => {
    const { handler } = recorder((_req, res) => res.writeHead(401).end())
    const front = await stage(t, { handler, count: 1, env })
    await fetch(`${front.url}/user/login`, { method: 'POST', body: 'name=taro' })
    if (isDown) for (const each of front.alb.listed) await front.alb.fault(each, 'refuse')
    const clients = await Promise.all(Array.from({ length: 10 }, () => wire(t, front.port)))
    const before = timers()
    for (const client of clients) {
      client.send(request('POST /user/login', [`Content-Length: ${HUGE.length}`]))
      client.send(HUGE.slice(0, 500_000))
      assert.equal((await client.answer()).status, status)
      // what comes behind the answer is dropped
      client.send(HUGE.slice(500_000) + request('GET /healthz'))
      assert.equal((await client.answer()).status, 200)
    }
    // each held one, for good where its buffers were full
    const released = eventually(async () => {
      await sleep(50)
      return timers() <= before
    })
    const ms = await ownTime(released)
    await released
    assert.ok(ms < IDLE_MS / 2, `${ms} ms`)
  })
}
