import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SHORT } from './forms.ts'
import { runRow } from './row.ts'
import { ROWS } from './rows.ts'

// The short form of `npm run faults`: its most telling rows, for two seconds each.
describe('under a steady load of logins', { concurrency: 2 }, () => {
  for (const row of ROWS.filter(each => each.short)) {
    test(row.name, async t => {
      const { broken, verdict, starved } = await runRow(row, SHORT)
      // a machine that keeps the front waiting for a core lets any deadline pass
      if (verdict === 'machine too busy')
        t.skip(`waited for a core ${(starved * 100).toFixed(0)} % of the time`)
      else assert.deepEqual(broken, [])
    })
  }
})
