import assert from 'node:assert/strict'
import type http from 'node:http'
import { type TestContext, test } from 'node:test'
import { ask, request } from '../../../test/raw.ts'
import { type Stage, stage } from '../../../test/stage.ts'
import { mayLogIn } from './may-log-in.ts'

/** A front of two failures an account before an API that answers every request 401, with this challenge. */
const refusing = (t: TestContext, challenge?: string, env = { LOGIN_LIMIT_ACCOUNT: '2/1m' }) => {
  const handler: http.RequestListener = (req, res) => {
    req.resume().on('end', () => {
      res.writeHead(401, challenge === undefined ? {} : { 'WWW-Authenticate': challenge }).end()
    })
  }
  return stage(t, { handler, env })
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

for (const [query, isGuess] of [
  ['mail=a&%u0070assword=p', true],
  ['mail=a;pass=p', true],
  ['x=a;b&pass=p', true],
  ['password=', true],
  ['mb_id=a&mb_pw=p', true],
  ['id=a&pin_code=1234', true],
  ['next=%2Fpassword', false],
] as const)
  test(`a GET with the query ${query} ${isGuess ? 'may be' : 'is no'} login`, () => {
    const url = `/user/login?${query}`
    assert.equal(mayLogIn({ method: 'GET', url, headers: {} }), isGuess)
  })

for (const [what, query] of [
  ['1,001 fields', 'a&'.repeat(1001)],
  ['4,000 names', `a${'[b]'.repeat(40)}&`.repeat(100)],
  ['a field 64 deep', `a${'[b]'.repeat(64)}`],
] as const)
  test(`in a query with ${what} nobody looks for a password: it may be a login`, () => {
    assert.ok(mayLogIn({ method: 'GET', url: `/user/login?${query}`, headers: {} }))
  })

test('a guess counts by GET as well, and what carries no password does not', async t => {
  const both = { LOGIN_LIMIT: '5/1m', LOGIN_LIMIT_ACCOUNT: '2/1m' }
  const { port } = await refusing(t, undefined, both)
  const statuses = async (requests: readonly string[]) => {
    const found: number[] = []
    for (const each of requests) found.push((await ask(port, each, each.startsWith('HEAD'))).status)
    return found
  }
  const page = request('GET /user/login?next=%2Fpasswords&name=taro')
  assert.deepEqual(await statuses(Array(6).fill(page)), Array(6).fill(401))
  const body = request(
    'GET /user/login',
    ['Content-Type: application/json'],
    '{"email":"taro","password":"p"}',
  )
  assert.deepEqual(await statuses([body, body, body]), [401, 401, 429])
  const others = [
    request('GET /user/login?user[mail]=jiro&user[passwd]=p'),
    request('HEAD /user/login?mail=hana;pass=p'),
    request('GET /user/login', [`Authorization: Basic ${btoa('ume:p')}`]),
    request('GET /user/login', [`Authorization: Basic ${btoa('saburo:p')}`]),
  ]
  assert.deepEqual(await statuses(others), [401, 401, 401, 429])
  assert.deepEqual(await statuses([page]), [401])
})
