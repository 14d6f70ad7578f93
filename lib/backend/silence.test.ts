import assert from 'node:assert/strict'
import type http from 'node:http'
import { test } from 'node:test'
import { eventually } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import { createSilence } from './silence.ts'

const CONNECTIONS = 5

test('of the requests to a machine that is gone, and has closed none of its connections, one waits for BACKEND_TIMEOUT', async t => {
  const waiting: http.ServerResponse[] = []
  let gone = ''
  const handler: http.RequestListener = (req, res) => {
    if (req.socket.localAddress === gone) return
    if (req.url !== '/warm') return void res.end()
    waiting.push(res)
    if (waiting.length === 2 * CONNECTIONS) for (const each of waiting) each.end()
  }
  const { egressUrl, backend, alb } = await stage(t, { handler, count: 2, env: { BACKEND_TIMEOUT: '2s' } })
  await Promise.all(Array.from({ length: 2 * CONNECTIONS }, () => fetch(`${egressUrl}/warm`)))
  // of either machine several; on a busy one there may be more
  await eventually(() => alb.listed.every(each => Number(backend.agent.state()[each]?.idle) > 2))
  gone = alb.listed[0] ?? ''
  const statuses: number[] = []
  for (let i = 0; i < 4 * CONNECTIONS; i++) statuses.push((await fetch(`${egressUrl}/`)).status)
  // each of three and more would wait; on a busy machine the other one seems to be gone, too, and a second request tries
  assert.ok(statuses.filter(each => each === 504).length <= 2, statuses.join())
  assert.ok(
    statuses.every(each => each === 200 || each === 504),
    statuses.join(),
  )
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
