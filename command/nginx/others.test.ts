import assert from 'node:assert/strict'
import { test } from 'node:test'
import { read, said } from '../../test/nginx.ts'
import { isTakenOver } from './from-nginx.ts'

const SITE = `server { listen 443 ssl; server_name www.dev.jp;
  location / { proxy_pass http://127.0.0.1:3000; } location /api/ { proxy_pass https://api.dev.jp; } }`
const TO_HTTPS = /lost: another server .*: the redirect from http to https is for the public ALB/
const LEFT_OUT = /lost: another server .*: left out\. Gatehouse serves one site/

/** A server beside the site, what is said of it, and the rule that takes its place. */
const OTHERS: [server: string, remark: RegExp, rule?: RegExp][] = [
  ['return 301 https://$host$request_uri;', TO_HTTPS, /^HTTP:80 → redirect/],
  [
    'server_name dev.jp www.dev.jp; return 301 https://www.dev.jp$request_uri;',
    TO_HTTPS,
    /^HTTP:80 → redirect to HTTPS:\/\/www\.dev\.jp:443\//,
  ],
  [
    'server_name dev.jp www.dev.jp; return 301 https://$server_name$request_uri;',
    TO_HTTPS,
    /^HTTP:80 → redirect to HTTPS:\/\/dev\.jp:443\//,
  ],
  [
    'location /.well-known/acme-challenge/ { root /var/www; } location / { return 301 https://$host$request_uri; }',
    TO_HTTPS,
  ],
  // as Certbot writes it
  [
    'server_name www.dev.jp; if ($host = www.dev.jp) { return 301 https://$host$request_uri; } return 404;',
    TO_HTTPS,
  ],
  [
    'server_name dev.jp; return 301 https://www.dev.jp$request_uri;',
    /lost: .*: it answers by itself/,
    /^HTTP:80, host dev\.jp → 301 https:\/\/www\.dev\.jp\/#\{path\}\?#\{query\}$/,
  ],
  [
    'server_name _; return 444;',
    /lost: .*: it answers by itself/,
    /^HTTP:80, host not named elsewhere → 444$/,
  ],
  ['server_name old.jp; return 410;', /lost: .*: it answers by itself/, /^HTTP:80, host old\.jp → 410$/],
  [
    'ssl_reject_handshake on;',
    /lost: .*: it refuses every TLS handshake/,
    /^HTTP:80, host not named elsewhere → 403$/,
  ],
  [
    'location / { return 444; }',
    /lost: .*: it answers by itself/,
    /^HTTP:80, host not named elsewhere → 444$/,
  ],
  ['location = / { return 301 https://$host$request_uri; }', LEFT_OUT],
  ['location = / { return 444; }', LEFT_OUT],
  [
    'location / { return 301 https://$host$request_uri; } location /up { proxy_pass http://127.0.0.1:3000; }',
    LEFT_OUT,
  ],
]
for (const [server, remark, rule] of OTHERS) {
  test(`another server with ${server}`, async () => {
    const reading = await read(`server { listen 80; ${server} } ${SITE}`)
    const [first = '', ...more] = said(reading, 'server').filter(each => each.includes('another server'))
    assert.deepEqual(more, [])
    assert.match(first, remark)
    const becomes = reading.findings.find(each => each.what === 'server')?.becomes
    if (rule) assert.match(becomes?.in === 'listener rule' ? becomes.rule : '', rule)
  })
}

