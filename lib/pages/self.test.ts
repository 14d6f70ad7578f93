import assert from 'node:assert/strict'
import { test } from 'node:test'
import { originOf, selfOf } from './self.ts'

for (const [host, hostname, origin] of [
  ['0.0.0.0', 'localhost', 'http://localhost:4000'],
  ['::', 'localhost', 'http://localhost:4000'],
  ['0:0:0:0:0:0:0:0', 'localhost', 'http://localhost:4000'],
  ['127.0.0.1', 'localhost', 'http://localhost:4000'],
  ['::1', 'localhost', 'http://localhost:4000'],
  ['localhost', 'localhost', 'http://localhost:4000'],
  ['127.0.0.2', 'localhost', 'http://127.0.0.2:4000'],
  ['10.0.0.5', '10.0.0.5', 'http://10.0.0.5:4000'],
  ['fd00::5', 'fd00::5', 'http://[fd00::5]:4000'],
  ['app.internal', 'app.internal', 'http://app.internal:4000'],
] as const) {
  test(`of a front on ${host}, pages see ${hostname} in request.url, and it is reached at ${origin}`, () => {
    assert.deepEqual(selfOf(host, 4000), { hostname, port: 4000 })
    assert.equal(originOf(host, 4000), origin)
  })
}
