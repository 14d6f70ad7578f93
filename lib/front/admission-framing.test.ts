import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, file, header, recorder, request } from '../../test/raw.ts'
import { isRefused } from '../../test/refused.ts'
import { stage } from '../../test/stage.ts'

const backend = recorder()
const { port } = await stage(file, { handler: backend.handler })

const refused = (text: string, expected?: number) => isRefused(port, backend, text, expected)

const post = (...headers: string[]) => request('POST /user/login', headers)

// what test/abuse/rows.ts has is not here
const odd = [
  ' ',
  'front.example other.example',
  'front.example:80:80',
  'front.example:x',
  'front\xe9.example',
  '"front.example"',
  '[::1',
  'front.example#',
]
for (const host of odd) {
  test(`a Host of ${JSON.stringify(host)} is refused`, () => refused(post(`Host: ${host}`)))
}

for (const host of [
  'front.example.',
  'FRONT.example:8080',
  '127.0.0.1',
  '[::1]:80',
  'a_b.example',
  'front.example:',
]) {
  test(`a Host of ${host} is taken`, async () => {
    const { status } = await ask(port, post(`Host: ${host}`))
    assert.equal(status, 200)
    assert.equal(header(backend.seen.at(-1), 'x-forwarded-host'), host)
  })
}

test('two equal Hosts are refused', () => refused(post('Host: front.example', 'host: front.example')))

test('two Hosts are refused with an absolute target as well', () =>
  refused(request('GET http://front.example/user/login', ['Host: front.example', 'Host: front.example'])))

const chunks = '3\r\nabc\r\n0\r\n\r\n'
const framings: [words: string, text: string][] = [
  ['Transfer-Encoding: chunked, chunked', post('Transfer-Encoding: chunked, chunked') + chunks],
  ['two Transfer-Encodings', post('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked') + chunks],
  ['Transfer-Encoding: identity', post('Transfer-Encoding: identity')],
  ['Transfer-Encoding: "chunked"', post('Transfer-Encoding: "chunked"') + chunks],
  ['Content-Length: 0x3', `${post('Content-Length: 0x3')}abc`],
  ['Content-Length: -3', `${post('Content-Length: -3')}abc`],
  ['a header without a colon', post('X-A')],
  ['a control character in a value', post('X-A: a\x01b')],
]
for (const [words, text] of framings) test(`${words} is refused`, () => refused(text))

test('Chunked in any case is taken', async () => {
  const { status } = await ask(port, post('Transfer-Encoding: CHUNKED') + chunks)
  assert.equal(status, 200)
  assert.equal(backend.seen.at(-1)?.body, 'abc')
})

const untakable = [
  'host',
  'Content-Length',
  'content-type',
  'transfer-encoding',
  'authorization',
  'x-request-id',
  'x-forwarded-for',
  'X-Forwarded-Proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-real-ip',
]
for (const name of untakable) {
  test(`Connection that names ${name} is refused`, () => refused(post(`Connection: keep-alive, ${name}`)))
}

// Node before 26 drops those past the thousandth without a word, Transfer-Encoding with them
test('a Transfer-Encoding behind a thousand other headers is refused', () => {
  const others = Array.from({ length: 1100 }, () => 'a:')
  return refused(post(...others, 'Transfer-Encoding: chunked') + chunks, 431)
})
