/** A request whose answer must be that of `next start`. */
export type Request = {
  readonly method: string
  readonly path: string
  readonly headers: readonly string[]
  readonly body?: string
}

const ask = (method: string, path: string, headers: readonly string[] = [], body?: string): Request => ({
  method,
  path,
  headers,
  ...(body !== undefined && { body }),
})

/** Of a text with white space between them. */
const words = (text: string) => text.trim().split(/\s+/)

const PAGES = words(`
  / /login /fixed /later /card /act /catalog /fr/catalog /tenants/a /missing /gone /throws /refused /boards
  /boards/photo/1 /refuses/forbidden /refuses/unauthorized /refuses/redirect /refuses/permanent`)
const OF_PAGES_ROUTER = words(`
  /greeting /ja/greeting /en/greeting /post/first /ja/post/first /post/second /post/none /api/body
  /api/listeners /api/body?a=1&a=2 /api/hints /api/none
  /ssr/cookies /ssr/write /ssr/head /ssr/status /ssr/none /ssr/moved /ssr/throws /ja/ssr/a?q=1 /api/odd/redirect
  /api/odd/stream /api/odd/lists /api/odd/draft /api/odd/too-long /api/odd/throws /api/odd/none`)
const ROUTES = words(`
  /env /events /seen /edge /self /draft /large-head /throws/route /robots.txt /manifest.webmanifest
  /icon.svg /streams/too-long /streams/length /streams/chunked /streams/none /streams/lists /streams/odd`)
const STATUSES = [
  200, 201, 204, 206, 301, 304, 400, 401, 403, 404, 405, 409, 410, 418, 422, 429, 451, 500, 502, 503, 504,
  599,
]
/** Spellings of a path that servers read in different ways. */
const ODD = words(`
  // //fixed /fixed// ///evil.example/x /\\evil.example /a\\b /fixed/ /fixed? /fixed/?a=1 /FIXED /fi%78ed
  /fixed%2F /%2Ffixed /fixed%5Cx /./fixed /a/../fixed /%2e%2e/fixed /fixed;a=1 /fixed%00 /% /%zz /%E0%A4
  /tenants/%E5%A4%AA /tenants/a%20b /tenants/a+b /tenants/a%2Fb /ja /ja/ /en /none /none/none.txt
  /_next/none /_next/image /_next/image?url=%2Fwords.txt&w=64&q=75 /_next/data/none/greeting.json /_error
  /404 /500 /_not-found /?a=1 /?__nextLocale=ja /echo?x=1&y=2&x=3 /echo?q=%E5%A4%AA /echo?q=a+b /echo?
  /index /api /server.js /.env.local /package.json /.next/BUILD_ID /moved?a=1 /proxied?a=1 /same
  /de/catalog /elsewhere /if/cookie /if/host /if/query /if/query?q=1 /if/proto /%E5%A4%AA%E9%83%8E/a
  /%E5%A4%AA%E9%83%8E/%E5%A4%AA /%E5%A4 /%ff /tenants/%zz /echo?q=%zz`)
const METHODS = ['HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']
const TARGETS = words(`
  / /fixed /later /echo /self /api/body /greeting /none /throws /status/404 /boards /refuses/redirect /ssr/write
  /ssr/head /api/odd/stream /streams/length`)
/** What a browser, a crawler, a cache or Next's own client sends along. */
const ALONG: readonly (readonly string[])[] = [
  ['Accept-Encoding: gzip'],
  ['Accept-Encoding: br, gzip'],
  ['Accept-Encoding: gzip;q=0'],
  ['Accept-Encoding: identity, *;q=0'],
  ['Accept-Encoding: zstd'],
  ['Accept-Language: ja'],
  ['Cookie: a=1; b=2'],
  ['RSC: 1'],
  ['RSC: 1', 'Next-Router-Prefetch: 1'],
  ['X-Nextjs-Data: 1'],
  ['Sec-Fetch-Dest: image'],
  ['If-None-Match: *'],
  ['If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT'],
  ['Cache-Control: no-cache'],
  ['Range: bytes=0-3'],
  ['User-Agent: Googlebot/2.1'],
  ['Origin: https://other.example'],
  ['Accept: application/json'],
  ['X-Middleware-Subrequest: proxy:proxy:proxy:proxy:proxy'],
  ['X-Forwarded-Prefix: /x'],
]
/** Of Next's own client, on its way from the boards to a photo. */
const INTERCEPTED = ['RSC: 1', 'Next-Url: /boards']
const ALONG_AT = ['/', '/fixed', '/greeting', '/post/first', '/echo', '/none', '/events']
const FORM = 'Content-Type: application/x-www-form-urlencoded'
const JSON_TYPE = 'Content-Type: application/json'
const PART = (name: string, body: string) =>
  `--b\r\nContent-Disposition: form-data; name="${name}"; filename="${name}.txt"\r\n\r\n${body}\r\n`
const MULTIPART = 'Content-Type: multipart/form-data; boundary=b'

export const REQUESTS: readonly Request[] = [
  ...[...PAGES, ...OF_PAGES_ROUTER, ...ROUTES, ...ODD].map(path => ask('GET', path)),
  ...STATUSES.map(status => ask('GET', `/status/${status}`)),
  ...METHODS.flatMap(method => TARGETS.map(path => ask(method, path))),
  ...ALONG.flatMap(headers => ALONG_AT.map(path => ask('GET', path, headers))),
  ask('POST', '/echo', [FORM], 'a=1&b=2'),
  ask('POST', '/echo', [JSON_TYPE], '{"a":1}'),
  ask('PUT', '/echo', [JSON_TYPE], '{"a":"太郎"}'),
  ask('PATCH', '/echo', [], 'x'.repeat(300_000)),
  ask('DELETE', '/echo', [], 'x'),
  ask('POST', '/api/body', [FORM], 'a=1&b=2'),
  ask('POST', '/api/body', [JSON_TYPE], '{"a":1}'),
  ask('POST', '/api/body', [JSON_TYPE], '{"a":'),
  ask('POST', '/api/body', [JSON_TYPE], JSON.stringify('x'.repeat(1_200_000))),
  ask('POST', '/upload', [MULTIPART], `${PART('a', 'small')}${PART('b', 'x'.repeat(500_000))}--b--\r\n`),
  ask('POST', '/upload', [MULTIPART], 'nonsense'),
  ask('POST', '/upload', [FORM], 'a=1'),
  ask('POST', '/act', ['Next-Action: none'], '[]'),
  ask('POST', '/act', [MULTIPART], '--b--\r\n'),
  ask('POST', '/status/200', [], 'x'),
  ask('GET', '/boards/photo/1', INTERCEPTED),
  ask('GET', '/boards/photo/1', [...INTERCEPTED, 'Next-Router-Prefetch: 1']),
  ask('GET', '/if/cookie', ['Cookie: who=%E5%A4%AA']),
  ask('GET', '/if/query?q=1', ['X-Asks: 1']),
  ask('GET', '/echo', [`Cookie: big=${'x'.repeat(10_000)}`]),
]
