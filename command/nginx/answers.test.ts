import assert from 'node:assert/strict'
import { test } from 'node:test'
import { read, said, server } from '../../test/nginx.ts'
import { english } from './english.ts'
import { isTakenOver } from './from-nginx.ts'
import { inReplacements } from './replace.ts'

const printed = async (locations: string) =>
  inReplacements((await read(server(locations))).findings, english.report)

const RULES: [location: string, rule: string][] = [
  ['location /admin { deny all; }', 'path /admin* → fixed-response 403\n'],
  ['location = /admin { deny all; }', 'path /admin → fixed-response 403\n'],
  // a path of the app that nobody had
  ['location /metrics { internal; access_log off; }', 'path /metrics* → fixed-response 404\n'],
  ['location /files/ { internal; deny 10.0.0.9; }', 'path /files/* → fixed-response 404\n'],
  ['location /gone/ { return 410; }', 'path /gone/* → fixed-response 410\n'],
  ['location /ok { return 200 ok; }', 'path /ok* → fixed-response 200\n'],
  [
    'location /office { allow 10.0.0.0/8; deny all; }',
    'path /office* → fixed-response 403, except for the clients that are allowed\n',
  ],
]
for (const [location, rule] of RULES) {
  test(`${location} becomes ${rule.trim()}`, async () => {
    assert.ok((await printed(location)).endsWith(`  ${rule}`), await printed(location))
  })
}

for (const location of [
  'location /x/ { return 404; location /x/y/ { proxy_pass http://a:8080; } }',
  'location ~ ^/x { return 200 ok; }',
  'location /x/ { deny all; } location ~ ^/x/y/ { proxy_pass http://a:8080; }',
  'location /x/ { proxy_pass http://a:8080; } location /x/y/ { allow 10.0.0.0/8; deny all; }',
  'location /x/ { try_files $uri @x; } location @x { proxy_pass http://127.0.0.1:3000; auth_basic a; }',
  'if ($cookie_a = "") { return 403; } location /x { proxy_pass http://127.0.0.1:3000; }',
  'if ($remote_addr ~ ^10) { break; } return 302 https://sso.dev.jp/login;',
  'location / { include proxy_params; proxy_pass http://127.0.0.1:3000; }',
  'location / { auth_request /a; proxy_pass http://127.0.0.1:3000; } location /api/ { proxy_pass http://a; }',
  'location / { limit_except GET { deny all; } proxy_pass http://127.0.0.1:3000; }',
  'location /x { if ($remote_addr ~ ^10) { break; } return 302 https://sso.dev.jp/login; }',
  'if ($remote_addr ~ ^10) { break; } return 410;',
  'server_name www.dev.jp; return 301 https://new.dev.jp$request_uri;',
  'server_name www.dev.jp; if ($scheme = http) { return 301 https://new.dev.jp$request_uri; }',
  'server_name www.dev.jp; rewrite ^ https://new.dev.jp$request_uri? permanent;',
]) {
  test(`${location} becomes no rule, which would hold for too much, or for nothing`, async () => {
    assert.equal(await printed(location), '')
  })
}

const AT_NEXT = 'location @next { proxy_pass http://127.0.0.1:3000; }'
for (const [more, what, remark] of [
  ['', 'server', /^guarded: Nginx answered 404 for every path that no location names/],
  ['root /srv/www;', 'root /srv', /^lost: Nginx read files of it for every path/],
  ['root /app/public;', 'server', /^guarded: .*, but for the files of public\/; here/],
  [`root /app/public; try_files $uri @next; ${AT_NEXT}`, 'server', undefined],
  [`root /app/public; error_page 404 = @next; ${AT_NEXT}`, 'server', undefined],
  ['root /app/public; try_files $uri /_next/x;', 'server', undefined],
  [`try_files $uri =404; ${AT_NEXT}`, 'server', /^guarded: Nginx answered 404/],
  [`error_page 404 @next; ${AT_NEXT}`, 'server', /^guarded: Nginx answered 404/],
  [`root /srv/www; try_files $uri @next; ${AT_NEXT}`, 'root /srv', /^lost: Nginx read files/],
  ['location / { proxy_pass http://127.0.0.1:3000; }', 'server', undefined],
  ['location ~ ^/(?!api) { proxy_pass http://127.0.0.1:3000; }', 'server', undefined],
] as const) {
  test(`a server of ${more || 'no location /'} and what Nginx did with all other paths`, async () => {
    const next =
      'location = / { proxy_pass http://127.0.0.1:3000; } location /_next/ { proxy_pass http://127.0.0.1:3000; }'
    const reading = await read(
      `server { listen 80; ${more} ${next} location /api/ { proxy_pass http://a:8080; } }`,
    )
    const [first, ...others] = said(reading, what)
    assert.deepEqual(others, [])
    if (remark) assert.match(first ?? '', remark)
    assert.equal(isTakenOver(reading), remark === undefined)
  })
}