test('of several servers, one that leads nowhere that can be told is read before one that leads nowhere', async () => {
  const reading = await read(`upstream app { server unix:/run/app.sock; }
    server { listen 80; location / { return 301 https://$host$request_uri; } }
    server { listen 443 ssl; location / { proxy_pass http://127.0.0.1:3000; } location /api/ { proxy_pass http://app; } }`)
  assert.match(said(reading, 'location /api').join(), /lost: it cannot be told where it leads: a Unix socket/)
  assert.match(said(reading, 'server').join(), TO_HTTPS)
})
for (const [origin, listen, isOwn] of [
  ['http://127.0.0.1:8081', 'listen 127.0.0.1:8081;', true],
  ['http://localhost:8081', 'listen 8081; server_name in;', true],
  ['http://in.dev.jp', 'server_name in.dev.jp;', true],
  ['http://up', 'listen 8081;', true],
  ['http://127.0.0.1:8082', 'listen 8081;', false],
  ['http://in.dev.jp', 'listen 8081; server_name in.dev.jp;', false],
  ['http://www.dev.jp', 'listen 8081;', false],
] as const) {
  test(`${origin} ${isOwn ? 'is' : 'is not'} another server of this Nginx with ${listen}`, async () => {
    const reading = await read(
      `upstream up { server 127.0.0.1:8081; }
       server { listen 80; server_name www.dev.jp; location / { proxy_pass http://127.0.0.1:3000; } location /api/ { proxy_pass ${origin}; } }
       server { ${listen} location / { uwsgi_pass unix:/run/app.sock; } }`,
      { server: 'www.dev.jp' },
    )
    assert.equal(reading.config === undefined, isOwn)
    assert.equal(said(reading, 'location /api/').join().startsWith('lost: it leads to another'), isOwn)
  })
}

test('the site is the server that leads to another one of this Nginx, not the one that it leads to', async () => {
  const reading = await read(`
    server { listen 8080; server_name internal; location / { proxy_pass http://127.0.0.1:9000; } }
    server { listen 80; server_name www.dev.jp; location / { proxy_pass http://127.0.0.1:3000; } location /api { proxy_pass http://127.0.0.1:8080; } }`)
  assert.equal(reading.env.PORT, '80')
  assert.match(reading.missing.join(), /^every location that leads to an API leads to another server/)
})

test('a server of this Nginx that passes on to its own name is not the one of that name', async () => {
  const reading = await read(`upstream api { server api:80; }
    server { listen 80; server_name api; location / { proxy_pass http://api; } }
    server { listen 80; server_name www.dev.jp; location / { proxy_pass http://web:3000; } location /api/ { proxy_pass http://api; } }`)
  assert.equal(reading.env.PORT, '80')
  assert.match(reading.config ?? '', /path: '\/api'/)
})

test('a server that passes on to its own name at another port is the one of that name', async () => {
  const reading = await read(
    `server { listen 80; server_name api.dev.jp; location / { proxy_pass http://api.dev.jp:8080; } }
    server { listen 80; server_name www.dev.jp; location / { proxy_pass http://web:3000; } location /api/ { proxy_pass http://api.dev.jp; } }`,
    { server: 'www.dev.jp' },
  )
  assert.equal(isTakenOver(reading), false)
})

for (const [beside, of, isOpen] of [
  ['upstream api { server api.internal:8000; }', 'http://api', true],
  ['allow 10.0.0.0/8; deny all;', 'http://api.internal:8000', false],
] as const) {
  test(`${beside} beside http, in files that were put together, counts`, async () => {
    const reading = await read(
      `http { server { listen 80; server_name www.dev.jp; location / { proxy_pass http://127.0.0.1:3000; } location /api { proxy_pass ${of}; } } } ${beside}`,
    )
    const printed = JSON.stringify([reading.env, reading.config])
    assert.equal(printed.includes('http://api.internal:8000'), isOpen, printed)
  })
}

test('a set of $args or $limit_rate changes the request or its answer, and is lost', async () => {
  const reading = await read(`server { location / { proxy_pass http://127.0.0.1:3000; }
    location /api/ { set $args $args&from=web; set $limit_rate 10k; set $own a; proxy_pass https://api.dev.jp; } }`)
  assert.match(said(reading, 'set $args').join(), /^lost: the query string is passed on as it came/)
  assert.match(said(reading, 'set $limit_rate').join(), /^lost: no answer is slowed down/)
  assert.match(said(reading, 'set $own').join(), /^same: /)
})
