import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compare } from './compare.ts'
import { SERVERS } from './servers.ts'
import { missing, start } from './start.ts'

/** The short form of `npm run backends`: what never may be, without the times. */
const SIZE = { read: 8, slow: 2, drop: 2, mixed: 8, roundTripMs: 2 }

describe('no request runs twice, the very first included', { concurrency: true }, () => {
  for (const server of SERVERS.filter(each => each.short)) {
    const lacks = missing(server)
    const skip = lacks.length > 0 && `${lacks.join(', ')} is not installed`
    test(`before ${server.name}`, { skip }, async t => {
      const running = await start(server)
      t.after(() => running.stop())
      for (const { handler, on, off } of await compare(running, [2], SIZE)) {
        const words = `${handler}: ${on.says}`
        assert.deepEqual([on.executedTwice, off.executedTwice], [0, 0], words)
        assert.equal(on.undone, 0, `${words}; failed, and not executed`)
        if (handler === 'read' || handler === 'slow') assert.equal(on.failed, 0, words)
      }
    })
  }
})
