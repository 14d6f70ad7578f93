import assert from 'node:assert/strict'
import type http from 'node:http'
import type { Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { eventually } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import { systemErrorCode } from '../http/errors.ts'

/** An API over plain HTTP whose one worker stays with a connection until that closes, as Apache's prefork and gunicorn's threads do. */
async function setUp(t: TestContext) {
  const served: Socket[] = []
  const ends: (string | undefined)[] = []
  const handler: http.RequestListener = async ({ socket }, res) => {
    const before = served.filter(each => each !== socket && !each.destroyed)
    if (!served.includes(socket))
      socket.on('error', error => ends.push(systemErrorCode(error))).on('end', () => ends.push('end'))
    served.push(socket)
    await Promise.all(before.map(each => new Promise(resolve => each.once('close', resolve))))
    res.end()
  }
  const front = await stage(t, { handler, count: 1, secure: false, env: { BACKEND_TIMEOUT: '8s' } })
  const send = async (method: string, body?: string) => {
    const { status } = await fetch(`${front.url}/user/login`, { method, ...(body && { body }) })
    return status
  }
  return { ...front, send, ends }
}

test('a request that cannot wait for 100 does not wait until the server has closed an idle connection', async t => {
  const { send } = await setUp(t)
  assert.equal(await send('GET'), 200)
  for (let i = 0; i < 4; i++) assert.equal(await send('POST'), 200, `POST ${i + 1}`)
  assert.equal(await send('GET'), 200, 'the next one over the pool')
})

test('nor does a login while nobody knows yet whether the server says 100', async t => {
  const { send } = await setUp(t)
  for (let i = 0; i < 3; i++) assert.equal(await send('POST', 'name=taro'), 200, `login ${i + 1}`)
})

for (const [what, method, body] of [
  ['logins', 'POST', 'name=taro'],
  ['requests that cannot wait for 100', 'POST', undefined],
  ['GETs', 'GET', undefined],
] as const) {
  test(`of several ${what} at once, none waits until the server has closed the connections of the others`, async t => {
    const { send } = await setUp(t)
    const all = await Promise.all(Array.from({ length: 4 }, () => send(method, body)))
    assert.deepEqual(all, [200, 200, 200, 200])
  })
}

test('no connection that says nothing is kept ready there', async t => {
  const { send, backend, alb } = await setUp(t)
  for (let i = 0; i < 4; i++) await send('POST')
  const [node] = alb.nodes.values()
  assert.equal(node?.accepted, 4)
  assert.deepEqual(Object.values(backend.agent.state()), [{ idle: 1, busy: 0 }])
})

test('a connection that a new one replaces is reset: closed by us, it would keep a port for a minute (TIME_WAIT)', async t => {
  const { send, ends } = await setUp(t)
  for (let i = 0; i < 4; i++) await send('POST')
  assert.deepEqual(ends, ['ECONNRESET', 'ECONNRESET', 'ECONNRESET'])
})

test('nor does one of many POSTs at once leave such a port', async t => {
  const served = new Set<Socket>()
  const ends: (string | undefined)[] = []
  const handler: http.RequestListener = ({ socket }, res) => {
    if (!served.has(socket))
      socket.on('error', error => ends.push(systemErrorCode(error))).on('end', () => ends.push('end'))
    served.add(socket)
    setTimeout(() => res.end(), 10)
  }
  const { url, backend } = await stage(t, { handler, count: 1, secure: false })
  for (let i = 0; i < 5; i++)
    await Promise.all(Array.from({ length: 20 }, () => fetch(`${url}/user/login`, { method: 'POST' })))
  const { agent } = backend
  await eventually(() => {
    const { idle, busy } = Object.values(agent.state())[0] ?? { idle: 0, busy: 0 }
    return busy === 0 && idle <= 8 && ends.length === served.size - idle
  })
  assert.deepEqual(new Set(ends), new Set(['ECONNRESET']))
})
