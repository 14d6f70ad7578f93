import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, eventually, request } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

test('an address that keeps refusing is a line at once, and then one that counts', async t => {
  const { alb, backend, port, log, metrics } = await stage(t, { count: 1, env: { CONNECT_TIMEOUT: '200ms' } })
  const [address = ''] = alb.listed
  await alb.fault(address, 'refuse')
  const refused = log.length
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: 20 }, () => ask(port, request('POST /user/login', [], 'abc'))))
  // an address that fails is tried on in the background
  await alb.heal(address)
  await eventually(() => backend.failing().length === 0)
  const { text } = await metrics.read()
  const total = Number(/^gatehouse_dials_total\{result="ECONNREFUSED"\} (\d+)$/m.exec(text)?.[1])
  const said = () => log.slice(refused).filter(({ msg }) => String(msg).includes('connection attempt'))
  const told = () => said().reduce((sum, { attempts = 1 }) => sum + Number(attempts), 0)
  await eventually(() => told() === total)
  const seconds = Math.ceil((performance.now() - startedAt) / 1000)
  assert.ok(said().length <= 2 * seconds && said().length < total, `${said().length} lines for ${total}`)
  assert.deepEqual(
    said().map(each => each.address),
    said().map(() => address),
  )
})
