import { list, type Random } from './random.ts'

/** What clients, attackers and broken middle boxes put into the parts of a request; text is latin1. */

export const METHODS = [
  ...list(
    'GET¦HEAD¦OPTIONS¦PUT¦PATCH¦DELETE¦POST¦QUERY¦TRACE¦CONNECT¦PRI¦SOURCE¦get¦Post¦PROPFIND¦M-SEARCH¦PURGE',
    'LOCK¦REPORT¦BREW¦POSTX¦_¦%47ET¦"GET"¦¦ ¦\r\n¦\n¦ POST¦PO ST¦POST\t¦PO\0ST¦POST\xe9¦\xff¦HTTP/1.1',
    'GET / HTTP/1.1\r\nX: ¦\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
  ),
  'A'.repeat(300),
  'A'.repeat(20_000),
]

export const VERSIONS = list(
  'HTTP/1.0¦HTTP/1.0¦HTTP/1.1¦HTTP/1.2¦HTTP/0.9¦HTTP/2.0¦HTTP/2¦HTTP/3.0¦HTTP/1.10¦http/1.1¦HTTP/1,1¦HTTP/11',
  'HTTP/ 1.1¦HTTPS/1.1¦ICE/1.0¦RTSP/1.0¦HTTP/1.1 ¦HTTP/1.1\t¦HTTP/1.1 HTTP/1.1¦HTTP/1.\xb9¦HTTP/-1.1',
  'HTTP/1.1\0¦¦X¦HTTP/1.1\r¦ HTTP/1.1',
)

const LOGIN_TARGETS = [
  ...list(
    '¦/¦/x¦?¦?a=1¦/x?a=1&a=2¦?x=%zz¦?\\¦?<>"{}|^`¦?a?b¦?../..¦?http://x/¦X¦;x=1¦/..¦/../../admin¦/../login',
    '/%2e%2e/admin¦/%2E./admin¦/.%2e¦/.¦/./x¦/..;/admin¦/..;¦/;/..¦/%2fadmin¦%2f..¦%2fx¦/%5c..¦%5c..%5cadmin',
    '\\..\\admin¦/\\¦//x¦//¦%00¦/%00¦/a%0d%0aHost:b¦/%20HTTP/1.1¦/%252e%252e/x¦/%u002e%u002e/¦/%c0%ae¦#frag',
    "?a#b¦/\xe5¦?\xe5\xa4\xaa¦/\x7f¦/\t¦/ x¦/\0¦/\x01¦?\r¦/\n¦/[x]¦/{x}¦/a'b¦/%¦/%a¦/:x¦/@x¦/~¦/x;a=b/../..",
  ),
  `?${'a'.repeat(8000)}`,
  `/${'a/'.repeat(7000)}`,
].map(rest => `/user/login${rest}`)

const OTHER_TARGETS = [
  ...list(
    '¦ ¦*¦?¦#¦.¦..¦/..¦/../¦//¦///¦\\¦/\\¦/%¦/%ff¦/%c0%ae¦/..%2f¦user/login¦//user/login¦/user//login',
    '/user/./login¦/user/x/../login¦/USER/LOGIN¦/./user/login¦/%75ser/login¦/user%2flogin¦/user\\login',
    '/x?/user/login¦/x#/user/login¦/login/../user/login¦front.example:80¦front.example¦:80¦javascript:alert(1)',
    'ftp://x/user/login¦file:///user/login¦http:¦http:/¦http://¦http:///user/login¦http:/user/login¦http://?x',
    'http://front.example¦http://front.example/user/login¦HTTP://FRONT.example/user/login?x¦http://a?x',
    'http://a@b/user/login¦http://a:99999/user/login¦http://[::1]/user/login¦http://[::1/user/login¦http://:80/',
    'http://a b/user/login¦https://other.example/user/login¦http://a//user/login¦http://a/../user/login',
    'http://a\\user/login¦http://a#/user/login¦http://a/user/login#x¦http://\xe9/user/login¦http://a/x?/user/login',
  ),
  `/${'a'.repeat(15_000)}`,
  `/${'a'.repeat(17_000)}`,
  `/?${'a=1&'.repeat(3000)}`,
  `http://${'a'.repeat(5000)}/`,
]

