import assert from 'node:assert/strict'
import http from 'node:http'
import { Socket } from 'node:net'
import { test } from 'node:test'
import proxyAddr from 'proxy-addr'
import { sessionCookie } from '../../app/_api/session-cookie.ts'
import { admit } from '../front/admission.ts'
import { accountKeys } from '../login/limits/keys.ts'
import { contextOf, leaveContext } from '../observe/traces/propagation.ts'
import { chooseLanguage, prefersHtml } from './accept.ts'
import { hopByHop } from './headers.ts'

/** As many characters of a header as a client can send at all, and a tenth of it. */
const [SHORT, LONG] = [1_600, 16_000]
/** So much of a time is taken for the noise of the machine, in ms. */
const LEAST = 0.02

const trust = proxyAddr.compile(['loopback'])

/** A request as Node hands it over, from a trusted peer. */
function requestWith(headers: Record<string, string>) {
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: '127.0.0.1' })
  const req = new http.IncomingMessage(socket)
  const all = { host: 'front.example', ...headers }
  Object.assign(req, { httpVersion: '1.1', method: 'GET', url: '/', rawHeaders: Object.entries(all).flat() })
  req.headers = all
  return req
}

/** What is measured, made ready by what is not. */
type Ready = () => () => unknown

/**
 * The least of many times of each, in ms: whatever else the machine does only adds to one. They take turns, so that it does so to
 * both. Not CPU time: some machines count it in ticks that are longer than all of this.
 */
async function leastMs(short: Ready, long: Ready): Promise<[number, number]> {
  const least: [number, number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let i = 0; i < 60; i++) {
    const which = i % 2 === 0 ? 0 : 1
    const run = [short, long][which]?.()
    const started = performance.now()
    await run?.()
    least[which] = Math.min(least[which], performance.now() - started)
  }
  return least
}

const fill = (piece: string, length: number) => piece.repeat(Math.floor(length / piece.length))

const admitted = (headers: Record<string, string>) => {
  const req = requestWith(headers)
  return () => {
    try {
      admit(req, { trust })
    } catch {}
    leaveContext(contextOf(req), req)
  }
}
const counted = (headers: Record<string, string>, body = '{}') => {
  const kept = Buffer.from(body)
  return () => accountKeys({ url: '/', headers }, { kept }).catch(() => {})
}
const bodyOf = (type: string, body: string) => counted({ 'content-type': type }, body)
const cookie = (value: string) => () => sessionCookie(value)
const accept = (value: string) => () => prefersHtml(value)
const language = (value: string) => () => chooseLanguage(value)
const several = (length: number) =>
  Object.fromEntries(Array.from({ length: Math.floor(length / 12) }, (_, i) => [`x-name-${i}`, 'a']))

