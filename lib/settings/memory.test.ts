import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fittingBodies, fittingMemory, fittingRequests, heapOf } from './memory.ts'

const MB = 1024 ** 2

for (const [memory, workers, each] of [
  [512, 1, 256],
  [1024, 1, 512],
  [1024, 2, 256],
  [2048, 2, 512],
  [2048, 3, 341],
  [4096, 1, 2048],
] as const) {
  test(`with ${memory} MB, each of ${workers} page workers may hold ${each} MB`, () => {
    assert.equal(fittingMemory(workers, memory * MB), each * MB)
  })
}

test('a page worker may hold 128 MB however small the memory is, and 4 GB however large', () => {
  assert.equal(fittingMemory(1, 200 * MB), 128 * MB)
  assert.equal(fittingMemory(1, 64_000 * MB), 4096 * MB)
})

test('without page workers there is a figure all the same', () => {
  assert.equal(fittingMemory(0, 512 * MB), 256 * MB)
})

for (const [memory, requests, bodies] of [
  [128, 256, 8],
  [512, 409, 32],
  [1024, 819, 64],
  [2048, 1638, 128],
  [64_000, 8192, 512],
] as const) {
  test(`with ${memory} MB, ${requests} requests may be under way to the backend, and ${bodies} MB of bodies be held`, () => {
    assert.equal(fittingRequests(memory * MB), requests)
    assert.equal(fittingBodies(memory * MB), bodies * MB)
  })
}

test('the heap that options of Node name is read as Node reads it', () => {
  assert.equal(heapOf('--max_old_space_size=300 --no-warnings'), 300 * MB)
  assert.equal(heapOf('--max-old-space-size-percentage 50', 1024 * MB), 512 * MB)
  assert.equal(heapOf('--no-warnings'), undefined)
})
