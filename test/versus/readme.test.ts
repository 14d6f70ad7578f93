import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readmes } from './readme.ts'

test('both READMEs have the table of docs/versus.json (`npm run readme` prints it)', async () => {
  for (const [file, now, printed] of await readmes()) assert.equal(now, printed, file)
})