const rows: [words: string, ready: (length: number) => () => unknown][] = [
  ['X-Forwarded-For, all of it trusted', n => admitted({ 'x-forwarded-for': fill('::1,', n) })],
  ['X-Forwarded-For, empty entries', n => admitted({ 'x-forwarded-for': fill(', ', n) })],
  ['X-Forwarded-For, colons', n => admitted({ 'x-forwarded-for': fill(':', n) })],
  ['X-Forwarded-For, brackets', n => admitted({ 'x-forwarded-for': `${fill('[', n)}]` })],
  ['X-Forwarded-Proto', n => admitted({ 'x-forwarded-proto': fill('http,', n) })],
  ['X-Forwarded-Host', n => admitted({ 'x-forwarded-host': fill('a.', n) })],
  ['Host', n => admitted({ host: fill('a:1', n) })],
  ['Connection', n => admitted({ connection: fill('a,', n) })],
  [
    'Connection and as many headers',
    n => admitted({ connection: Object.keys(several(n)).join(), ...several(n) }),
  ],
  ['Connection, blanks', n => admitted({ connection: `close${fill(' ', n)}x` })],
  ['X-Request-Id', n => admitted({ 'x-request-id': fill('a', n) })],
  ['traceparent', n => admitted({ traceparent: `00-${fill('0', n)}` })],
  ['tracestate', n => admitted({ traceparent: PARENT, tracestate: fill('a=b,', n) })],
  ['Cookie', n => cookie(fill('a=b; ', n))],
  ['Cookie, blanks', n => cookie(fill(' ;', n))],
  ['Content-Type of JSON', n => counted({ 'content-type': `application/json;${fill('charset', n)}` })],
  [
    'Content-Type of a form',
    n => counted({ 'content-type': `multipart/form-data; ${fill('boundary="a";', n)}` }),
  ],
  ['of a name in XML', n => bodyOf('text/xml', `<${fill('a', n)}`)],
  ['of a prefix in XML', n => bodyOf('text/xml', `<${fill('a:', n)}`)],
  ['of attributes in XML', n => bodyOf('text/xml', `<a${fill(' b="c"', n)}`)],
  ['of blanks in XML', n => bodyOf('text/xml', `<a${fill(' ', n)}x`)],
  ['of a form', n => bodyOf(FORM, fill('email=a&', n))],
  ['of a name in a form', n => bodyOf(FORM, `${fill('a[', n)}=v`)],
  ['of multipart', n => bodyOf('multipart/form-data; boundary=b', `--b\r\n${fill('a: b\r\n', n)}`)],
  ['Accept, quotes', n => accept(fill('"', n))],
  ['Accept, escapes in quotes', n => accept(fill('"\\', n))],
  ['Accept, ranges', n => accept(fill('text/html,', n))],
  ['Accept, commas', n => accept(fill(',', n))],
  ['Accept, parameters', n => accept(`text/html${fill(';q=x', n)}`)],
  ['Accept-Language, wildcards', n => language(`${fill('*,', n)}en;q=0,ja;q=0`)],
  ['Accept-Language, subtags', n => language(`ja${fill('-x', n)}`)],
  ['Accept-Language, blanks', n => language(`ja;${fill(' ', n)}q=1${fill(' ', n)}x`)],
  ['Authorization', n => counted({ authorization: `Basic ${fill(' ', n)}%` })],
]
const FORM = 'application/x-www-form-urlencoded'
const PARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

for (const [words, ready] of rows) {
  test(`ten times as much ${words} takes no more than some ten times as long`, async () => {
    const [short, long] = await leastMs(
      () => ready(SHORT),
      () => ready(LONG),
    )
    assert.ok(long < 40 * Math.max(short, LEAST), `${short} and ${long} ms`)
  })
}

/** 5,000 names, and as many headers as Node takes in. */
const names = fill('a,', 10_000)
const bulk = Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`x-name-${i}`, 'a']))

const many = fill('::1,', 15_200)
const entries = fill('http,', 15_000)
type Headers = Record<string, string>
const dear: [words: string, headers: Headers, other: Headers][] = [
  // 32 of them are looked at: 0.3 ms, and all would take 30
  [
    'X-Forwarded-For of 3,800 trusted addresses',
    { 'x-forwarded-for': many },
    { 'x-forwarded-for': fill('::1,', 4 * 32), 'x-other': many },
  ],
  ['X-Forwarded-Proto of 3,000 entries', { 'x-forwarded-proto': entries }, { 'x-other': entries }],
  ['Connection with 5,000 names', { ...bulk, connection: names }, { ...bulk, 'x-other': names }],
]
for (const [words, headers, other] of dear) {
  test(`${words} costs little more than the same text under another name`, async () => {
    const [plain, long] = await leastMs(
      () => admitted({ ...other }),
      () => admitted({ ...headers }),
    )
    assert.ok(long < 3 * plain + 20 * LEAST, `${plain} and ${long} ms`)
  })
}

test('an answer whose Connection has 5,000 names is passed on in linear time', async () => {
  const staying = (count: number) => () => {
    const connection = Array.from({ length: count }, (_, i) => `n${i}`).join()
    return () => {
      const stays = hopByHop(connection)
      for (let i = 0; i < count; i++) stays(`x-name-${i}`)
    }
  }
  const [few, many] = await leastMs(staying(500), staying(5_000))
  assert.ok(many < 40 * Math.max(few, LEAST), `${few} and ${many} ms`)
})
