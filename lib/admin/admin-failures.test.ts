import assert from 'node:assert/strict'
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { test } from 'node:test'
import { toAdmin } from '../../test/admin.ts'
import { ask } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

const HTML = ['Accept: text/html']
const fail = () => {
  throw new Error('broken')
}

for (const path of ['/state', '/metrics', '/events']) {
  test(`where ${path} fails it is 500, a line in the log, and right again afterwards`, async t => {
    const { adminPort, backend, log } = await stage(t)
    const broken = t.mock.method(backend.agent, 'state', fail)
    const answer = await ask(adminPort, toAdmin(`GET ${path}`))
    assert.deepEqual([answer.status, answer.body], [500, ''])
    const lines = log.filter(({ level }) => level === 50)
    assert.deepEqual(
      lines.map(each => [each.path, each.cause]),
      [[path, 'broken']],
    )
    broken.mock.restore()
    assert.equal((await ask(adminPort, toAdmin(`GET ${path}`), true)).status, 200)
  })
}

test('where the files of the page cannot be read, they are read again, and no query is in the log', async t => {
  const { adminPort, log } = await stage(t)
  const broken = t.mock.method(fs, 'readFile', fail)
  t.after(syncBuiltinESMExports)
  syncBuiltinESMExports()
  assert.equal((await ask(adminPort, toAdmin('GET /', HTML))).status, 500)
  assert.equal((await ask(adminPort, toAdmin('GET /x?t=himitsu', HTML))).status, 500)
  const lines = log.filter(({ level }) => level === 50)
  assert.deepEqual(
    lines.map(each => [each.path, each.cause]),
    [
      ['/', 'broken'],
      ['/x', 'broken'],
    ],
  )
  broken.mock.restore()
  syncBuiltinESMExports()
  assert.equal((await ask(adminPort, toAdmin('GET /', HTML))).status, 200)
})
