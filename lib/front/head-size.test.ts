import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headSizeAt } from './head-size.ts'

const KB = 1024
const MB = 1024 ** 2

test('heads that are not whole yet fill a quarter of a small task at most, whatever comes', () => {
  let filled = 0
  for (let open = 1; open <= 8192; open++) filled += headSizeAt(open, 64 * KB, 1024 * MB)
  assert.ok(filled <= 256 * MB, `${filled / MB} MB`)
})

test('the first connections may have heads of MAX_HEADER, those beyond their share 16 KB', () => {
  assert.equal(headSizeAt(1024, 64 * KB, 512 * MB), 64 * KB)
  assert.equal(headSizeAt(1025, 64 * KB, 512 * MB), 16 * KB)
})

test('a MAX_HEADER below 16 KB holds for all', () => {
  for (const open of [1, 100_000]) assert.equal(headSizeAt(open, 8 * KB, 512 * MB), 8 * KB)
})
