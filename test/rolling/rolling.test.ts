import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rehearse, whyNot } from './rolling.ts'

test('no login fails while two fronts behind a load balancer are replaced one after the other', {
  skip: whyNot() ?? false,
}, async () => {
  const load = await rehearse(2)
  assert.deepEqual(load.failed, {})
  assert.ok(load.ok > 500, `${load.ok} logins`)
})
