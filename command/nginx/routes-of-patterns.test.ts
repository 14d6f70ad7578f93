import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NEXT, read, said } from '../../test/nginx.ts'
import { routesIn, testTaken } from '../../test/nginx-routes.ts'

testTaken([
  [
    'location ~ ^/(v1|v2)/ { proxy_pass https://a.jp; }',
    [
      "path: '/v1', to: 'https://a.jp', except: ['= /v1']",
      "path: '/v2', to: 'https://a.jp', except: ['= /v2']",
    ],
  ],
  ['location ~ ^/api/v1(/|$) { proxy_pass https://a.jp; }', ["path: '/api/v1', to: 'https://a.jp'"]],
  ['location ~ ^/api(?:/(.*))?$ { proxy_pass https://a.jp; }', ["path: '/api', to: 'https://a.jp'"]],
  ['location ~ ^/api($|/) { proxy_pass https://a.jp; }', ["path: '/api', to: 'https://a.jp'"]],
  ['location ~ ^/api.* { proxy_pass https://a.jp; }', ["path: '/api', to: 'https://a.jp'"]],
  [
    'location ~ ^/ws/(chat|feed)(.*)$ { proxy_pass https://a.jp; }',
    ["path: '/ws/chat', to: 'https://a.jp'", "path: '/ws/feed', to: 'https://a.jp'"],
  ],
  [
    'location ~ ^/api(.*)$ { proxy_pass https://a.jp/v1$1$is_args$args; }',
    ["path: '/api', to: 'https://a.jp/v1'"],
  ],
  [
    'location ~ ^/api(/.*)$ { proxy_pass https://a.jp$1$is_args$args; }',
    ["path: '/api', to: 'https://a.jp/', except: ['= /api']"],
  ],
  [
    'location ~ ^/api/(.*)$ { set $a a.jp; proxy_pass https://$a/v1/$1$is_args$args; }',
    ["path: '/api', to: 'https://a.jp/v1', except: ['= /api']"],
  ],
  [
    'location ~ ^/api/(.*) { proxy_pass http://127.0.0.1:5000/$1; }',
    ["path: '/api', to: 'http://127.0.0.1:5000/', except: ['= /api']"],
  ],
  [
    'location ~ ^/api/(?<rest>.*)$ { set $a a.jp; proxy_pass https://$a/v1/$rest$is_args$args; }',
    ["path: '/api', to: 'https://a.jp/v1', except: ['= /api']"],
  ],
  [
    'location ~ ^/api/ { rewrite ^/api/(.*)$ /v1/$1 break; proxy_pass https://a.jp; }',
    ["path: '/api', to: 'https://a.jp/v1', except: ['= /api']"],
  ],
  [
    'location ~ ^/(socket\\.io|hooks/in|\\.well-known/est)(/|$) { proxy_pass https://a.jp; }',
    ['/socket.io', '/hooks/in', '/.well-known/est'].map(path => `path: '${path}', to: 'https://a.jp'`),
  ],
  [
    'location ~ ^/(docs|openapi.json) { proxy_pass https://a.jp; }',
    ['/docs', '/openapi.json'].map(path => `path: '${path}', to: 'https://a.jp'`),
  ],
  [
    'location /api/ { proxy_pass https://a.jp; } location /x/ { root /x; location ~ \\.php$ { return 404; } }',
    ["path: '/api', to: 'https://a.jp'"],
  ],
  [
    'location ~ ^/v(1|2)/(.*)$ { proxy_pass https://a.jp; }',
    [
      "path: '/v1', to: 'https://a.jp', except: ['= /v1']",
      "path: '/v2', to: 'https://a.jp', except: ['= /v2']",
    ],
  ],
  [
    'location /api/pub/ { proxy_pass https://a.jp; } location ~ ^/api/(?!pub/) { deny all; }',
    ["path: '/api/pub', to: 'https://a.jp'"],
  ],
  [
    'location ~ ^/admin/ { proxy_pass https://a.jp; } location /admin { proxy_pass http://127.0.0.1:3000; }',
    ["path: '/admin', to: 'https://a.jp', except: ['= /admin']"],
  ],
  [
    'location ~ ^/api/ { proxy_pass https://a.jp; } location /api { proxy_pass https://a.jp; }',
    ["path: '/api', to: 'https://a.jp'"],
  ],
  [
    'location /api { proxy_pass https://a.jp/v1; } location ~ ^/api/(x|y)/ { proxy_pass https://b.jp; }',
    [
      "path: '/api', to: 'https://a.jp/v1'",
      "path: '/api/x', to: 'https://b.jp'",
      "path: '/api/y', to: 'https://b.jp'",
      "path: '= /api/x', to: 'https://a.jp/v1/x'",
      "path: '= /api/y', to: 'https://a.jp/v1/y'",
    ],
  ],
  [
    'location ~ ^/up$ { rewrite ^ /v1/up break; proxy_pass https://a.jp; }',
    ["path: '= /up', to: 'https://a.jp/v1/up'"],
  ],
  [
    'location ~ ^/api/ { proxy_pass https://a.jp; } location ~ ^/api/v2/ { proxy_pass https://b.jp; }',
    ["path: '/api', to: 'https://a.jp', except: ['= /api']"],
  ],
  [
    'location ~ ^/api/v2/ { proxy_pass https://b.jp; } location ~ ^/api/ { proxy_pass https://a.jp; }',
    [
      "path: '/api/v2', to: 'https://b.jp'",
      "path: '/api', to: 'https://a.jp', except: ['= /api']",
      "path: '= /api/v2', to: 'https://a.jp'",
    ],
  ],
  [
    'location ^~ /api/ { proxy_pass https://a.jp; } location ~ ^/api/x/ { proxy_pass https://b.jp; }',
    ["path: '/api', to: 'https://a.jp'"],
  ],
  [
    'location ~ ^/api/ { proxy_pass https://a.jp; } location ~ ^/(api|y)/ { proxy_pass https://b.jp; }',
    [
      "path: '/api', to: 'https://a.jp', except: ['= /api']",
      "path: '/y', to: 'https://b.jp', except: ['= /y']",
    ],
  ],
  [
    'location ~ ^/api/(a|x)/ { proxy_pass https://a.jp; } location ~ ^/api/a$ { proxy_pass https://a.jp; }',
    ["path: '/api/a', to: 'https://a.jp'", "path: '/api/x', to: 'https://a.jp', except: ['= /api/x']"],
  ],
  [
    'location /api/ { proxy_pass https://a.jp; } location /api/x/ { deny all; } location ~ ^/api/x/a/ { proxy_pass https://b.jp; }',
    [
      "path: '/api', to: 'https://a.jp', except: ['/api/x']",
      "path: '/api/x/a', to: 'https://b.jp', except: ['= /api/x/a']",
    ],
  ],
  [
    'location ~ ^/user/(me|logout)$ { proxy_pass https://a.jp; } location /user/me/x { proxy_pass https://b.jp; }',
    [
      "path: '= /user/me', to: 'https://a.jp'",
      "path: '= /user/logout', to: 'https://a.jp'",
      "path: '/user/me/x', to: 'https://b.jp'",
    ],
  ],
  [
    'location ^~ /api/ { proxy_pass https://a.jp; } location ~ ^/api/docs { proxy_pass http://127.0.0.1:3000; }',
    ["path: '/api', to: 'https://a.jp'"],
  ],
  [
    'location /api/ { proxy_pass https://a.jp; } location ~ ^/api/(docs|help/me)(/|$) { proxy_pass http://127.0.0.1:3000; }',
    ["path: '/api', to: 'https://a.jp', except: ['/api/docs', '/api/help/me']"],
  ],
  [
    'location /api/ { proxy_pass https://a.jp; } location /api/docs/x { proxy_pass https://b.jp; } location ~ ^/api/docs { proxy_pass http://127.0.0.1:3000; }',
    ["path: '/api', to: 'https://a.jp', except: ['/api/docs']"],
  ],
  [
    'location ~ ^/(api|v1)/ { proxy_pass https://a.jp; } location ~ ^/api/me$ { proxy_pass http://127.0.0.1:3000; }',
    [
      "path: '/api', to: 'https://a.jp', except: ['= /api']",
      "path: '/v1', to: 'https://a.jp', except: ['= /v1']",
    ],
  ],
  [
    'location ~ ^/(a|b)/ { proxy_pass http://127.0.0.1:3000; } location ~ ^/(b|c)/ { proxy_pass http://127.0.0.1:3000; } location /v2/ { proxy_pass https://a.jp; }',
    ["path: '/v2', to: 'https://a.jp'"],
  ],
  [
    'location ~ ^/api/ { proxy_pass http://127.0.0.1:3000; } location ~ ^/api/v1/ { proxy_pass https://b.jp; } location /v2/ { proxy_pass https://a.jp; }',
    ["path: '/v2', to: 'https://a.jp'"],
  ],
  [
    'location ~* ^/api/ { proxy_pass https://a.jp; } location /api/x/ { proxy_pass https://b.jp; } location ~ ^/api/y/ { proxy_pass https://b.jp; }',
    ["path: '/api', to: 'https://a.jp', except: ['= /api']"],
  ],
  [
    'location ~ ^/api/ { proxy_pass https://a.jp; } location = /api/metrics { deny all; }',
    ["path: '/api', to: 'https://a.jp', except: ['= /api/metrics', '= /api']"],
  ],
])

