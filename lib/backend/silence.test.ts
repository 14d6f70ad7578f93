import assert from 'node:assert/strict'
import type http from 'node:http'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import { createSilence } from './silence.ts'

const CONNECTIONS = 5

test('a machine that is gone, and has closed none of its connections, gets no request while the first one waits for BACKEND_TIMEOUT', async t => {
  const waiting: http.ServerResponse[] = []
  let gone = ''
  let last = ''
  let lost = 0
  const handler: http.RequestListener = (req, res) => {
    if (req.socket.localAddress === gone) return void lost++
    last = req.socket.localAddress ?? ''
    // goes on, so that the other machine has more under way than the one that is gone
    if (req.url === '/stream') return void res.write('one ')
    if (req.url !== '/warm') return void res.end()
    waiting.push(res)
    if (waiting.length === 2 * CONNECTIONS) for (const each of waiting) each.end()
  }
  const { egressUrl, backend, alb } = await stage(t, { handler, count: 2, env: { BACKEND_TIMEOUT: '3s' } })
  const ask = async (path = '/') => (await fetch(egressUrl + path)).status
  await Promise.all(Array.from({ length: 2 * CONNECTIONS }, () => ask('/warm')))
  // to either machine several; on a busy one there may be more
  await eventually(() => alb.listed.every(each => Number(backend.agent.state()[each]?.idle) > 2))

  // the pool takes the connection that was used last
  await ask()
  gone = last
  const first: Promise<number>[] = []
  while (lost === 0) {
    first.push(ask())
    await sleep(20)
  }
  await sleep(300)
  const before = lost
  // one after another: the machine that is there owes no answer when the next one is sent
  for (let i = 0; i < CONNECTIONS; i++) assert.equal((await fetch(`${egressUrl}/stream`)).status, 200)
  assert.equal(lost, before)
  assert.ok((await Promise.all(first)).every(each => each === 200 || each === 504))
})

test('an address at which a login has met silence is avoided at once, and no more when it has said something', () => {
  const silence = createSilence()
  silence.sent('10.0.0.1')
  assert.equal(silence.isSilent('10.0.0.1'), false)
  silence.suspect('10.0.0.1')
  assert.equal(silence.isSilent('10.0.0.1'), true)
  silence.heard('10.0.0.1')
  assert.equal(silence.isSilent('10.0.0.1'), false)
  // another connection has brought an answer meanwhile
  silence.suspect('10.0.0.1')
  assert.equal(silence.isSilent('10.0.0.1'), false)
})
