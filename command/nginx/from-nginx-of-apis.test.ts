import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from '../../lib/settings/settings.ts'
import { read, said } from '../../test/nginx.ts'
import { isTakenOver } from './from-nginx.ts'

/** An API at /api/ with more in its location, and more in the server. */
const api = (
  own: string,
  server = '',
  http = '',
  uri = '',
) => `${http} server { listen 4000; server_name www.dev.jp; ${server}
  location / { proxy_pass http://127.0.0.1:3000; client_max_body_size 1m; }
  location /api/ { proxy_pass http://a:8080${uri}; ${own} } }`

const NEXT = 'location @next { proxy_pass http://127.0.0.1:3000; }'
const MAP = `map $http_x_request_id $id { default $http_x_request_id; "" $request_id; }`
const ODD_MAP = `map $http_x_request_id $id { default other; }`

/** What Nginx did for an API, and whether Gatehouse with what is printed does so, too. */
const ROWS: readonly [conf: string, of: string, expected: RegExp | undefined][] = [
  // files, errors
  [
    api('', 'location /protected/ { internal; alias /var/files/; }'),
    'location /prot',
    /^lost: .*X-Accel-Redirect/,
  ],
  [
    api('error_page 502 /errors/502.html;', 'location /errors/ { internal; root /www; }'),
    'location /err',
    /^look/,
  ],
  [api('error_page 502 /50x.html;', 'location = /50x.html { root /www; }'), 'error_page', /^look/],
  [api('error_page 502 504 = @next;', NEXT), 'error_page', /^lost/],
  [api('error_page 502 /other/;', 'location /other/ { proxy_pass http://b:80; }'), 'error_page', /^lost/],
  [api('error_page 502 =503 /50x.html;', 'location = /50x.html { root /www; }'), 'error_page', /^lost/],
  [api('error_page 404 = @next;', NEXT), 'error_page', /^look/],
  [api('', `location /up/ { root /data; try_files $uri @next; } ${NEXT}`), 'location /up', /^lost/],
  [api('', `location /up/ { root /app/public; try_files $uri @next; } ${NEXT}`), 'location /up', /^look/],
  [api(`try_files $uri @next;`, NEXT), 'try_files', /^lost/],
  [api('', `location /p/ { try_files $uri @next; } ${NEXT}`), 'try_files', /^same/],
  [
    api('error_page 502 = @down;', 'location @down { return 503 "{}"; }'),
    'location @down',
    /^lost: .*an error_page or a try_files led here/,
  ],
  [
    api('', 'location = /down { internal; return 200 "{}"; }'),
    'location = /down',
    /^lost: .*an error_page or a try_files led here/,
  ],
  [api('', 'location /js { js_content a.b; }'), 'location /js', undefined],
  [api('', 'location /js { js_content a.b; }'), 'js_content', /^lost: it is not known here/],
  [
    api(
      '',
      'location /blog { try_files $uri /index.php?$args; } location ~ \\.php$ { fastcgi_pass p:9000; }',
      'root /x;',
    ),
    'location /blog',
    /^lost: .*Gatehouse speaks HTTP\/1\.1/,
  ],
  [api('', 'location /.well-known/acme-challenge/ { root /www; }'), 'location /.well', /^look: ACM/],
  // nobody got a file of these
  [api('', 'location ~ /\\.ht { deny all; }'), 'location ~', /^guarded/],
  [api('', 'location = /favicon.ico { log_not_found off; }'), 'location =', /^look: .*the app answers/],
  [api('', 'root /www; location = /favicon.ico { log_not_found off; }'), 'location =', /^lost/],
  [
    api('', 'location /docs { return 301 https://docs.dev.jp$request_uri; }'),
    'location /d',
    /^lost: it is a redirect/,
  ],
  [
    api('', 'location /up/ { try_files $uri $uri/ @a; } location @a { proxy_pass http://b:80; }'),
    'location @a',
    undefined,
  ],
  [
    api('', 'location /a { root /www; try_files $uri @a; } location @a { proxy_pass http://b:80; }'),
    'location @a',
    /^lost: .*a named location/,
  ],
  [
    api('', 'location /a { internal; try_files $uri @a; } location @a { proxy_pass http://b:80; }'),
    'location @a',
    /^lost: .*a named location/,
  ],
  // answers
  [api('if ($request_method = OPTIONS) { return 204; }'), 'if', /^lost: .*An API has to check them itself/],
  [api('proxy_cache off; proxy_no_cache 1;'), 'proxy_no_cache', /^same/],
  [api('expires 1h;'), 'expires', /^lost/],
  [api('expires -1;'), 'expires', /^look/],
  [api('expires off;'), 'expires', /^look/],
  [api('charset utf-8;'), 'charset', /^lost/],
  [api('', 'charset utf-8;'), 'charset', /^lost/],
  [api('charset off;'), 'charset', /^same/],
  [api('add_header X-Frame-Options "";'), 'add_header', /^same/],
  [api('add_header Last-Modified "" always;'), 'add_header', undefined],
  [
    api('', 'location @login { return 302 /login; }'),
    'location @login',
    /^lost: .*an error_page or a try_files/,
  ],
  [api('add_header X-A $a;', 'set $a ""; if ($http_origin) { set $a b; }'), 'add_header', /^lost/],
  [api('add_header Cache-Control "public, max-age=60";'), 'add_header', /^lost/],
  [api('add_header Cache-Control no-store;'), 'add_header', /^look/],
  [api('add_header Set-Cookie a=1 always; add_header Vary Origin always;'), 'add_header', undefined],
  [api('proxy_hide_header set-cookie; add_header Set-Cookie a=1;'), 'add_header', /^lost: .*beside/],
  // who asks
  [api('proxy_set_header X-Real-IP $http_cf_connecting_ip;'), 'proxy_set', /^lost: .*CLIENT_ADDRESS_HEADER/],
  [api('proxy_set_header X-Real-IP $http_x_forwarded_for;'), 'proxy_set', /^look/],
  [api('proxy_set_header X-Real-IP $remote_addr;'), 'proxy_set', /^look/],
  [api('proxy_set_header X-Forwarded-For $http_cf_connecting_ip;'), 'proxy_set', /^lost: .*CLIENT_ADDRESS/],
  [api('proxy_set_header X-Forwarded-For "$http_x_forwarded_for, $remote_addr";'), 'proxy_set', /^look/],
  [api('proxy_set_header X-Request-Id $http_x_amzn_trace_id;'), 'proxy_set', /^lost/],
  [api('proxy_set_header X-Request-Id $request_id;'), 'proxy_set', /^same/],
  [api('proxy_set_header X-Request-Id $id;', '', MAP), 'proxy_set', /^same/],
  [api('proxy_set_header X-Request-Id $id;', '', ODD_MAP), 'proxy_set', /^lost/],
  [api('proxy_set_header X-Forwarded-Host $http_x_original_host;'), 'proxy_set', /^lost/],
  [api('proxy_set_header X-Forwarded-Proto $http_cloudfront_forwarded_proto;'), 'proxy_set', /^lost/],
  [
    api('set_real_ip_from 10.0.0.0/8; real_ip_header CF-Connecting-IP;'),
    'real_ip_header',
    /^lost: .*CLIENT_ADDRESS_HEADER=CF-Connecting-IP/,
  ],
  [
    api('set_real_ip_from 0.0.0.0/0; real_ip_header X-Forwarded-For;'),
    'set_real_ip',
    /^lost: .*load balancer/,
  ],
  [api('proxy_set_header Host $host:$server_port;'), 'proxy_set_header Host', /^look/],
  // Nginx passes no WebSocket on by one of both
  [api('proxy_set_header Upgrade $http_upgrade;'), 'proxy_set_header Upgrade', /^look: .*upgrade: false/],
  [
    api('proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection keep-alive;'),
    'proxy_set_header Upgrade',
    /^look: .*upgrade: false/,
  ],
  [
    api('proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $http_connection;'),
    'proxy_set_header Upgrade',
    /^same/,
  ],
  [api('proxy_set_header X-A one; proxy_set_header x-a two;'), 'proxy_set_header x-a', /^lost: .*twice/],
  [api('proxy_set_header X-Forwarded-Port $server_port;'), 'proxy_set', /^look/],
  [api('proxy_set_header X-Forwarded-Port 8443;'), 'proxy_set', /^lost/],
  [api('proxy_set_header X-Forwarded-Port 443;'), 'proxy_set', /^lost/],
  [
    api('proxy_set_header X-Forwarded-Proto https; proxy_set_header X-Forwarded-Port 443;'),
    'proxy_set_header X-Forwarded-Port',
    /^same/,
  ],
  [api('proxy_set_header Proxy "";'), 'proxy_set', /^same/],
  // what the front takes from every request
  [api('proxy_set_header Forwarded $http_forwarded;'), 'proxy_set', /^lost/],
  [api('proxy_set_header X_Tenant $http_x_tenant;'), 'proxy_set', /^lost/],
  [api('proxy_set_header Accept-Language $http_accept_language;'), 'proxy_set', /^same/],
  // names of hosts and paths
  [api('proxy_redirect http://a:8080/ /;', '', '', '/'), 'proxy_redirect', /^lost/],
  [api('proxy_redirect http://a:8080/ /api/;', '', '', '/'), 'proxy_redirect', /^same/],
  [
    api('proxy_set_header Host a.jp; proxy_redirect https://a.jp/ /api/;', '', '', '/'),
    'proxy_redirect',
    /^same/,
  ],
  [api('proxy_redirect http://a:8080/ /;'), 'proxy_redirect', /^same/],
  [api('proxy_redirect http://a:8080/ $scheme://$host/api/;', '', '', '/'), 'proxy_redirect', /^same/],
  [api('proxy_redirect https://a:8080 https://$http_host;'), 'proxy_redirect', /^same/],
  [api('proxy_redirect http://a:8080/ https://$host/v2/;'), 'proxy_redirect', /^lost/],
  [api('proxy_redirect http://$host/ https://$host/;'), 'proxy_redirect', /^look/],
  [api('proxy_redirect http:// $scheme://;'), 'proxy_redirect', /^look/],
  [api('proxy_redirect http:// https://other.jp/;'), 'proxy_redirect', /^lost/],
  [api('proxy_redirect / /api/;', '', '', '/'), 'proxy_redirect', /^same/],
  [api('proxy_redirect / /api/;'), 'proxy_redirect', /^lost/],
  [api('proxy_redirect http://a:8080/ /api/;'), 'proxy_redirect', /^lost/],
  [api('rewrite ^/api/(.*)$ /$1 break; proxy_redirect http://a:8080/ /;'), 'proxy_redirect', /^lost/],
  [api('proxy_redirect http://a:80801/ /;'), 'proxy_redirect', /^lost/],
  [api('proxy_cookie_path /v1/ /api/;', '', '', '/v1/'), 'proxy_cookie_path', /^same/],
  [api('proxy_cookie_path / /api/;', '', '', '/'), 'proxy_cookie_path', /^lost/],
  [api('proxy_cookie_path / "/; Secure; HttpOnly";'), 'proxy_cookie_path', /^lost: flags of cookies/],
  [api('proxy_cookie_domain api.internal .dev.jp;'), 'proxy_cookie_domain', /^lost/],
  [api('proxy_cookie_domain api.internal www.dev.jp;'), 'proxy_cookie_domain', /^look/],
  // a cache of the build's files alone, and of pages
  [
    api('', 'location /_next/static { proxy_cache s; proxy_pass http://127.0.0.1:3000; }'),
    'proxy_cache',
    /^same: Gatehouse serves it from the build/,
  ],
  [api('', 'location /blog/ { proxy_cache s; proxy_pass http://127.0.0.1:3000; }'), 'proxy_cache', /^lost/],
  // an upstream of pages alone
  [
    `upstream next { ip_hash; server 127.0.0.1:3000; server 127.0.0.1:3001 backup; }
     server { location / { proxy_pass http://next; } location /api/ { proxy_pass http://a:8080; } }`,
    'ip_hash',
    /^same/,
  ],
  // of all
  [api('proxy_pass_request_headers on;'), 'proxy_pass_request_headers', /^same: Nginx's default/],
  [api('proxy_intercept_errors off;'), 'proxy_intercept_errors', /^same/],
  [api('mirror off;'), 'mirror', /^same/],
  [api('', '', 'sendfile_max_chunk 1m;'), 'sendfile_max_chunk', /^same/],
  [api('proxy_intercept_errors on;'), 'proxy_intercept_errors', /^lost/],
  [
    api(
      '',
      `location /b/ { proxy_pass http://b:80; set_real_ip_from 10.0.0.0/8; }`,
      'set_real_ip_from 10.1.0.0/16;',
    ),
    'set_real_ip_from 10.1',
    /^lost: there is one TRUSTED_PROXIES/,
  ],
  [
    api(
      '',
      `location /b/ { proxy_pass http://b:80; real_ip_header X-Client; }`,
      'set_real_ip_from 10.1.0.0/16; real_ip_header X-Forwarded-For;',
    ),
    'real_ip_header X-Forwarded-For',
    /^lost: there is one/,
  ],
  [
    api('proxy_set_header Host a.jp; proxy_set_header Host b.jp;'),
    'proxy_set_header Host',
    /^lost: a header that is set twice: the first is kept/,
  ],
  [api('proxy_next_upstream error timeout;'), 'proxy_next_upstream', /^same/],
  [
    api('proxy_next_upstream error http_502 http_503;'),
    'proxy_next_upstream',
    /^look: .*which here the visitor gets/,
  ],
  [
    api('proxy_next_upstream off;', 'location = /b { proxy_pass http://b; }'),
    'location = /b',
    /^look: there is one REPLAY for all/,
  ],
  [api('proxy_next_upstream invalid_header;'), 'proxy_next_upstream', /^look/],
  [api('proxy_http_version 1.1;'), 'proxy_http_version', /^same/],
  [api('proxy_http_version 2;'), 'proxy_http_version', /^lost: .*Gatehouse speaks HTTP\/1\.1/],
  [api('proxy_http_version 1.1;', 'proxy_http_version 2;'), 'proxy_http_version 2', undefined],
  [api('proxy_next_upstream_tries 2;'), 'proxy_next_upstream_tries', /^look/],
  [
    api('proxy_connect_timeout 30s;', 'location /b/ { proxy_pass http://b; proxy_connect_timeout 60s; }'),
    'proxy_connect_timeout 30s',
    /^look: it is not taken over/,
  ],
  [
    api('proxy_connect_timeout 3s;', 'location /b/ { proxy_pass http://b; proxy_connect_timeout 60s; }'),
    'proxy_connect_timeout 60s',
    /^look: it is not taken over/,
  ],
  [api('', 'merge_slashes off;'), 'merge_slashes', /^look/],
  [api('', 'merge_slashes on;'), 'merge_slashes', /^same/],
  [api('', 'server_tokens off;'), 'server_tokens', /^look: .*the API's is passed on/],
  [
    `resolver 10.0.0.2; server { set $a a; location / { proxy_pass http://127.0.0.1:3000; } location /b/ { proxy_pass http://$a; }
     location /api/ { proxy_pass http://$a; resolver 10.0.0.3; } }`,
    'resolver 10.0.0.3',
    /^lost/,
  ],
]

for (const [conf, of, expected] of ROWS) {
  const title = conf.replace(/\s+/g, ' ').replace(/location \/ \{.*?\} /, '')
  test(`${of} is ${expected?.source ?? 'not spoken of'}: ${title}`, async () => {
    const reading = await read(conf)
    const [first, ...more] = said(reading, of)
    assert.deepEqual(more, [])
    if (expected) assert.match(first ?? '', expected)
    else assert.equal(first, undefined)
    if (expected?.source.startsWith('^lost')) assert.equal(isTakenOver(reading), false)
    readConfig(reading.env, { name: 'gatehouse.config.ts', content: reading.content })
  })
}

test('expires of the past is no-cache, and a header that is hidden and set is named once', async () => {
  const { config } = await read(
    api('expires -1; proxy_hide_header x-frame-options; add_header X-Frame-Options DENY always;'),
  )
  assert.match(
    config ?? '',
    /responseHeaders: \{ 'x-frame-options': 'DENY', 'Cache-Control': 'no-cache', Expires: '' \}/,
  )
})

test('what pages get of who asks is as Nginx said it, or it is lost', async () => {
  const reading = await read(
    'server { location / { proxy_pass http://127.0.0.1:3000; proxy_set_header X-Real-IP $http_cf_connecting_ip; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header Forwarded $http_forwarded; } location /api/ { proxy_pass http://a; } }',
  )
  assert.match(said(reading, 'proxy_set_header X-Real-IP').join(), /^lost/)
  assert.match(said(reading, 'proxy_set_header X-Forwarded-For').join(), /^same/)
  assert.match(said(reading, 'proxy_set_header Forwarded').join(), /^lost/)
})

for (const [header, names, kind] of [
  ['Host tenant-a.dev.jp', 'www.dev.jp', 'lost'],
  ['Host www.dev.jp', 'www.dev.jp', 'same'],
  ['Host www.dev.jp', 'www.dev.jp dev.jp', 'lost'],
  ['Host $server_name', 'www.dev.jp', 'same'],
  ['Host $server_name', 'www.dev.jp dev.jp', 'lost'],
  ['Host $http_host', 'www.dev.jp', 'same'],
  ['Host $host:$server_port', 'www.dev.jp', 'look'],
  ['Host $proxy_host', 'www.dev.jp', 'look'],
  ['Host 127.0.0.1:3000', 'www.dev.jp', 'look'],
  ['Host localhost:3000', 'www.dev.jp', 'look'],
  ['Host localhost', 'www.dev.jp', 'look'],
  ['Host localhost.dev.jp', 'www.dev.jp', 'lost'],
  ['X-Forwarded-Port 8443', 'www.dev.jp', 'lost'],
  ['X-Forwarded-Port $server_port', 'www.dev.jp', 'look'],
] as const) {
  test(`${header} for the pages of ${names} is ${kind}`, async () => {
    const reading = await read(
      `server { server_name ${names}; location / { proxy_pass http://127.0.0.1:3000; proxy_set_header ${header}; } location /api/ { proxy_pass http://a; } }`,
    )
    assert.ok(said(reading, 'proxy_set_header').join().startsWith(kind))
    assert.equal(isTakenOver(reading), kind !== 'lost')
  })
}

test('Strict-Transport-Security of the server is HSTS; where two locations differ, each has its own', async () => {
  const sts = (seconds: number) =>
    `add_header Strict-Transport-Security "max-age=${seconds}; includeSubDomains" always;`
  const reading = await read(api('', sts(60)))
  assert.equal(reading.env.HSTS, 'max-age=60; includeSubDomains')
  assert.doesNotMatch(reading.config ?? '', /Strict/)
  assert.equal(isTakenOver(reading), true)
  const differing = await read(api(sts(10), sts(60)))
  assert.equal(differing.env.HSTS, undefined)
  assert.match(differing.config ?? '', /'Strict-Transport-Security': 'max-age=10/)
})

test('Strict-Transport-Security of one location alone is not for the whole site; that of what / falls back to is', async () => {
  const sts = 'add_header Strict-Transport-Security "max-age=60";'
  const ofPage = await read(api('', `location /admin { ${sts} proxy_pass http://127.0.0.1:3000; }`))
  assert.equal(ofPage.env.HSTS, undefined)
  assert.match(said(ofPage, 'add_header Strict-Transport-Security').join(), /^lost: headers\(\)/)
  const ofApi = await read(api(sts))
  assert.equal(ofApi.env.HSTS, undefined)
  assert.match(ofApi.config ?? '', /'Strict-Transport-Security': 'max-age=60/)
  const named = await read(
    `server { location / { try_files $uri @next; } ${NEXT.replace('}', `${sts} }`)} location /api/ { proxy_pass http://a:8080; } }`,
  )
  assert.equal(named.env.HSTS, 'max-age=60')
})

test('headers() of what / falls back to is for every path', async () => {
  const { findings } = await read(
    `server { add_header X-A b; location / { try_files $uri @next; } ${NEXT} location /api/ { proxy_pass http://a:8080; } }`,
  )
  const sources = findings.flatMap(({ becomes }) => (becomes?.in === 'headers' ? becomes.source : []))
  assert.deepEqual(sources, ['/:path*'])
})
