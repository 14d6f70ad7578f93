import { request } from '../raw.ts'

/** Something that a client should not send, or that servers disagree on, and what becomes of it. */
export type Row = {
  readonly what: string
  readonly send: string
  /** Sends FIN behind it. */
  readonly halfClose?: true
  /** the statuses that the client gets, and whether its connection is closed then; or else it can be used again */
  readonly client: string
  /** the requests that the backend sees */
  readonly backend: string
}

/** MAX_BODY in these tests, in bytes. */
export const MAX_BODY = 1024

const REFUSED = { client: '400, closed', backend: 'nothing' }
/** Which redirects to the path without repeated slashes and backslashes; here every page is 200. */
const LEFT_TO_NEXT = { client: '200', backend: 'nothing' }
const TAKEN = { client: '200', backend: 'POST /user/login' }

const post = (...headers: string[]) => request('POST /user/login', headers)
const ABC = 'Content-Length: 3'
const CHUNKED = 'Transfer-Encoding: chunked'
const chunks = '3\r\nabc\r\n0\r\n\r\n'

const FRAMING: Row[] = [
  { what: 'Content-Length and Transfer-Encoding', send: post(ABC, CHUNKED) + chunks, ...REFUSED },
  { what: 'two Content-Lengths that differ', send: `${post(ABC, 'Content-Length: 4')}abcd`, ...REFUSED },
  { what: 'two equal Content-Lengths', send: `${post(ABC, ABC)}abc`, ...REFUSED },
  { what: '`Content-Length: 3, 3`', send: `${post('Content-Length: 3, 3')}abc`, ...REFUSED },
  { what: '`Content-Length: +3`', send: `${post('Content-Length: +3')}abc`, ...REFUSED },
  {
    what: 'a Content-Length beyond 2^53, to a page',
    send: request('POST /', ['Content-Length: 9007199254740993']),
    ...REFUSED,
  },
  {
    what: '`Transfer-Encoding: gzip, chunked`',
    send: post('Transfer-Encoding: gzip, chunked') + chunks,
    ...REFUSED,
  },
  { what: 'an empty Transfer-Encoding', send: post('Transfer-Encoding: ') + chunks, ...REFUSED },
  { what: 'an unknown Transfer-Encoding', send: post('Transfer-Encoding: xchunked') + chunks, ...REFUSED },
  {
    what: 'Transfer-Encoding in HTTP/1.0',
    send: post(CHUNKED).replace('HTTP/1.1', 'HTTP/1.0') + chunks,
    ...REFUSED,
  },
  { what: 'a malformed chunk', send: `${post(CHUNKED)}zz\r\nabc\r\n0\r\n\r\n`, ...REFUSED },
  { what: 'an extension of a chunk', send: `${post(CHUNKED)}3;a=b\r\nabc\r\n0\r\n\r\n`, ...TAKEN },
  {
    what: 'an extension of a chunk, of 17 KiB',
    send: `${post(CHUNKED)}3;${'a'.repeat(17_000)}\r\nabc\r\n0\r\n\r\n`,
    client: '413, closed',
    backend: 'nothing',
  },
  { what: '`Trailer: x` and a trailer', send: `${post(CHUNKED, 'Trailer: x')}0\r\nx: y\r\n\r\n`, ...TAKEN },
  {
    what: 'a body over MAX_BODY, announced',
    send: post(`Content-Length: ${MAX_BODY + 1}`) + 'a'.repeat(MAX_BODY + 1),
    client: '413',
    backend: 'nothing',
  },
  {
    what: 'a body over MAX_BODY, in chunks',
    send: `${post(CHUNKED)}${(MAX_BODY + 1).toString(16)}\r\n${'a'.repeat(MAX_BODY + 1)}\r\n0\r\n\r\n`,
    client: '413',
    backend: 'nothing',
  },
]

const HEADERS: Row[] = [
  { what: 'a line that continues a header (obs-fold)', send: post('X-A: b', ' c'), ...REFUSED },
  { what: 'a bare LF in the head', send: post('X-A: b\nX-B: c'), ...REFUSED },
  { what: 'a bare CR in the head', send: post('X-A: b\rX-B: c'), ...REFUSED },
  { what: 'NUL in a header', send: post('X-A: a\0b'), ...REFUSED },
  { what: 'a space before the colon', send: post('X-A : b'), ...REFUSED },
  {
    what: 'a head of 65 KiB',
    send: post(`X-A: ${'a'.repeat(66_000)}`),
    client: '431, closed',
    backend: 'nothing',
  },
  { what: 'no Host', send: 'POST /user/login HTTP/1.1\r\n\r\n', ...REFUSED },
  { what: 'two Hosts', send: post('Host: front.example', 'Host: other.example'), ...REFUSED },
  { what: 'an empty Host', send: post('Host: '), ...REFUSED },
  {
    what: '`Host: front.example, other.example`',
    send: post('Host: front.example, other.example'),
    ...REFUSED,
  },
  { what: '`Host: user@front.example`', send: post('Host: user@front.example'), ...REFUSED },
  { what: '`Host: front.example/path`', send: post('Host: front.example/path'), ...REFUSED },
  { what: '`Connection: cookie`', send: post('Connection: cookie', 'Cookie: a=b'), ...REFUSED },
  { what: '`Connection: x-a`, and X-A (stays behind)', send: post('Connection: x-a', 'X-A: b'), ...TAKEN },
  {
    what: '`TE`, `Keep-Alive`, `Proxy-Connection` (stay behind)',
    send: post('TE: trailers', 'Keep-Alive: timeout=1', 'Proxy-Connection: keep-alive'),
    ...TAKEN,
  },
  {
    what: '`Proxy`, `Forwarded`, `X_A` (stay behind)',
    send: post('Proxy: http://evil.example', 'Forwarded: for=1.2.3.4', 'X_A: b'),
    ...TAKEN,
  },
  {
    what: '`Expect: 100-continue`',
    send: `${post('Expect: 100-continue', ABC)}abc`,
    client: '100, 200',
    backend: 'POST /user/login',
  },
  {
    what: 'a POST from a page of another site',
    send: post('Sec-Fetch-Site: cross-site', 'Origin: https://evil.example'),
    client: '403',
    backend: 'nothing',
  },
]

