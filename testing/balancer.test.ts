import assert from 'node:assert/strict'
import { once } from 'node:events'
import https from 'node:https'
import net from 'node:net'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { listen } from '../lib/front/listen.ts'
import { expectNoLoginLost, startBalancer, startFront } from './index.ts'

/** The pages of this repository as they are built. */
const APP = fileURLToPath(new URL('..', import.meta.url))

test('a target where nothing listens is an event of the balancer, once for several requests in a row', async () => {
  const taken = net.createServer()
  const target = `http://127.0.0.1:${await listen(taken, 0, '127.0.0.1')}`
  await once(taken.close(), 'close')
  await using balancer = await startBalancer({ target })
  for (let i = 0; i < 2; i++) {
    const request = https.get({
      host: balancer.addresses[0],
      port: new URL(balancer.origin).port,
      agent: false,
      rejectUnauthorized: false,
    })
    const [answer] = await once(request, 'response')
    assert.equal(answer.statusCode, 502)
    answer.resume()
  }
  assert.deepEqual(
    balancer.events.map(({ what, unreached }) => [what.replace(/: connect.*/, ''), unreached]),
    [[`the target ${target} cannot be reached`, target]],
  )
})

test('a target with a path is refused', async () => {
  await assert.rejects(startBalancer({ target: 'http://localhost/v1' }), /an origin without a path/)
})

test('more nodes than the loopback has addresses are refused', async () => {
  await assert.rejects(
    startBalancer({ addresses: ['127.0.0.1'], nodes: 2 }),
    /no loopback address left besides 127\.0\.0\.1/,
  )
})

test('where the loopback has two addresses the API moves from one to the other, and back', async () => {
  await using two = await startBalancer({ addresses: ['127.0.0.1', '127.0.0.2'] })
  assert.deepEqual(two.addresses, ['127.0.0.1'])
  assert.deepEqual(await two.replace({ dnsLagMs: 0 }), ['127.0.0.2'])
  assert.deepEqual(await two.replace({ dnsLagMs: 0 }), ['127.0.0.1'])
})

test('where the loopback has one address the API goes away and comes back there, and no login is lost', async () => {
  await using one = await startBalancer({ addresses: ['127.0.0.1'] })
  await using own = await startFront({ app: APP, balancer: one })
  await expectNoLoginLost(() => one.replace(), { front: own, balancer: one })
  assert.match(one.events.at(-1)?.what ?? '', /no other loopback address/)
})
