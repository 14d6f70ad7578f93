import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allReady, stand } from '../../../test/pages/stand.ts'
import { workerTimeouts } from './worker-timeouts.ts'

const SETTINGS = { PAGE_TIMEOUT: 0, STOP_TIMEOUT: 20_000 }

test('a page that stands at a breakpoint is not taken for a hanging one', async t => {
  const { silentPings, start } = workerTimeouts(SETTINGS, '--enable-source-maps --inspect-brk=0.0.0.0:9229')
  assert.ok(silentPings > workerTimeouts(SETTINGS, '--enable-source-maps').silentPings)
  const { get, pages } = await stand(t, { timeouts: { silentPings, start, ping: 20 } })
  const [pid] = await allReady({ pages })
  // of 1.5 s without a turn of its event loop
  assert.equal((await get('/busy')).body, `${pid}`)
})
