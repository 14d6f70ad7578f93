import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCount } from './count.ts'

const MOST_KEYS = 50_000

test('of names that are made up 50,000 are counted in memory at a time: the oldest is forgotten, with its timer', async t => {
  const [begun, ended] = [
    t.mock.method(globalThis, 'setTimeout'),
    t.mock.method(globalThis, 'clearTimeout'),
  ].map(({ mock }) => mock)
  const count = await createCount('account', { failures: 1, ms: 3_600_000 }, undefined)
  const late = await count.take('0')
  for (let i = 1; i < MOST_KEYS + 5; i++) await count.take(String(i))
  assert.ok('fullForMs' in (await count.take(String(MOST_KEYS))))
  assert.ok('fullForMs' in (await count.take('5')))
  // a login that took its point before its name was forgotten returns none
  assert.ok('giveBack' in late)
  await late.giveBack()
  assert.ok('giveBack' in (await count.take('0')))
  assert.ok('fullForMs' in (await count.take('0')))
  assert.equal((begun?.callCount() ?? 0) - (ended?.callCount() ?? 0), MOST_KEYS)
})
