import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recorder, request, untilDelivered, wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

for (const REPLAY of ['on', 'off']) {
  test(`with REPLAY=${REPLAY} a login that comes while the backend closes its idle connections is carried by none of them`, async t => {
    const { seen, handler } = recorder()
    const { alb, port } = await stage(t, { handler, count: 1, env: { REPLAY } })
    const client = await wire(t, port)
    for (let i = 1; i <= 10; i++) {
      client.send(request('POST /user/login', [], 'a=b'))
      assert.equal((await client.answer()).status, 200)
      // both are in the kernel before the front's next turn: first the login, then the close
      client.send(request('POST /user/login', [], 'a=b'))
      alb.closeIdle()
      untilDelivered()
      assert.equal((await client.answer()).status, 200)
      assert.equal(seen.length, 2 * i)
      assert.notEqual(seen.at(-1)?.port, seen.at(-2)?.port, 'it went over another connection')
    }
  })
}
