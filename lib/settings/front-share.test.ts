import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fittingBodies, fittingRequests } from './front-share.ts'

const MB = 1024 ** 2

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
