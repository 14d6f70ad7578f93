import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fittingMemory, fittingWorkers } from './page-memory.ts'

const MB = 1024 ** 2

for (const [memory, workers, each] of [
  [512, 1, 256],
  [1024, 1, 512],
  [1024, 2, 256],
  [2048, 2, 512],
  [2048, 3, 341],
] as const) {
  test(`with ${memory} MB, each of ${workers} page workers may hold ${each} MB`, () => {
    assert.equal(fittingMemory(workers, memory * MB), each * MB)
  })
}

test('a page worker may hold 128 MB however small the memory is, and 512 MB however large', () => {
  assert.equal(fittingMemory(1, 200 * MB), 128 * MB)
  assert.equal(fittingMemory(1, 64_000 * MB), 512 * MB)
})

test('without page workers there is a figure all the same', () => {
  assert.equal(fittingMemory(0, 512 * MB), 256 * MB)
})

for (const [memory, cores, workers] of [
  [256, 2, 1],
  [512, 2, 1],
  [1024, 2, 2],
  [1024, 4, 2],
  [8192, 4, 4],
] as const) {
  test(`with ${memory} MB and ${cores} cores there are ${workers} page workers`, () => {
    assert.equal(fittingWorkers(memory * MB, cores), workers)
  })
}
