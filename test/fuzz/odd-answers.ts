import { type Framed, list, type Random } from './random.ts'

/** What broken, hostile and merely unusual backends put into an answer; text is latin1. */

export const VERSIONS = list(
  'HTTP/1.0¦HTTP/1.0¦HTTP/1.2¦HTTP/0.9¦HTTP/2.0¦HTTP/2¦HTTP/3¦http/1.1¦HTTP/1¦ICY¦¦ HTTP/1.1¦HTTP/1.1\t¦RTSP/1.0',
  'HTTP/11.1¦HTTPS/1.1¦HTTP/1,1¦\r\nHTTP/1.1¦\nHTTP/1.1¦HTTP/1.1 HTTP/1.1¦\xffHTTP/1.1¦\0¦\0\0\x12\x04\0\0\0\0\0¦<html>',
)

export const STATUSES = list(
  '200¦201¦202¦203¦204¦204¦205¦206¦207¦226¦299¦300¦301¦302¦303¦304¦304¦307¦308¦400¦401¦403¦404¦407¦408¦409¦411',
  '413¦421¦425¦426¦429¦431¦451¦499¦500¦501¦502¦503¦504¦505¦511¦599¦600¦700¦999¦000¦001¦099¦99¦0¦20¦2000¦2x0¦-200',
  '+200¦ 200¦¦ok¦0x0¦2 00¦200\t¦2\x000¦\xb2\xb0\xb0¦100¦101¦101¦102¦103¦199¦65536¦4294967496',
)

export const REASONS = [
  ...list(
    'OK¦¦ ¦a b c¦\t¦OK\t¦caf\xe9¦\xe6\x88\x90\xe5\x8a\x9f¦\xff¦\x80¦\x01¦\x1f¦\x7f¦a\0b¦\x0b¦a\x08b¦OK\r¦a\rb¦a\nb¦<b>¦"¦\\r\\n',
    'OK\r\nX-Odd: y¦Not Modified¦\xa0¦OK\r\r',
  ),
  ...[1000, 9000, 20_000].map(size => 'a'.repeat(size)),
]

const HEADERS: readonly (readonly string[])[] = [
  ...list(
    'Trailer: x¦Trailer: Content-Length¦Trailer:¦Trailer: X-A, X-B¦Keep-Alive: timeout=0¦Keep-Alive: timeout=1, max=1',
    'Keep-Alive: x¦TE: trailers¦Upgrade: h2c¦Proxy-Connection: close¦Proxy-Authenticate: Basic¦Expect: 100-continue',
    'Proxy-Authorization: x¦Proxy-Authentication-Info: x¦HTTP2-Settings: x¦X-Request-Id: theirs¦X-Request-Id: \xff',
    'Connection: close¦Connection: keep-alive¦Connection: Close¦Connection: close, keep-alive¦Connection: upgrade',
    'Connection:¦Connection: ,¦Connection: x-odd¦Connection: content-length¦Connection: set-cookie¦Connection: \xff',
    'Set-Cookie: a=b; HttpOnly¦Set-Cookie:¦Set-Cookie: \xe9=\xff¦Set-Cookie2: a¦Content-Type: x¦Content-Type: a\tb¦Date: x',
    'Location: /x¦Location: //evil.example¦Location: https://api.dev.jp/x¦Location: http://api.dev.jp¦Location: \\\\x',
    'Location:¦Location: http://[::1¦Location: http://\xe9/¦Location: https://api.dev.jp:99999/¦Location: https://api.dev.jp/\t/x',
    'Content-Encoding: gzip¦Content-Encoding: br¦Content-Range: bytes 0-1/2¦Retry-After: x¦Www-Authenticate: x¦Vary: *',
    'X-Odd: a¦X-Odd:a¦X-Odd:¦X-Odd:\t a \t¦X-Odd: \xff\xfe¦X_Odd: a¦: a¦:¦¦X Odd: a¦X-Odd : a¦ X-Odd: a¦\tX-Odd: a¦X-Odd',
    'X\0: a¦X\xe9: a¦(x): a¦X-Odd: a\0b¦X-Odd: a\rb¦X-Odd: a\nb¦X-Odd: a\n b¦X-Odd: a\r\n b¦X-Odd: a\r\n\tb¦X-Odd: \x01',
    'X-Odd: \x7f¦\0¦__proto__: x¦constructor: x¦toString: x¦Alt-Svc: h2=":443"¦Link: </x>; rel=preload¦Refresh: 0¦Age: -1',
    'X-Odd: a\rSet-Cookie: b=c¦X-Odd: a\nSet-Cookie: b=c¦Access-Control-Allow-Origin: *¦Content-Length : 5¦Transfer_Encoding: x',
  ).map(each => [each]),
  ['Connection: Upgrade', 'Upgrade: websocket'],
  ['Connection: x-odd, keep-alive', 'X-Odd: named'],
  ['Connection: close', 'Connection: keep-alive'],
  ...[8000, 15_000, 17_000, 80_000].map(size => [`X-Odd: ${'a'.repeat(size)}`]),
  [`${'x'.repeat(9000)}: a`],
]

