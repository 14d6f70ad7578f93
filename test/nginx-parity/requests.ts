/** One request, to Nginx and to Gatehouse alike. */
export type Request = {
  readonly method: string
  readonly target: string
  readonly headers: readonly string[]
  readonly body?: string
  /** what Content-Length says, where less is sent */
  readonly announced?: number
  /** a WebSocket is opened */
  readonly socket?: true
}

export const ask = (
  method: string,
  target: string,
  headers: readonly string[] = [],
  body?: string,
): Request => ({
  method,
  target,
  headers,
  ...(body !== undefined && { body }),
})

export const socketAt = (target: string, origin = 'http://www.dev.jp'): Request => ({
  method: 'GET',
  target,
  headers: [`Origin: ${origin}`, 'Cookie: session=1'],
  socket: true,
})

/** A body that is announced, and of which the first bytes come. */
export const announce = (target: string, announced: number): Request => ({
  method: 'POST',
  target,
  headers: [],
  body: 'x',
  announced,
})

const JSON_TYPE = 'Content-Type: application/json'
const FORM = 'Content-Type: application/x-www-form-urlencoded'

/** What browsers, apps and scripts send to an API below a path. */
export const ofApi = (path: string): Request[] => [
  ask('GET', `${path}/items`),
  ask('GET', `${path}/items/7?a[]=1&a[]=2&b=%E5&c=x%20y&d=a+b`),
  ask('GET', `${path}/items?`),
  ask('GET', `${path}/items?next=%2Fuser%2F..%2Flogin&url=http://a.jp/?b=c`),
  ask('GET', `${path}/a%20b`),
  ask('GET', `${path}/a.b/c-d/e_f~g/@h/i:j,k`),
  ask('GET', `${path}/items/`),
  // Shift_JIS, UTF-8, a slash in disguise, repeated ones, dot segments
  ask('GET', `${path}/%95%5C`),
  ask('GET', `${path}/%E8%A1%A8?q=%E8%A1%A8`),
  ask('GET', `${path}/a%2Fb`),
  ask('GET', `${path}//items//7`),
  ask('GET', `${path}/items/../7`),
  ask('GET', `${path}/items/./7`),
  ask('GET', `${path}/..%2f..%2fuser`),
  ask('GET', `${path};v=1/items`),
  ask('POST', `${path}/items`, [JSON_TYPE], '{"name":"taro"}'),
  ask('POST', `${path}/items`, [FORM, 'Origin: http://www.dev.jp'], 'a=1&b=2'),
  ask('PUT', `${path}/items/7`, ['Content-Type: text/plain'], 'x'.repeat(100_000)),
  ask('POST', `${path}/items`, [JSON_TYPE, 'Transfer-Encoding: chunked'], '5\r\n"abc"\r\n0\r\n\r\n'),
  ask('PATCH', `${path}/items/7`, [JSON_TYPE], '{}'),
  ask('DELETE', `${path}/items/7`),
  ask('HEAD', `${path}/items`),
  ask('OPTIONS', `${path}/items`, ['Origin: https://app.dev.jp', 'Access-Control-Request-Method: PUT']),
  ask('GET', `${path}/me`, [
    'Cookie: session=1; theme=dark',
    'Authorization: Bearer t',
    'Accept-Language: ja',
  ]),
  ask('GET', `${path}/items`, [
    'User-Agent: app/1.0',
    'X-Requested-With: XMLHttpRequest',
    'If-None-Match: "a"',
  ]),
  ask('GET', `${path}/items`, ['X-Forwarded-For: 203.0.113.7']),
  // as a load balancer that ends TLS sends them
  ask('GET', `${path}/items`, [
    'X-Forwarded-For: 203.0.113.7',
    'X-Forwarded-Proto: https',
    'X-Forwarded-Port: 443',
  ]),
  ask('GET', `${path}/items`, [
    'X-Forwarded-Prefix: /x',
    'X-Original-URL: /x',
    'Forwarded: for=203.0.113.7',
    'Proxy: http://other.example',
  ]),
  ask('GET', `${path}/items`, ['Range: bytes=0-9', 'Accept-Encoding: gzip, br', 'Cache-Control: no-cache']),
  ask('GET', `${path}/items?status=201`),
  ask('GET', `${path}/items?status=204`),
  ask('GET', `${path}/items?status=304`),
  ask('GET', `${path}/items?status=302&location=/elsewhere`),
  ask('GET', `${path}/items?status=303&location=https://elsewhere.example/a?b=c`),
  ask('GET', `${path}/items?status=302&location=API_ORIGIN${path}/items/8`),
  ask('GET', `${path}/items?status=302&location=API_ORIGIN/items/8`),
  ask('GET', `${path}/items?status=404`),
  ask('POST', `${path}/items?status=422`, [JSON_TYPE], '{}'),
  ask('GET', `${path}/items?status=500`),
  ask('GET', `${path}/items?status=503`),
  ask('GET', `${path}/items?gzip=1`, ['Accept-Encoding: gzip']),
  ask('GET', `${path}/items?large=1`),
  socketAt(`${path}/items`),
  // from another site's page, and for a host that is not the site's
  ask('POST', `${path}/items`, [FORM, 'Origin: https://other.example'], 'a=1'),
  socketAt(`${path}/items`, 'https://other.example'),
  ask('GET', `${path}/items`, ['Host: other.example']),
]

/** What browsers ask the pages for. */
export const OF_PAGES: readonly Request[] = [
  ask('GET', '/'),
  ask('GET', '/about?x=1&y[]=2'),
  ask('GET', '/_next/static/chunks/a.js'),
  ask('POST', '/contact', [FORM], 'a=1'),
  ask('GET', '/missing?status=404'),
]
