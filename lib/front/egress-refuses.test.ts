import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, file, header, recorder, request, wire } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

const backend = recorder()
const { egressUrl } = await stage(file, { handler: backend.handler })
const port = Number(new URL(egressUrl).port)

for (const host of [
  'evil.example',
  `evil.example:${port}`,
  '127.0.0.1.evil.example',
  'localhost.',
  '10.0.0.1',
]) {
  test(`a Host of ${host} gets 404, and the backend sees nothing`, async () => {
    const before = backend.seen.length
    const { status, body } = await ask(port, request('GET /user/me', [`Host: ${host}`]))
    assert.equal(status, 404)
    assert.equal(JSON.parse(body).error.code, 'NOT_FOUND')
    assert.equal(backend.seen.length, before)
  })
}

const refused: [words: string, text: string, status: number][] = [
  [
    'the absolute form with another host',
    request('GET http://evil.example/user/me', [`Host: 127.0.0.1:${port}`]),
    404,
  ],
  [
    'the absolute form with the API’s host',
    request('GET https://api.dev.jp/user/me', ['Host: 127.0.0.1']),
    404,
  ],
  ['an address behind userinfo', request('GET http://127.0.0.1@evil.example/', ['Host: 127.0.0.1']), 400],
  ['the authority form', request('GET evil.example:443', ['Host: 127.0.0.1']), 400],
  ['two Hosts', request('GET /user/me', ['Host: 127.0.0.1', 'Host: evil.example']), 400],
  ['no Host', 'GET /user/me HTTP/1.0\r\n\r\n', 404],
  ['TRACE', request('TRACE /user/me', ['Host: 127.0.0.1']), 405],
]
for (const [words, text, expected] of refused) {
  test(`${words} gets ${expected}, and the backend sees nothing`, async () => {
    const before = backend.seen.length
    assert.equal((await ask(port, text)).status, expected)
    assert.equal(backend.seen.length, before)
  })
}

test('CONNECT gets 405 and its connection closed', async t => {
  const before = backend.seen.length
  const client = await wire(t, port)
  client.send(request('CONNECT api.dev.jp:443', ['Host: 127.0.0.1']))
  assert.equal((await client.answer()).status, 405)
  assert.equal(await client.closed(), '')
  assert.equal(backend.seen.length, before)
})

test('an upgrade is a plain request', async () => {
  await ask(port, request('GET /user/me', ['Host: 127.0.0.1', 'Connection: Upgrade', 'Upgrade: websocket']))
  assert.equal(header(backend.seen.at(-1), 'upgrade'), undefined)
  assert.doesNotMatch(header(backend.seen.at(-1), 'connection') ?? '', /upgrade/i)
})

const browsers: [words: string, line: string, headers: string[]][] = [
  ['fetches', 'GET /user/me', ['Sec-Fetch-Site: cross-site', 'Origin: https://evil.example']],
  ['posts a form', 'POST /user/logout', ['Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: navigate']],
  ['loads a script', 'GET /user/me', ['Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: no-cors']],
  ['links here', 'GET /user/me', ['Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: navigate']],
  ['comes from another port and fetches', 'GET /user/me', ['Sec-Fetch-Site: same-site']],
  ['fetches in an old browser', 'GET /user/me', ['Origin: http://localhost:8080']],
  ['fetches in a sandboxed frame', 'GET /user/me', ['Origin: null']],
  [
    'asks whether it may pretend to be forwarded',
    'OPTIONS /user/me',
    ['Origin: https://evil.example', 'Access-Control-Request-Headers: x-forwarded-for'],
  ],
]
for (const [words, line, headers] of browsers) {
  test(`a page in a browser on this machine that ${words} gets 403, and the backend sees nothing`, async () => {
    const before = backend.seen.length
    const { status, body } = await ask(port, request(line, [`Host: 127.0.0.1:${port}`, ...headers]))
    assert.deepEqual([status, JSON.parse(body).error.code], [403, 'CROSS_SITE'])
    assert.equal(backend.seen.length, before)
  })
}

test('a person may open it in a browser', async () => {
  const headers = ['Host: localhost', 'Sec-Fetch-Site: none', 'Sec-Fetch-Mode: navigate']
  assert.equal((await ask(port, request('GET /user/me', headers))).status, 200)
})

for (const by of ['X-Forwarded-For: 203.0.113.7', 'X-Forwarded-Host: www.dev.jp']) {
  test(`a page of the app may pass on all that its visitor sent (${by})`, async () => {
    const visitor = [
      'Sec-Fetch-Site: cross-site',
      'Sec-Fetch-Mode: navigate',
      'Origin: https://www.dev.jp',
      by,
    ]
    assert.equal(
      (await ask(port, request('GET /user/me', [`Host: 127.0.0.1:${port}`, ...visitor]))).status,
      200,
    )
  })
}