/** One odd header, once or several times. */
export function header(random: Random): readonly string[] {
  const lines = random.pick(HEADERS)
  const times = random.pick([1, 1, 1, 1, 2, 3, 100, 1500])
  return Array.from({ length: lines.join().length * times > 100_000 ? 1 : times }, () => lines).flat()
}

export const INTERIM = [
  ...list(
    'HTTP/1.1 100 Continue\r\n\r\n¦HTTP/1.1 102 Processing\r\n\r\n¦HTTP/1.1 100\r\n\r\n¦HTTP/1.1 100 \x01\r\n\r\n',
    'HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n¦HTTP/1.1 199 \xff\r\nX-Odd: \xe9\r\n\r\n¦HTTP/1.0 100 x\r\n\r\n',
    'HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n¦HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\nabcde',
    'HTTP/1.1 102 x\r\nTransfer-Encoding: chunked\r\n\r\n¦HTTP/1.1 100 Continue\r\nConnection: close\r\nTrailer: x\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\n\r\n¦HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    'HTTP/1.1 100 Continue\r\n¦HTTP/1.1 100 Continue\n\n¦\r\n¦\r\n\r\n¦\n',
  ),
  'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000),
  `HTTP/1.1 103 x\r\nX-Odd: ${'a'.repeat(17_000)}\r\n\r\n`,
]

const CODINGS = list(
  'chunked¦Chunked¦ chunked ¦gzip, chunked¦identity, chunked¦, chunked¦chunked,¦chunked, chunked¦chunked, gzip¦identity',
  'gzip¦¦x¦"chunked"¦chunked;q=1¦xchunked¦chunked\x0b¦chunked\0¦\xa0chunked¦chunked\r\n x',
)
const LENGTHS = list(
  '+5¦-5¦0x5¦5, 5¦5,6¦ 5 ¦05¦5.0¦1e1¦¦five¦5;¦5 5¦99999999999999999999¦18446744073709551621¦4294967301¦\xb5¦5\0',
)
const SIZES = list(
  '0x5¦+5¦-1¦g¦¦ 5¦5 ¦05¦0000000000000000000005¦ffffffffffffffff¦10000000000000005¦5\n¦5;¦5;a=b¦5;a="\r\n"¦5;\xff¦5\0',
)
const TRAILERS = [
  ...list(
    '¦X-A: b\r\n¦X-A\r\n¦Content-Length: 3\r\n¦Set-Cookie: a=b\r\n¦X-A: \x01\r\n¦X-A: b\n¦ X-A: b\r\n¦\r',
  ),
  'X-A: b\r\n'.repeat(3000),
]

const hex = (text: string) => text.length.toString(16)
const chunks = (text: string, trailers = '') => `${hex(text)}\r\n${text}\r\n0\r\n${trailers}\r\n`

/** Right and wrong ways to frame this body. */
export function framing(random: Random, body: string): Framed {
  const length = (value: number | string) => `Content-Length: ${value}`
  const coding = (value: string) => `Transfer-Encoding: ${value}`
  return random.pick<() => Framed>([
    () => ({ headers: [length(body.length)], body }),
    () => ({ headers: [], body }),
    () => ({ headers: [coding('chunked')], body: chunks(body, random.pick(TRAILERS)) }),
    () => ({ headers: [coding(random.pick(CODINGS))], body: random.pick([chunks(body), body]) }),
    () => ({ headers: [length(body.length + random.pick([-5, -1, 1, 100, 100_000]))], body }),
    () => ({ headers: [length(0)], body }),
    () => ({ headers: [length(random.pick(LENGTHS))], body }),
    () => ({ headers: [length(body.length), length(random.pick([body.length, 1, 0, '']))], body }),
    () => ({ headers: [coding('chunked'), length(random.pick([body.length, 3, 0]))], body: chunks(body) }),
    () => ({ headers: [length(chunks(body).length), coding(random.pick(CODINGS))], body: chunks(body) }),
    () => ({ headers: [coding('chunked')], body: `${random.pick(SIZES)}\r\n${body}\r\n0\r\n\r\n` }),
    () => ({
      headers: [coding('chunked')],
      body: hex(body).concat('\r\n', body, random.pick(list('\r\n¦\r\n0¦0\r\n\r\n¦\n0\n\n'))),
    }),
    () => ({ headers: [coding('chunked'), coding('chunked')], body: chunks(body) }),
    () => ({ headers: [coding('chunked'), 'Trailer: X-A'], body: chunks(body, 'X-A: b\r\n') }),
    () => {
      const large = body + 'a'.repeat(random.pick([1000, 65_536, 300_000]))
      return random.chance(0.5)
        ? { headers: [length(large.length)], body: large }
        : { headers: [coding('chunked')], body: chunks(large) }
    },
  ])()
}