const get = (target: string) => request(`GET ${target}`)

const TARGETS: Row[] = [
  { what: '`/user/loginX`', send: get('/user/loginX'), client: '200', backend: 'nothing' },
  { what: '`/user/login/../admin`', send: get('/user/login/../admin'), ...REFUSED },
  { what: '`/user/login/%2e%2e/admin`', send: get('/user/login/%2e%2e/admin'), ...REFUSED },
  { what: '`/user/login/..%2fadmin`', send: get('/user/login/..%2fadmin'), ...REFUSED },
  { what: '`/user/login\\..\\admin`', send: get('/user/login\\..\\admin'), ...REFUSED },
  { what: '`/user/login/%5c..%5cadmin`', send: get('/user/login/%5c..%5cadmin'), ...REFUSED },
  { what: '`/user/login/..;/admin`', send: get('/user/login/..;/admin'), ...REFUSED },
  {
    what: '`/user/login//admin`',
    send: get('/user/login//admin'),
    client: '200',
    backend: 'GET /user/login/admin',
  },
  { what: '`/user/login/%00`', send: get('/user/login/%00'), ...REFUSED },
  { what: '`//evil.example/user/login`', send: get('//evil.example/user/login'), ...LEFT_TO_NEXT },
  { what: 'a byte above 0x7f in the target', send: get('/user/login/\xe5'), ...REFUSED },
  { what: 'a fragment', send: get('/user/login#a'), ...REFUSED },
  {
    what: 'the absolute form, `http://front.example/user/login`',
    send: get('http://front.example/user/login'),
    client: '200',
    backend: 'GET /user/login',
  },
  {
    what: 'the absolute form with userinfo',
    send: get('http://user@front.example/user/login'),
    ...REFUSED,
  },
  { what: 'the authority form, `front.example:80`', send: get('front.example:80'), ...REFUSED },
  { what: '`GET *`', send: get('*'), ...REFUSED },
  { what: '`OPTIONS *`', send: request('OPTIONS *'), client: '204', backend: 'nothing' },
]

const upgrade = (to: string, ...more: string[]) =>
  request('GET /user/login', [`Upgrade: ${to}`, 'Connection: Upgrade', ...more])

const METHODS: Row[] = [
  { what: 'TRACE', send: request('TRACE /user/login'), client: '405', backend: 'nothing' },
  { what: 'CONNECT', send: request('CONNECT api.dev.jp:443'), client: '405, closed', backend: 'nothing' },
  {
    what: 'SOURCE and `ICE/1.0` (Icecast)',
    send: get('/user/login').replace('GET', 'SOURCE').replace('HTTP/1.1', 'ICE/1.0'),
    client: '405, closed',
    backend: 'nothing',
  },
  { what: 'an unknown method', send: request('LOGIN /user/login'), ...REFUSED },
  {
    what: 'an upgrade to WebSocket on a login path',
    send: upgrade('websocket', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13'),
    client: '200, closed',
    backend: 'GET /user/login',
  },
  {
    what: 'an upgrade to h2c',
    send: upgrade('h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'),
    client: '200, closed',
    backend: 'GET /user/login',
  },
  { what: 'HTTP/2 with prior knowledge', send: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', ...REFUSED },
  {
    what: 'HTTP/1.0',
    send: get('/user/login').replace('HTTP/1.1', 'HTTP/1.0'),
    client: '200, closed',
    backend: 'GET /user/login',
  },
  { what: 'HTTP/0.9', send: 'GET /user/login\r\n\r\n', ...REFUSED },
  { what: 'a TLS hello', send: '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', ...REFUSED },
  {
    what: 'two requests at once (pipelining)',
    send: get('/user/login/1') + get('/user/login/2'),
    client: '200, 200',
    backend: 'GET /user/login/1, GET /user/login/2',
  },
  {
    what: 'a request, and behind it what is none',
    send: `${get('/user/login')}garbage\r\n\r\n`,
    client: '200, 400, closed',
    backend: 'GET /user/login',
  },
  {
    what: 'a request, and behind it CONNECT',
    send: get('/user/login') + request('CONNECT api.dev.jp:443'),
    client: '200, 405, closed',
    backend: 'GET /user/login',
  },
  {
    what: 'a request and then FIN (half-close)',
    send: `${post(ABC)}abc`,
    halfClose: true,
    client: '200, closed',
    backend: 'POST /user/login',
  },
]

export const GROUPS: readonly { readonly title: string; readonly rows: readonly Row[] }[] = [
  { title: 'Where the request ends', rows: FRAMING },
  { title: 'Headers', rows: HEADERS },
  { title: 'Targets', rows: TARGETS },
  { title: 'Methods, versions, connections', rows: METHODS },
]
