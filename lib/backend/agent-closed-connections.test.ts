import assert from 'node:assert/strict'
import { test } from 'node:test'
import { request, wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

for (const REPLAY of ['on', 'off']) {
  test(`with REPLAY=${REPLAY} a login that comes while the backend closes its idle connections is carried by none of them`, async t => {
    const { alb, port } = await stage(t, { count: 1, env: { REPLAY } })
    const [address] = alb.listed
    const node = alb.nodes.get(address ?? '')
    const client = await wire(t, port)
    for (let i = 1; i <= 10; i++) {
      client.send(request('POST /user/login', [], 'a=b'))
      assert.equal((await client.answer()).status, 200)
      assert.equal(node?.accepted, i, 'it went over the one connection that there is')

      // both are in the kernel before the front's next turn: first the login, then the close
      client.send(request('POST /user/login', [], 'a=b'))
      alb.closeIdle()
      assert.equal((await client.answer()).status, 200)
      assert.equal(node?.accepted, i + 1, 'it went over a new connection')
    }
  })
}
