import assert from 'node:assert/strict'
import { test } from 'node:test'
import { urlBlock } from './urls.ts'

const shown = (host: string, adminHost: string) =>
  urlBlock({ host, port: 4000, adminHost, adminPort: 4001, ms: 1, account: undefined }).match(/http:\S+/g)

for (const [host, app, status] of [
  ['0.0.0.0', 'http://localhost:4000/', 'http://127.0.0.1:4001/'],
  ['::', 'http://localhost:4000/', 'http://127.0.0.1:4001/'],
  ['127.0.0.1', 'http://localhost:4000/', 'http://127.0.0.1:4001/'],
  ['10.0.3.17', 'http://10.0.3.17:4000/', 'http://10.0.3.17:4001/'],
  ['fd00::17', 'http://[fd00::17]:4000/', 'http://[fd00::17]:4001/'],
  ['dev.local', 'http://dev.local:4000/', 'http://dev.local:4001/'],
] as const) {
  test(`the URLs of listeners on ${host} lead there`, () => {
    assert.deepEqual(shown(host, host), [app, status])
  })
}
