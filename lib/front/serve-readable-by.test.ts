import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, file, header, type RawAnswer, request } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

const APP = 'https://app.dev.jp'
const env = { ALLOWED_ORIGINS: `${APP}, capacitor://localhost`, MAX_BODY: '1kb', LOGIN_LIMIT: '1/1m' }
const handler = (_req: unknown, res: { writeHead(status: number): { end(): void } }) =>
  void res.writeHead(401).end()
const { port, alb } = await stage(file, { env, handler })

/** The headers of CORS of an answer. */
const cors = (answer: RawAnswer) =>
  ['allow-origin', 'allow-credentials', 'expose-headers'].map(name =>
    header(answer, `access-control-${name}`),
  )
const READABLE = [APP, 'true', 'Retry-After, X-Request-Id']
const NOT_READABLE = [undefined, undefined, undefined]

const login = (headers: string[], body = 'a=b') => ask(port, request('POST /user/login', headers, body))

test("an allowed origin's page can read the error that the front answers with", async () => {
  const answer = await login([`Origin: ${APP}`, 'Sec-Fetch-Site: cross-site'], 'x'.repeat(2000))
  assert.equal(answer.status, 413)
  assert.deepEqual(cors(answer), READABLE)
  assert.match(header(answer, 'vary') ?? '', /\bOrigin\b/)
  assert.match(answer.body, /"code":"BODY_TOO_LARGE".*"retry":false/)
})

test('an app is told its own origin', async () => {
  const answer = await login(['Origin: capacitor://localhost'], 'x'.repeat(2000))
  assert.equal(header(answer, 'access-control-allow-origin'), 'capacitor://localhost')
})

for (const [words, headers, status] of [
  ['another origin', ['Origin: https://evil.example', 'Sec-Fetch-Site: cross-site'], 403],
  ['null', ['Origin: null'], 403],
  ['no origin', [], 413],
] as const) {
  test(`${words} cannot read it`, async () => {
    const answer = await login([...headers], 'x'.repeat(2000))
    assert.equal(answer.status, status)
    assert.deepEqual(cors(answer), NOT_READABLE)
  })
}

test('an answer of the API has the headers that the API gave it, and no others', async () => {
  const answer = await login([`Origin: ${APP}`])
  assert.equal(answer.status, 401)
  assert.deepEqual(cors(answer), NOT_READABLE)
})

test('when it may try again can be read after too many failed logins', async () => {
  const answer = await login([`Origin: ${APP}`])
  assert.equal(answer.status, 429)
  assert.deepEqual(cors(answer), READABLE)
  assert.match(header(answer, 'retry-after') ?? '', /^\d+$/)
})

test('a malformed request of an allowed origin is answered readably, too', async () => {
  const answer = await ask(port, request('POST /user/login/..%2fadmin', [`Origin: ${APP}`], 'a=b'))
  assert.equal(answer.status, 400)
  assert.deepEqual(cors(answer), READABLE)
})

test('a preflight that finds no backend is answered readably', async () => {
  for (const address of [...alb.listed]) alb.kill(address)
  const answer = await ask(port, request('OPTIONS /user/login', [`Origin: ${APP}`]))
  assert.equal(answer.status, 502)
  assert.deepEqual(cors(answer), READABLE)
})