test('a server that leads to an API alone is taken over, and what Nginx did with all other paths is to be checked', async () => {
  const reading = await read('server { listen 80; location /api/ { proxy_pass http://a:8080; } }')
  assert.match(said(reading, 'server').join(), /^look: Nginx answered 404 for every path/)
  assert.equal(isTakenOver(reading), true)
})

const SOURCES: [location: string, line: RegExp][] = [
  ['location /old { return 301 /new; }', /source: '\/old\/:path\*', destination: '\/new'/],
  ['location /blog/ { return 301 /news; }', /source: '\/blog\/:path\*', destination: '\/news'/],
  ['location = /old { return 301 /new; }', /source: '\/old', destination: '\/new'/],
  ['location = /a(b) { return 301 /new; }', /source: '\/a\\\\\(b\\\\\)'/],
  [
    'location = /about { proxy_pass http://127.0.0.1:3000; add_header A b; }',
    /source: '\/about', headers: \[\{ key: 'A', value: 'b' \}\]/,
  ],
  [
    "location = /c { set $csp \"default-src 'self'\"; proxy_pass http://127.0.0.1:3000; add_header CSP '$csp; b'; }",
    /source: '\/c', headers: \[\{ key: 'CSP', value: 'default-src \\'self\\'; b' \}\]/,
  ],
]
for (const [location, line] of SOURCES) {
  test(`next.config of ${location}`, async () => {
    assert.match(await printed(location), line)
  })
}

test('a rewrite of the server is said to have hidden paths of the API, which are open here', async () => {
  const { findings } = await read(
    server('rewrite ^/api/internal /404 last; location /api/ { proxy_pass http://a:8080; }'),
  )
  const remarks = findings.filter(({ what }) => what === 'rewrite').map(({ remark }) => remark)
  assert.equal(remarks.length, 1)
  assert.match(remarks[0] ?? '', /reaches the API here: put it into `except`/)
})

test('a rewrite of the server to https is a rule of the listener', async () => {
  assert.match(
    await printed('rewrite ^ https://$host$request_uri? permanent; location / { proxy_pass http://a:3000; }'),
    /redirect to HTTPS/,
  )
})

test('files of a location that has others below it are said to be lost, too', async () => {
  const reading = await read(
    server('location /media/ { alias /srv/media/; location ~ \\.svg$ { return 403; } }'),
  )
  assert.match(said(reading, 'location /media/').join(), /^lost: Nginx read files from a disk/)
})

test('a redirect with another location below it is written by hand', async () => {
  assert.equal(
    await printed(
      'location /old/ { return 301 /new; } location /old/x { proxy_pass http://127.0.0.1:3000; }',
    ),
    '',
  )
})

for (const [condition, rewrite, isRule] of [
  ['$server_port !~ 443', 'rewrite ^(/.*)$ https://$host$1 permanent;', true],
  ['$server_port = 80', 'rewrite ^/(.*) https://$server_name/$1 permanent;', true],
  ['$scheme = http', 'return 301 https://$host$request_uri;', true],
  ['$server_port = 80', 'rewrite ^/old(/.*)$ https://$host$1 permanent;', false],
] as const) {
  test(`if (${condition}) { ${rewrite} } ${isRule ? 'is' : 'is not'} the redirect to https of every path`, async () => {
    const text = await printed(`if (${condition}) { ${rewrite} } location / { proxy_pass http://a:3000; }`)
    assert.equal(text.includes('HTTP:80 → redirect to HTTPS'), isRule)
  })
}