const PAGE_TARGETS = list(
  '/¦/login¦/account¦/healthz¦/readyz¦/healthz?x¦/healthz/¦/icon.svg¦/favicon.ico¦/404¦/500¦/_error¦/_not-found',
  '/[..]¦/[[...x]]¦/login/¦/login//¦/login?error=x¦/account?_rsc=1¦/?_rsc=x¦/index¦/login.rsc¦/login.txt',
  '/login.segments/_tree.segment.rsc¦/__nextjs_error¦/_next¦/_next/¦/_next/static/x.js¦/_next/static/%00',
  '/_next/static/../../package.json¦/_next/static/%2e%2e/%2e%2e/BUILD_ID¦/_next/static/\\..¦/_next/image',
  '/_next/image?url=/icon.svg&w=64&q=75¦/_next/image?url=http%3A%2F%2F127.0.0.1%3A1%2F&w=64&q=75',
  '/_next/image?url=%00&w=a&q=¦/_next/image?url=%¦/_next/data/x/index.json¦/_next/data¦/_next/webpack-hmr',
  '/_next/../user/login¦/login/%2e%2e/x¦/%00¦/login/..¦/./¦/%e6%97%a5¦/\xe6\x97\xa5¦/a%0d%0ab¦/login;x¦/%5b%5d',
  '/%2e%2e%2f¦/login%00¦/login?a=%¦/login?error=%00¦/account/x¦/login.json¦/.well-known/x¦/login/$$¦/(x)/login',
)

export const target = (random: Random): string =>
  random.pick(random.pick([LOGIN_TARGETS, LOGIN_TARGETS, OTHER_TARGETS, PAGE_TARGETS]))

export const HOSTS: readonly string[] = [
  ...list(
    '¦a b¦a/b¦user@a¦a:b¦a:¦:80¦[::1]¦[::1¦::1¦\xe9¦a, b¦a\t¦*¦a?b¦a#b¦a\\b¦127.0.0.1¦localhost:99999¦-¦.',
    '%61¦a\0¦_¦A.EXAMPLE¦"a"',
  ),
  'a'.repeat(3000),
].map(each => `Host: ${each}`)

const CONNECTIONS = [
  ...list(
    '¦,¦, ,¦close¦Close¦keep-alive¦close, keep-alive¦keep-alive, close¦upgrade¦x-odd¦te¦x-odd, close¦host',
    'content-length¦transfer-encoding¦cookie¦close\t¦cl ose¦"close"¦x-odd;q=1¦x-forwarded-for¦x-request-id',
    'trailer¦connection¦Expect¦\xe9',
  ),
  'a,'.repeat(2000),
  'x'.repeat(5000),
]

/** Headers of one hop; each choice is one line or several. */
const HOP_BY_HOP: readonly (readonly string[])[] = [
  ...list(
    'Trailer: x¦Trailer: Content-Length¦Trailer:¦Trailer: Transfer-Encoding, Host¦TE: trailers¦TE: chunked',
    'Keep-Alive: timeout=5¦Proxy-Connection: keep-alive¦Proxy-Connection: close¦Proxy-Authorization: Basic x',
    'Proxy-Authenticate: x¦Proxy-Authentication-Info: x¦Upgrade:¦Upgrade: websocket¦Upgrade: TLS/1.0',
    'Expect:¦Expect: x¦Expect: 100-continue¦Expect: 100-Continue¦Expect: 100-continue, x¦Expect: 200-ok',
  ).map(each => [each]),
  [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  ],
  ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA'],
  ['Connection: close, upgrade', 'Upgrade: h2c', 'Trailer: x'],
  ['Connection: close', 'Connection: keep-alive'],
  ...CONNECTIONS.map(each => [`Connection: ${each}`, 'X-Odd: named']),
]

