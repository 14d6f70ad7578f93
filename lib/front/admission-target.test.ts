import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, file, header, recorder, request, wire } from '../../test/raw.ts'
import { isRefused } from '../../test/refused.ts'
import { stage } from '../../test/stage.ts'
import { ALLOW } from '../http/methods.ts'

const backend = recorder()
const { port } = await stage(file, { handler: backend.handler })
const last = () => backend.seen.at(-1)

test('an absolute target goes by its path', async () => {
  await ask(port, request('GET http://front.example/user/login?a=1'))
  assert.equal(last()?.line, 'GET /user/login?a=1 HTTP/1.1')
})

test('the host of an absolute target goes before the one in Host', async () => {
  await ask(port, request('GET HTTPS://other.example:8443/user/login'))
  assert.equal(header(last(), 'x-forwarded-host'), 'other.example:8443')
})

test('a path of the backend in the host of an absolute target leads nowhere', async () => {
  const { body } = await ask(port, request('GET http://front.example/x?/user/login'))
  assert.equal(body, 'page')
})

test('an absolute target without a path is /', async t => {
  const pages = recorder()
  const other = await stage(t, { pages: pages.handler })
  await ask(other.port, request('GET http://front.example?a=1'))
  assert.equal(pages.seen.at(-1)?.line, 'GET /?a=1 HTTP/1.1')
})

for (const host of ['', 'a b', 'front.example:80:80', 'front.example:x', '[::1']) {
  test(`an absolute target with ${JSON.stringify(host)} for a host is refused`, () =>
    isRefused(port, backend, request(`GET http://${host}/user/login`)))
}

for (const path of ['//front.example/user/login', '/\\front.example/user/login', '/a//b', '/user\\x']) {
  test(`${path} is left to Next, which redirects to the path without it`, async t => {
    const pages = recorder()
    const other = await stage(t, { pages: pages.handler })
    for (const target of [path, `http://front.example${path}`]) {
      await ask(other.port, request(`GET ${target}`))
      assert.equal(pages.seen.at(-1)?.line, `GET ${path} HTTP/1.1`)
    }
  })
}

for (const path of ['/user/login/\\x', '/user/login\\x', '/user/login/..\\x']) {
  test(`${path} reaches the backend in no spelling`, async () => {
    const before = backend.seen.length
    await ask(port, request(`GET ${path}`))
    assert.equal(backend.seen.length, before)
  })
}

// what test/abuse/rows.ts has is not here
const refused: [words: string, line: string][] = [
  ['another scheme', 'GET ftp://front.example/user/login'],
  ['a fragment after the query', 'GET /user/login?a#b'],
  ['a byte above 0x7f in the query', 'GET /user/login?x=\xe5\xa4\xaa'],
  ['a tab', 'GET /user/login/\t'],
  ['a space', 'GET /user/login /x'],
  ['DEL', 'GET /user/login/\x7f'],
  ['a path without its slash', 'GET user/login'],
  ['no target', 'GET'],
]
for (const [words, line] of refused)
  test(`${words} is refused`, () => isRefused(port, backend, request(line)))

test('OPTIONS * is answered by the front, with the methods that are allowed', async () => {
  const answer = await ask(port, request('OPTIONS *'))
  assert.deepEqual([answer.status, header(answer, 'allow')], [204, ALLOW])
})

test('HTTP/1.0 without Host is answered, and the connection closed', async t => {
  const client = await wire(t, port)
  client.send('GET /user/login HTTP/1.0\r\n\r\n')
  const { status, body } = await client.answer()
  assert.deepEqual([status, body], [200, 'answered'])
  assert.equal(await client.closed(), '')
  assert.equal(header(last(), 'x-forwarded-host'), undefined)
})

test('HTTP/1.0 that asks for it by Proxy-Connection does not: that is none of a server’s headers', async t => {
  const client = await wire(t, port)
  client.send('GET /user/login HTTP/1.0\r\nHost: front.example\r\nProxy-Connection: keep-alive\r\n\r\n')
  assert.equal((await client.answer()).status, 200)
  assert.equal(await client.closed(), '')
})

test('HTTP/1.0 that asks for it keeps its connection', async t => {
  const client = await wire(t, port)
  const text = 'GET /user/login HTTP/1.0\r\nHost: front.example\r\nConnection: keep-alive\r\n\r\n'
  for (let i = 0; i < 2; i++) {
    client.send(text)
    assert.equal(header(await client.answer(), 'connection'), 'keep-alive')
  }
})
