import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { logIn, logInTimes, statusApi } from '../../../test/guesses.ts'
import { eventually } from '../../../test/raw.ts'
import type { Stage } from '../../../test/stage.ts'
import { startStore, testWithStore } from '../../../test/store.ts'

const connected = ({ limit }: Stage) => eventually(() => limit?.store?.connected === true)

testWithStore('two fronts count together', 0, async (t, open) => {
  const store = await startStore(t)
  const env = { LOGIN_LIMIT: '4/1m', LOGIN_LIMIT_ACCOUNT: '9/1m', LIMIT_STORE: store.url }
  const { handler } = statusApi()
  const [one, other] = [await open({ handler, env }), await open({ handler, env })]
  await Promise.all([one, other].map(connected))
  assert.deepEqual(await logInTimes(2, one, 'taro', 401), [401, 401])
  assert.deepEqual(await logInTimes(3, other, 'taro', 401), [401, 401, 429])
  const { status, headers } = await logIn(one, 'taro', 200)
  assert.equal(status, 429)
  const seconds = Number(headers.get('retry-after'))
  assert.ok(seconds > 50 && seconds <= 60, `Retry-After: ${seconds}`)
})

testWithStore(
  'of guesses sent side by side to two fronts, no more reach the API than may fail',
  0,
  async (t, open) => {
    const store = await startStore(t)
    const env = { LOGIN_LIMIT_ACCOUNT: '5/1m', LIMIT_STORE: store.url }
    const api = statusApi(() => sleep(20))
    const fronts = [await open({ handler: api.handler, env }), await open({ handler: api.handler, env })]
    await Promise.all(fronts.map(connected))
    const guesses = fronts.flatMap(front => Array.from({ length: 20 }, () => logIn(front, 'taro', 401)))
    const statuses = (await Promise.all(guesses)).map(({ status }) => status)
    assert.equal(statuses.filter(status => status === 401).length, 5)
    assert.equal(statuses.filter(status => status === 429).length, 35)
    assert.equal(api.seen, 5)
  },
)

testWithStore('logins sent side by side all pass where none fails', 0, async (t, open) => {
  const store = await startStore(t)
  const env = { LOGIN_LIMIT: '5/1m', LOGIN_LIMIT_ACCOUNT: '5/1m', LIMIT_STORE: store.url }
  const api = statusApi(() => sleep(5))
  const front = await open({ handler: api.handler, env })
  await connected(front)
  const answers = await Promise.all(Array.from({ length: 60 }, () => logIn(front, 'taro', 200)))
  assert.deepEqual(new Set(answers.map(each => each.status)), new Set([200]))
})

testWithStore(
  'the store holds no name, no password, and nothing of logins that did not fail',
  0,
  async (t, open) => {
    const store = await startStore(t)
    const env = { LOGIN_LIMIT: '5/1m', LOGIN_LIMIT_ACCOUNT: '5/1m', LIMIT_STORE: store.url }
    const front = await open({ handler: statusApi().handler, env })
    await connected(front)
    await logInTimes(3, front, 'taro-no-namae', 200)
    await eventually(() => front.tally.answered[200] === 3)
    assert.deepEqual(await store.counts(), {})
    await logInTimes(2, front, 'taro-no-namae', 401)
    const counts = await store.counts()
    assert.deepEqual(Object.values(counts), [2, 2])
    const [account = '', address] = Object.keys(counts).sort()
    assert.match(account, /^gatehouse:\{limits\}:account:[\da-f]{64}$/)
    assert.equal(address, 'gatehouse:{limits}:address:127.0.0.1')
    for (const key of Object.keys(counts)) assert.ok(Number(await store.ask('PTTL', key)) > 50_000)
  },
)