const NAMES = [
  ...list(
    'X-Odd: a¦X-Odd:a¦X-Odd:¦X-Odd:\t a \t¦x-odd: \xff\xfe¦X_Odd: a¦Content_Length: 5¦: a¦:¦¦X Odd: a¦X-Odd : a',
    ' X-Odd: a¦\tX-Odd: a¦X-Odd¦X\0: a¦X\xe9: a¦(x): a¦X-Odd: a\0b¦"x": y¦X-Odd: a\rb¦X-Odd: a\nb¦X-Odd: a\n b',
    'X-Odd: a\r\n b¦X-Odd: a\r\n\tb¦X-Odd: \x01¦X-Odd: \x7f¦\0¦X-Odd: a\nTransfer-Encoding: chunked¦X[]: a',
    'X-Odd: a\rContent-Length: 9¦X-Odd: a\n\nGET /user/login/smuggled¦:authority: x¦:path: /admin',
    '__proto__: x¦constructor: x¦hasOwnProperty: x¦toString: a¦Proxy: http://x¦Forwarded: for=x¦Via: 1.0 x',
    'Max-Forwards: 0¦Range: bytes=0-¦If-None-Match: *¦Content-Encoding: gzip¦Cookie: a=b; c¦Cookie: ¦Set-Cookie: a',
    'Authorization: x¦Content-Type: x¦Date: x¦Age: -1¦Link: <x>¦Accept: text/html¦Accept-Language: ja¦From: x',
    'Accept-Encoding: gzip¦User-Agent: \xe6\x97\xa5¦Referer: x¦Origin: https://evil.example¦Origin: null¦Origin:',
    'Sec-Fetch-Site: cross-site¦Sec-Fetch-Site: x¦Priority: u=1¦X-Forwarded-For: ¦X-Forwarded-For: ,',
    'X-Forwarded-For: x¦X-Forwarded-For: 1.2.3.4, , 5¦X-Forwarded-For: [::1]:80¦X-Forwarded-Proto: x',
    'X-Forwarded-Host: a b¦X-Forwarded-Port: 0x50¦X-Request-Id: a b¦X-Request-Id: \xff¦X-Real-Ip: x',
    'X-Http-Method-Override: DELETE¦X-Original-Url: /admin¦X-Rewrite-Url: /admin¦X-Seen: 0¦X-Request-Id: mine',
  ),
  ...['X-Odd: ', 'X-Forwarded-For: ', 'Cookie: '].flatMap(name =>
    [8000, 15_000, 17_000].map(n => name + 'a'.repeat(n)),
  ),
  `${'x'.repeat(9000)}: a`,
  `X-Forwarded-For: ${'1.2.3.4, '.repeat(500)}`,
]

/** Headers that Next.js acts upon. */
const OF_NEXT = [
  ...list(
    'Rsc: 1¦Next-Action: x¦Next-Router-State-Tree: %¦Next-Router-State-Tree: [""¦Next-Router-Prefetch: 1',
    'Next-Url: //x¦Next-Url: \xff¦X-Middleware-Subrequest: middleware¦X-Nextjs-Data: 1¦X-Invoke-Path: /x',
    'X-Matched-Path: /%¦X-Now-Route-Matches: x¦X-Prerender-Revalidate: x¦X-Invoke-Status: 0¦X-Invoke-Error: {',
    'Next-Router-Segment-Prefetch: /_tree¦Next-Hmr-Refresh: 1¦X-Middleware-Invoke: 1¦Next-Resume: 1',
  ),
  `Next-Action: ${'a1'.repeat(21)}`,
]

/** One odd header, once or several times. */
export function header(random: Random): readonly string[] {
  if (random.chance(0.4)) return random.pick(HOP_BY_HOP)
  const line = random.pick(random.chance(0.15) ? OF_NEXT : NAMES)
  const times = random.pick([1, 1, 1, 1, 2, 3, 100, 1100, 2100])
  return Array.from({ length: line.length * times > 40_000 ? 1 : times }, () => line)
}
