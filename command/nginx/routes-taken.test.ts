import assert from 'node:assert/strict'
import { test } from 'node:test'
import { read } from '../../test/nginx.ts'
import { routesIn, testTaken } from '../../test/nginx-routes.ts'

testTaken([
  ['location /api/ { proxy_pass https://a.jp; }', ["path: '/api', to: 'https://a.jp'"]],
  ['location /api/ { proxy_pass https://a.jp/; }', ["path: '/api', to: 'https://a.jp/'"]],
  ['location /api/ { proxy_pass https://a.jp/v1/; }', ["path: '/api', to: 'https://a.jp/v1'"]],
  ['location /api { proxy_pass https://a.jp/v1; }', ["path: '/api', to: 'https://a.jp/v1'"]],
  [
    'location /api/ { rewrite ^/api/(.*)$ /$1 break; proxy_pass https://a.jp; }',
    ["path: '/api', to: 'https://a.jp/'"],
  ],
  [
    'location /api { rewrite ^/api/?(.*) /v1/$1 break; proxy_pass https://a.jp/; }',
    ["path: '/api', to: 'https://a.jp/v1'"],
  ],
  [
    'location /api { break; rewrite ^/api(/.*)$ $1 break; proxy_pass https://a.jp; }',
    ["path: '/api', to: 'https://a.jp'"],
  ],
  [
    'location /api { rewrite ^/api(/.*)$ $1 break; proxy_pass https://a.jp; }',
    ["path: '/api', to: 'https://a.jp/'"],
  ],
  [
    'location /api/ { set $a a.jp; rewrite ^/api/(.*)$ /$1 break; proxy_pass https://$a$request_uri; }',
    ["path: '/api', to: 'https://a.jp'"],
  ],
  [
    'location ^~ /api/ { rewrite ^/api(.*)$ $1 break; proxy_pass https://a.jp; }',
    ["path: '/api', to: 'https://a.jp/'"],
  ],
  [
    'location /up/ { try_files $uri @a; } location @a { proxy_pass https://a.jp; }',
    ["path: '/up', to: 'https://a.jp', except: ['= /up']"],
  ],
  [
    'root /srv; location /up { try_files /dev/null @a; proxy_read_timeout 9s; } location @a { proxy_pass https://a.jp; }',
    ["path: '/up', to: 'https://a.jp'"],
  ],
  [
    'location ~ ^/(api|open.json|.well-known)(/.*)?$ { rewrite ^/api(/.*)$ $1 break; proxy_pass https://a.jp; }',
    [
      "path: '/api', to: 'https://a.jp/'",
      "path: '/open.json', to: 'https://a.jp'",
      "path: '/.well-known', to: 'https://a.jp'",
    ],
  ],
  [
    'location /x { client_max_body_size 50m; return 404; location /x/y { try_files $uri @a; } } location @a { client_max_body_size 1m; proxy_pass https://a.jp; }',
    ["path: '/x/y', to: 'https://a.jp', maxBody: '50mb'"],
  ],
  [
    'location /api/up { rewrite ^/api/?(.*) /v1/$1 break; proxy_pass https://a.jp; }',
    ["path: '/api/up', to: 'https://a.jp/v1/up'"],
  ],
  [
    'location /api/up/ { rewrite ^/(.*)$ /v1/$1 break; proxy_pass https://a.jp; }',
    ["path: '/api/up', to: 'https://a.jp/v1/api/up'"],
  ],
  [
    `location /api { proxy_pass https://a.jp; } location /api/auth { proxy_pass http://127.0.0.1:3000; }`,
    ["path: '/api', to: 'https://a.jp', except: ['/api/auth']"],
  ],
  [
    'location /api/ { proxy_pass https://a.jp; } location /api/pay/ { proxy_pass https://pay.jp/; }',
    ["path: '/api', to: 'https://a.jp'", "path: '/api/pay', to: 'https://pay.jp/'"],
  ],
  [
    'location /api/ { proxy_pass https://a.jp/; } location /api/x/ { proxy_pass https://a.jp/x/; }',
    ["path: '/api', to: 'https://a.jp/'"],
  ],
  [
    'location /api/ { proxy_pass https://a.jp; location /api/old/ { return 301 /new; } }',
    ["path: '/api', to: 'https://a.jp', except: ['/api/old']"],
  ],
  [
    'location /auth/sign-in { proxy_pass https://a.jp/v1/login; }',
    ["path: '/auth/sign-in', to: 'https://a.jp/v1/login', kind: 'login'"],
  ],
  [
    'location /api/ { proxy_pass https://a.jp; proxy_read_timeout 86400; client_max_body_size 0; }',
    ["path: '/api', to: 'https://a.jp', timeout: '24h', maxBody: '1024gb'"],
  ],
  [
    'location /api/ { proxy_pass https://10.0.0.5; proxy_ssl_name api.dev.jp; proxy_set_header Host api.dev.jp; }',
    ["path: '/api', to: 'https://10.0.0.5', host: 'api.dev.jp', serverName: 'api.dev.jp'"],
  ],
  [
    'location /api/ { proxy_pass https://a.jp; } location /api/x/ { proxy_pass https://a.jp; } location /api/x/y/ { proxy_pass http://127.0.0.1:3000; }',
    ["path: '/api', to: 'https://a.jp'", "path: '/api/x', to: 'https://a.jp', except: ['/api/x/y']"],
  ],
  [
    'location /api/ { proxy_pass https://a.jp; } location /api/docs/ { proxy_pass http://127.0.0.1:3000; } location /api/docs/raw/ { proxy_pass https://a.jp; }',
    ["path: '/api', to: 'https://a.jp', except: ['/api/docs']", "path: '/api/docs/raw', to: 'https://a.jp'"],
  ],
  [
    `location /api/ { proxy_pass https://a.jp; add_header Content-Security-Policy "default-src 'none';\n    img-src *;\n  " always; add_header ETag ""; }`,
    [
      "path: '/api', to: 'https://a.jp', responseHeaders: { 'Content-Security-Policy': 'default-src \\'none\\'; img-src *;', ETag: '' }",
    ],
  ],
  [
    `location /api/ { proxy_pass https://a.jp; proxy_set_header X-Tenant "it's"; proxy_hide_header Server; add_header X-B c always; }`,
    [
      "path: '/api', to: 'https://a.jp', headers: { 'X-Tenant': 'it\\'s' }, responseHeaders: { Server: '', 'X-B': 'c' }",
    ],
  ],
])

test('where / is the API, --pages or loopback says where the pages are, and they are its exceptions', async () => {
  const conf = `server { location / { proxy_pass https://api.dev.jp; }
    location /app { proxy_pass http://127.0.0.1:3000; } location /_next/ { proxy_pass http://127.0.0.1:3000; } }`
  const { config, missing } = await read(conf)
  assert.deepEqual(routesIn(config), ["path: '/', to: 'https://api.dev.jp', except: ['/app']"])
  assert.deepEqual(missing, [])
})
