import assert from 'node:assert/strict'
import { once } from 'node:events'
import type http from 'node:http'
import net from 'node:net'
import { type TestContext, test } from 'node:test'
import { SWITCHED, shake } from '../../test/handshakes.ts'
import { wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import type { Alb } from '../../testing/alb.ts'
import type { UpgradeListener } from '../../testing/node.ts'

const upgrade: UpgradeListener = (_req, socket) => void socket.write(SWITCHED)

/** At an address there is from now on what takes requests and closes, as a TCP load balancer without a healthy target does. */
async function closeAll(t: TestContext, alb: Alb, address: string) {
  await alb.stop(address)
  const closing = net.createServer(socket => socket.once('data', () => socket.destroy()))
  await once(closing.listen(alb.port, address), 'listening')
  t.after(() => void closing.close())
  return closing
}

/** Two addresses: one answers, the other takes requests and closes. */
async function setUp(t: TestContext) {
  const config = (to: string) => ({
    routes: [
      { path: '/user/login', to },
      { path: '/ws/', to },
    ],
  })
  const front = await stage(t, { count: 2, ttl: 60, secure: false, upgrade, config })
  const [address = '', other = ''] = front.alb.listed
  return { ...front, address, other, closing: await closeAll(t, front.alb, address) }
}

/** How many of 20 POSTs fail, one after the other. */
async function failedOf20(url: string, body?: string): Promise<number> {
  let failed = 0
  for (let i = 0; i < 20; i++) {
    const { status } = await fetch(`${url}/user/login`, { method: 'POST', ...(body && { body }) })
    if (status !== 200) failed++
  }
  return failed
}

for (const [what, body] of [
  ['logins', 'name=taro'],
  ['POSTs without a body', undefined],
] as const)
  test(`an address that closes new connections does not get the next ${what}`, async t => {
    const { url } = await setUp(t)
    const failed = await failedOf20(url, body)
    // it is tried again after 5 s
    assert.ok(failed <= 3, `${failed} of 20 failed`)
  })

test('of addresses that close new connections one after the other, as in a rolling restart, the one that did so first is back first', async t => {
  const { url, alb, address, other, closing } = await setUp(t)
  await failedOf20(url)
  closing.close()
  await alb.start(address)
  await closeAll(t, alb, other)
  const failed = await failedOf20(url)
  assert.ok(failed <= 3, `${failed} of 20 failed`)
})

test('a request whose connection closes is retried at another address: the one that closed has the least load now', async t => {
  let closing: string | undefined
  let arrived = 0
  let all = Promise.withResolvers<void>()
  const handler: http.RequestListener = async (req, res) => {
    if (++arrived === 8) all.resolve()
    if (req.socket.localAddress === closing) return req.socket.destroy()
    // so that each has a connection of its own
    await all.promise
    res.end()
  }
  const { url, alb } = await stage(t, { count: 2, ttl: 60, secure: false, handler })
  const ask = async () => (await fetch(`${url}/user/login`)).status
  const askAll = () => Promise.all(Array.from({ length: 8 }, ask))
  assert.deepEqual([...new Set(await askAll())], [200])
  closing = alb.listed[0]
  arrived = 0
  all = Promise.withResolvers()
  assert.deepEqual([...new Set(await askAll())], [200])
})

test('where connections in use break off while others there are answered, the next ones are spread over all addresses', async t => {
  let at: (string | undefined)[] = []
  let wanted = 0
  let all = Promise.withResolvers<void>()
  const used = new WeakSet()
  const handler: http.RequestListener = async (req, res) => {
    if (req.url?.endsWith('?breaks')) return used.has(req.socket) ? req.socket.destroy() : res.end()
    used.add(req.socket)
    if (at.push(req.socket.localAddress) === wanted) all.resolve()
    // so that each has a connection of its own
    await all.promise
    res.end()
  }
  const { url } = await stage(t, { count: 2, ttl: 60, secure: false, handler })
  const askAtOnce = async (count: number) => {
    at = []
    wanted = count
    all = Promise.withResolvers()
    await Promise.all(Array.from({ length: count }, () => fetch(`${url}/user/login`)))
    return Object.values(Object.groupBy(at, address => address ?? '')).map(each => each?.length ?? 0)
  }
  await askAtOnce(8)
  // each is retried over a new connection
  for (let i = 0; i < 4; i++) assert.equal((await fetch(`${url}/user/login?breaks`)).status, 200)
  await askAtOnce(6)
  const counts = await askAtOnce(14)
  assert.ok(counts.length === 2 && Math.min(...counts) >= 5, `${counts} at the two addresses`)
})

test('a WebSocket finds the other address, however many are open there', async t => {
  const { port } = await setUp(t)
  for (let i = 0; i < 4; i++) {
    const client = await wire(t, port)
    client.send(shake('/ws/chat'))
    assert.equal((await client.answer(true)).status, 101, `handshake ${i + 1}`)
  }
})