test('a prefix below a regular expression got no request from Nginx, and gets none here', async () => {
  const reading = await read(
    `server { ${NEXT} location /api/auth/ { proxy_pass http://127.0.0.1:3000; } location /api/x/ { proxy_pass https://b.jp; }
      location ~ ^/(api|admin)/ { proxy_pass https://a.jp; } }`,
  )
  assert.deepEqual(routesIn(reading.config), [
    "path: '/api', to: 'https://a.jp', except: ['= /api']",
    "path: '/admin', to: 'https://a.jp', except: ['= /admin']",
  ])
  assert.match(said(reading, 'location /api/auth/').join(), /look: no request came here/)
})

test('a pattern that asks for more behind the slash is a route, and the path with the slash alone is said to belong to it', async () => {
  const conf = (more: string) =>
    `server { listen 80; ${more} location ~ ^/(api|hooks)/.+$ { proxy_pass https://a.jp; } }`
  const reading = await read(conf(NEXT))
  assert.deepEqual(
    routesIn(reading.config),
    ['/api', '/hooks'].map(path => `path: '${path}', to: 'https://a.jp', except: ['= ${path}']`),
  )
  assert.match(said(reading, 'location ~').join(), /lost: Nginx gave \/api\/ to location \/; here it belongs/)
  const { config } = await read(conf('location / { deny all; proxy_pass http://127.0.0.1:3000; }'))
  assert.equal(config, undefined)
})
