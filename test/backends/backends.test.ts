import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compare } from './compare.ts'
import { CONNECT_TIMEOUT_MS } from './measure.ts'
import { SERVERS } from './servers.ts'
import { missing, start } from './start.ts'

const SIZE = { read: 12, slow: 4, drop: 6, mixed: 12, roundTripMs: 5 }

for (const server of SERVERS.filter(each => each.short)) {
  const lacks = missing(server)
  const skip = lacks.length > 0 && `${lacks.join(', ')} is not installed`
  test(`no request runs twice before ${server.name}, the very first included`, { skip }, async t => {
    const running = await start(server, 1.5 * CONNECT_TIMEOUT_MS)
    t.after(() => running.stop())
    for (const { handler, addresses, on, off } of await compare(running, [2], SIZE)) {
      const words = `${handler}, ${addresses} addresses, ${on.says}`
      assert.deepEqual([on.executedTwice, off.executedTwice], [0, 0], words)
      assert.equal(on.undone, 0, `${words}: failed, and not executed`)
      if (handler === 'read' || handler === 'slow') assert.equal(on.failed, 0, words)
    }
  })
}
