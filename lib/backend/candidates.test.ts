import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAddressCache } from './address-cache.ts'
import { createCandidates, type Demotion } from './candidates.ts'
import { createFailures } from './failing.ts'

test('an address that has departed is forgotten when it would no longer be tried last', t => {
  const cache = createAddressCache(() => new Promise(() => {}), 60_000)
  t.after(() => cache.close())
  let now = 0
  t.mock.method(performance, 'now', () => now)
  const demotions = new Map<string, { readonly at: number; readonly why: Demotion }>()
  const attempts = { loadOf: () => 0, hasRoom: () => true }
  const { demote, isDemoted } = createCandidates(cache, true, createFailures(1000), attempts, demotions)
  for (let i = 0; i < 100; i++, now += 1000) demote(`10.0.0.${i}`, 'closes')
  assert.deepEqual(
    [...demotions.keys()],
    [95, 96, 97, 98, 99].map(i => `10.0.0.${i}`),
  )
  assert.ok(isDemoted('10.0.0.99') && isDemoted('10.0.0.96') && !isDemoted('10.0.0.95'))
})
