import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NEXT, read, said } from '../../test/nginx.ts'

const NOT_TAKEN: [location: string, remark: RegExp][] = [
  ['~ ^/user/(login|logout)/?$ { proxy_pass https://a.jp', /a regular expression that is more/],
  ['~ ^/v[12]/ { proxy_pass https://a.jp', /a regular expression that is more/],
  [
    '~ ^/api/?(.*)$ { proxy_pass https://a.jp/v1/$1',
    /made of a variable or of what a regular expression found/,
  ],
  ['~* \\.php$ { proxy_pass https://a.jp', /more than a list of paths/],
  ['~* ^/Api/ { proxy_pass https://a.jp', /in any case of letters/],
  ['~ /api/(?<rest>.*)$ { proxy_pass https://a.jp/$rest', /a regular expression that is more/],
  ['~ ^/(api|v\\d)/ { proxy_pass https://a.jp', /a regular expression that is more/],
  ['= /up { rewrite ^/down(.*)$ $1 break; proxy_pass https://a.jp', /its rewrite does more/],
  ['/login { rewrite ^/login$ /user/login break; proxy_pass https://a.jp', /its rewrite does more/],
  ['/api/ { rewrite ^/api/(.*)$ /$1 last; proxy_pass https://a.jp', /its rewrite does more/],
  ['~ ^/(api|apis)/ { rewrite ^/api(.*)$ /v1$1 break; proxy_pass https://a.jp', /its rewrite does more/],
  [
    '/api/ { set $b a.jp; rewrite ^/api/old/(.*)$ /api/new/$1 permanent; proxy_pass https://$b$request_uri',
    /its rewrite does more/,
  ],
  ['/api/ { rewrite ^/api/(.*)/(.*)$ /$2/$1 break; proxy_pass https://a.jp', /its rewrite does more/],
  ['/api/ { proxy_pass https://a.jp/v1', /Nginx sent \/api\/x as \/v1x/],
  ['/api/ { set $a a.jp; proxy_pass https://$a/v1/', /all that is below \/api\/ was sent to \/v1\//],
  ['/api/ { proxy_pass https://a.jp/?path=', /has a query/],
]
for (const [location, remark] of NOT_TAKEN) {
  test(`location ${location}: cannot be taken over, and it is said why`, async () => {
    const { config, missing, ...reading } = await read(`server { ${NEXT} location ${location}; } }`)
    assert.equal(config, undefined)
    assert.match(said({ ...reading, missing }, 'location').join(), remark)
    assert.match(missing.join(), /set BACKEND_PATHS by hand/)
  })
}

test('a path that its rewrite does not fit is sent otherwise here, and that is said', async () => {
  const remarks = async (pattern: string) =>
    said(
      await read(`server { ${NEXT} location /v2 { rewrite ${pattern} /b/$1 break; proxy_pass http://a; } }`),
      'location /v2',
    ).join()
  assert.match(
    await remarks('^/v2/(.*)$'),
    /look: \/v2 itself is sent as \/b; Nginx's rewrite did not fit it/,
  )
  assert.doesNotMatch(await remarks('^/v2/?(.*)$'), /did not fit/)
  const below = await read(
    `server { ${NEXT} location /api/ { rewrite ^/api/(.+)$ /$1 break; proxy_pass http://a; } }`,
  )
  assert.match(said(below, 'location /api/').join(), /look: \/api\/ itself is sent as \/;/)
  const pattern = await read(
    `server { ${NEXT} location ~ ^/(api|open)(/.*)?$ { rewrite ^/api(/.*)$ $1 break; proxy_pass http://a; } }`,
  )
  assert.match(said(pattern, 'location ~').join(), /look: \/api itself is sent as \/;/)
  assert.doesNotMatch(said(pattern, 'location ~').join(), /\/open itself/)
})

test('a path in $uri or $1 had no query in Nginx, and it is said that it has one here', async () => {
  for (const [location, path] of [
    ['/api/', '$uri'],
    ['~ ^/api/', '$uri'],
    ['~ ^/api/(.*)$', '/v1/$1'],
  ]) {
    const conf = `server { ${NEXT} location ${location} { set $b a.jp; proxy_pass http://$b${path}; } }`
    assert.match(said(await read(conf), 'location').join(), /look: the query string is sent along/)
  }
})

test('where all of a prefix is taken off, a redirect by a path alone leads to the API, and that is said', async () => {
  const isSaid = async (location: string) =>
    said(await read(`server { ${NEXT} ${location} }`), 'location')
      .join()
      .includes('/x becomes /api/x')
  for (const location of [
    'location /api/ { proxy_pass http://a/; }',
    'location /api/ { rewrite ^/api/(.*)$ /$1 break; proxy_pass http://a; proxy_redirect off; }',
    'location ~ ^/api/(.*)$ { set $b a; proxy_pass http://$b/$1$is_args$args; }',
  ])
    assert.equal(await isSaid(location), true, location)
  for (const location of [
    'location /api/ { proxy_pass http://a; }',
    'location /api/ { proxy_pass http://a/v1/; }',
    'location /api/ { proxy_pass http://a/; proxy_redirect / /api/; }',
    'location /api/ { proxy_pass http://a/; proxy_redirect ~^/(.*)$ /api/$1; }',
  ])
    assert.equal(await isSaid(location), false, location)
})

test('a rewrite of the path itself, beside that of what is below it, is a part of the route', async () => {
  const of = async (rewrites: string) =>
    read(`server { ${NEXT} location /api { ${rewrites} proxy_pass http://a:8080; } }`)
  for (const rewrites of [
    'rewrite ^/api/(.*)$ /$1 break; rewrite ^/api$ / break;',
    'rewrite ^/api$ / break; rewrite ^/api/(.*) /$1 break;',
  ]) {
    const reading = await of(rewrites)
    assert.match(reading.config ?? '', /path: '\/api',\s+to: 'http:\/\/a:8080\/'/)
    assert.doesNotMatch(said(reading, 'location /api').join(), /did not fit/)
  }
  for (const rewrites of [
    'rewrite ^/api/(.*)$ /v1/$1 break; rewrite ^/api$ / break;',
    'rewrite ^/api/(.*)$ /$1 break; rewrite ^/api$ / last;',
    'rewrite ^/api/(.*)$ /$1 break; rewrite ^/apis$ / break;',
  ]) {
    const reading = await of(rewrites)
    assert.equal(reading.config, undefined)
    assert.match(said(reading, 'location /api').join(), /it has several rewrites/)
  }
})
