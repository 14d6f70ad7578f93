import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nameInUrl, selfOf } from './self.ts'

for (const [host, hostname, name] of [
  ['0.0.0.0', 'localhost', 'localhost:4000'],
  ['::', 'localhost', 'localhost:4000'],
  ['0:0:0:0:0:0:0:0', 'localhost', 'localhost:4000'],
  ['127.0.0.1', 'localhost', 'localhost:4000'],
  ['::1', 'localhost', 'localhost:4000'],
  ['localhost', 'localhost', 'localhost:4000'],
  ['127.0.0.2', 'localhost', 'localhost:4000'],
  ['10.0.0.5', '10.0.0.5', '10.0.0.5:4000'],
  ['fd00::5', 'fd00::5', '[fd00::5]:4000'],
  ['app.internal', 'app.internal', 'app.internal:4000'],
] as const) {
  test(`of a front on ${host}, pages see ${hostname} in request.url, and its own name there is ${name}`, () => {
    assert.deepEqual(selfOf(host, 4000), { hostname, port: 4000 })
    assert.equal(nameInUrl({ hostname, port: 4000 }), name)
  })
}
