import assert from 'node:assert/strict'
import type http from 'node:http'
import { type TestContext, test } from 'node:test'
import { type Stage, stage } from '../../../test/stage.ts'

/** A front of two failures an account before an API that answers every login 401, with this challenge. */
const refusing = (t: TestContext, challenge?: string) => {
  const handler: http.RequestListener = (req, res) => {
    req.resume().on('end', () => {
      res.writeHead(401, challenge === undefined ? {} : { 'WWW-Authenticate': challenge }).end()
    })
  }
  return stage(t, { handler, env: { LOGIN_LIMIT_ACCOUNT: '2/1m' } })
}

/** Statuses of logins by so many visitors, one after the other, all with the credentials `web:secret`. */
async function logInAs({ url }: Stage, names: readonly string[]): Promise<number[]> {
  const authorization = `Basic ${Buffer.from('web:secret').toString('base64')}`
  const statuses: number[] = []
  for (const username of names) {
    const body = new URLSearchParams({ grant_type: 'password', ...(username && { username }), password: 'p' })
    const answer = await fetch(`${url}/user/login`, { method: 'POST', body, headers: { authorization } })
    statuses.push(answer.status)
    await answer.arrayBuffer()
  }
  return statuses
}

const VISITORS = ['a', 'b', 'c', 'd']

for (const challenge of [undefined, 'Bearer realm="api", error="invalid_grant"'])
  test(`wrong passwords of visitors who share Basic credentials lock nobody else out: the API ${challenge ? 'asks for a token' : 'asks for nothing'}`, async t => {
    const front = await refusing(t, challenge)
    assert.deepEqual(await logInAs(front, VISITORS), [401, 401, 401, 401])
    assert.deepEqual(await logInAs(front, ['a', 'a']), [401, 429])
  })

for (const challenge of ['Basic realm="api"', 'Negotiate, Digest realm="api", nonce="x"'])
  test(`an invented name in the body hides no name in Basic credentials, which the API asks for: ${challenge}`, async t => {
    assert.deepEqual(await logInAs(await refusing(t, challenge), VISITORS), [401, 401, 429, 429])
  })

test('a name in Basic credentials alone counts whatever the API asks for', async t => {
  assert.deepEqual(await logInAs(await refusing(t), ['', '', '']), [401, 401, 429])
})
