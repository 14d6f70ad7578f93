import assert from 'node:assert/strict'
import { test } from 'node:test'
import { read, said, server } from '../../test/nginx.ts'

const NEXT = 'location / { proxy_pass http://127.0.0.1:3000; }'

/** The lines of each route that is printed, `path: '/api', to: 'https://api.dev.jp'`. */
const routesIn = (config = '') =>
  [...config.matchAll(/^ {4}\{\n(.*?)^ {4}\},\n/gms)].map(([, lines = '']) =>
    lines
      .split('\n')
      .map(line => line.trim().replace(/,$/, ''))
      .filter(line => line !== '' && line !== 'upgrade: false')
      .join(', '),
  )

const TAKEN: [locations: string, routes: string[]][] = [
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
    'location ~ ^/(v1|v2)/ { proxy_pass https://a.jp; }',
    [
      "path: '/v1', to: 'https://a.jp', except: ['= /v1']",
      "path: '/v2', to: 'https://a.jp', except: ['= /v2']",
    ],
  ],
  ['location ~ ^/api/v1(/|$) { proxy_pass https://a.jp; }', ["path: '/api/v1', to: 'https://a.jp'"]],
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
    'location ^~ /api/ { rewrite ^/api(.*)$ $1 break; proxy_pass https://a.jp; }',
    ["path: '/api', to: 'https://a.jp/'"],
  ],
  [
    'location = /api/auth/me { rewrite ^/api(.*)$ $1 break; proxy_pass https://a.jp; }',
    ["path: '= /api/auth/me', to: 'https://a.jp/auth/me'"],
  ],
  [
    'location ~ ^/(socket\\.io|hooks/in|\\.well-known/est)(/|$) { proxy_pass https://a.jp; }',
    ['/socket.io', '/hooks/in', '/.well-known/est'].map(path => `path: '${path}', to: 'https://a.jp'`),
  ],
  [
    'location /up/ { try_files $uri @a; } location @a { proxy_pass https://a.jp; }',
    ["path: '/up', to: 'https://a.jp', except: ['= /up']"],
  ],
  [
    'location /x { client_max_body_size 50m; return 404; location /x/y { try_files $uri @a; } } location @a { client_max_body_size 1m; proxy_pass https://a.jp; }',
    ["path: '/x/y', to: 'https://a.jp', maxBody: '50mb'"],
  ],
  [
    'location ~ ^/(docs|openapi.json) { proxy_pass https://a.jp; }',
    ['/docs', '/openapi.json'].map(path => `path: '${path}', to: 'https://a.jp'`),
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
    'location ~ ^/user/(me|logout)$ { proxy_pass https://a.jp; } location /user/me/x { proxy_pass https://b.jp; }',
    [
      "path: '= /user/me', to: 'https://a.jp'",
      "path: '= /user/logout', to: 'https://a.jp'",
      "path: '/user/me/x', to: 'https://b.jp'",
    ],
  ],
  ['location = /user/login { proxy_pass https://a.jp; }', ["path: '= /user/login', to: 'https://a.jp'"]],
  ['location =/api/up { proxy_pass https://a.jp/v1/up; }', ["path: '= /api/up', to: 'https://a.jp/v1/up'"]],
  [
    'location = /user/login/ { proxy_pass https://a.jp; } location /user/ { proxy_pass https://a.jp; }',
    ["path: '= /user/login/', to: 'https://a.jp'", "path: '/user', to: 'https://a.jp'"],
  ],
  ['location = /in/ { proxy_pass https://a.jp/; }', ["path: '= /in/', to: 'https://a.jp/'"]],
  [
    'location = /login { rewrite ^/login$ /user/login break; proxy_pass https://a.jp; }',
    ["path: '= /login', to: 'https://a.jp/user/login', kind: 'login'"],
  ],
  [
    'location = /up { set $a a.jp; proxy_pass https://$a/v1/up$is_args$args; }',
    ["path: '= /up', to: 'https://a.jp/v1/up'"],
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
    'location /api/ { proxy_pass https://a.jp; } location = /api/up { proxy_pass https://b.jp; } location = /api { proxy_pass https://a.jp; }',
    ["path: '/api', to: 'https://a.jp'", "path: '= /api/up', to: 'https://b.jp'"],
  ],
  [
    'location /api/ { proxy_pass https://a.jp; } location = /api { proxy_pass http://127.0.0.1:3000; } location = /api/docs { return 301 /docs; }',
    ["path: '/api', to: 'https://a.jp', except: ['= /api', '= /api/docs']"],
  ],
  [
    'location /api/ { proxy_pass https://a.jp; } location /api/x/ { proxy_pass https://a.jp; } location /api/x/y/ { proxy_pass http://127.0.0.1:3000; }',
    ["path: '/api', to: 'https://a.jp'", "path: '/api/x', to: 'https://a.jp', except: ['/api/x/y']"],
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
    'location /api/ { proxy_pass https://a.jp; } location /api/docs/ { proxy_pass http://127.0.0.1:3000; } location /api/docs/raw/ { proxy_pass https://a.jp; }',
    ["path: '/api', to: 'https://a.jp', except: ['/api/docs']", "path: '/api/docs/raw', to: 'https://a.jp'"],
  ],
  [
    'location /api/ { proxy_pass https://a.jp; } location /api/in/ { deny all; } location = /api/in { proxy_pass https://a.jp; }',
    ["path: '/api', to: 'https://a.jp', except: ['/api/in']", "path: '= /api/in', to: 'https://a.jp'"],
  ],
  [
    'location ~ ^/api/ { proxy_pass https://a.jp; } location = /api/metrics { deny all; }',
    ["path: '/api', to: 'https://a.jp', except: ['= /api/metrics', '= /api']"],
  ],
  [
    'location /api/ { proxy_pass https://a.jp; } location = /api/metrics { deny all; } location /api/admin/ { allow 10.0.0.0/8; deny all; proxy_pass https://a.jp; }',
    ["path: '/api', to: 'https://a.jp', except: ['= /api/metrics', '/api/admin']"],
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
]
for (const [locations, routes] of TAKEN) {
  test(`${locations} becomes ${routes.join(' and ')}`, async () => {
    const { config, missing } = await read(`server { ${NEXT} ${locations} }`)
    assert.deepEqual([routesIn(config), missing], [routes, []])
  })
}

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

const TWIN = /lost: \/api is a route already, of location \/api\/,/
const LOST: [locations: string, remark: RegExp][] = [
  ['location ~* ^/(api|auth)/ { proxy_pass https://a.jp; }', /lost: \/API, which Nginx sent .* is a page/],
  ['location /api { proxy_pass https://a.jp/; }', /lost: Nginx sent \/api\/x as \/\/x/],
  [
    'location ~ ^/api { proxy_pass https://a.jp; } location /api-v2/ { proxy_pass https://b.jp; }',
    /lost: Nginx gave \/api-v2\/ to location ~ \^\/api; here it is a page/,
  ],
  [
    'location ~ ^/(api|x)/ { proxy_pass http://127.0.0.1:3000; } location ^~ /api/y/ { proxy_pass https://a.jp; } location /api/y { proxy_pass https://b.jp; }',
    /lost: Nginx gave \/api\/y to location ~ \^\/\(api\|x\)\/; here it belongs to the route \/api\/y/,
  ],
  [
    'location /api/ { proxy_pass https://a.jp; } location ~ /\\.well-known/ { proxy_pass http://127.0.0.1:3000; }',
    /lost: it is below the route \/api/,
  ],
  [
    'location ^~ /api/x/y/ { proxy_pass https://a.jp; location ~ ^/api/ { proxy_pass https://b.jp; } }',
    /lost: it cannot be taken over: a regular expression/,
  ],
  [
    'location /api/ { proxy_pass https://a.jp; } location ~ ^/api/x\\d { proxy_pass http://127.0.0.1:3000; }',
    /lost: it is below the route \/api/,
  ],
  ['location /api { proxy_pass https://b.jp; } location /api/ { proxy_pass https://a.jp; }', TWIN],
  ['location /api/ { proxy_pass https://a.jp; } location /api { proxy_pass https://b.jp; }', TWIN],
  [
    'location /api/ { proxy_pass https://a.jp; } location ~* \\.(png|json)$ { proxy_pass http://127.0.0.1:3000; }',
    /lost: it is below the route \/api/,
  ],
  [
    'location /api/ { proxy_pass https://a.jp; } location ~* \\.png$ { try_files $uri @next; } location @next { proxy_pass http://127.0.0.1:3000; }',
    /lost: it is below the route \/api/,
  ],
]
for (const [locations, remark] of LOST) {
  test(`${locations}: what differs is lost`, async () => {
    assert.match(said(await read(`server { ${NEXT} ${locations} }`), 'location').join('\n'), remark)
  })
}

test('what leads somewhere that cannot be told stays with the pages, and goes to no other API', async () => {
  const { config } = await read(
    server('location /api/ { proxy_pass https://a.jp; } location /api/pay/ { proxy_pass https://$pay; }'),
  )
  assert.match(config ?? '', /except: \['\/api\/pay'\]/)
})

test('where / is the API, --pages or loopback says where the pages are, and they are its exceptions', async () => {
  const conf = `server { location / { proxy_pass https://api.dev.jp; }
    location /app { proxy_pass http://127.0.0.1:3000; } location /_next/ { proxy_pass http://127.0.0.1:3000; } }`
  const { config, missing } = await read(conf)
  assert.deepEqual(routesIn(config), ["path: '/', to: 'https://api.dev.jp', except: ['/app']"])
  assert.deepEqual(missing, [])
})

test('a location that cannot be taken over beside one that can is missing, too', async () => {
  const reading = await read(server('location ~ ^/user/(me|logout)x? { proxy_pass https://api.dev.jp; }'))
  assert.equal(reading.env.BACKEND_PATHS, '/user/login')
  assert.deepEqual(reading.missing, ['set BACKEND_PATHS by hand for location ~ ^/user/(me|logout)x?'])
  // beside the file BACKEND_PATHS is a mistake
  const { missing } = await read(
    server(
      'location /api/ { proxy_pass https://a.jp/v1/; } location ~ ^/v[12]/ { proxy_pass https://a.jp; }',
    ),
  )
  assert.match(
    missing.join(),
    /^no route is printed for location ~ \^\/v\[12\]\/: .*gatehouse\.config\.ts by hand$/,
  )
})

test('where a variable is not set in the file, or by a map, it is said which', async () => {
  const reading = await read(
    'map $cookie_v $nowhere { default a.jp; } server { location /user/login { proxy_pass https://$nowhere/user/login; } }',
  )
  assert.match(said(reading, 'location').join(), /\$nowhere has no fixed value here/)
  assert.match(reading.missing.join(), /no location was found/)
})

test('without a file the environment is what comes nearest, and it is said what a file would have', async () => {
  const conf = server(
    `location /api/ { proxy_pass https://api.dev.jp; proxy_set_header X-Tenant a; }
     location /pay { proxy_pass https://pay.dev.jp; }`,
    'proxy_read_timeout 20s;',
  )
  const reading = await read(conf, { inEnvironment: true })
  assert.equal(reading.config, undefined)
  assert.deepEqual(
    [reading.env.BACKEND_ORIGIN, reading.env.BACKEND_PATHS, reading.env.BACKEND_TIMEOUT],
    ['https://api.dev.jp', '/user/login,/api', '20s'],
  )
  assert.match(said(reading, 'location /api').join(), /lost: its headers.*need gatehouse\.config\.ts/)
  assert.match(said(reading, 'location /pay').join(), /lost: it needs a route in gatehouse\.config\.ts/)
  assert.match(reading.missing.join(), /by hand for location \/pay/)
  const exact = await read(`server { ${NEXT} location = /user/login { proxy_pass https://a.jp; } }`, {
    inEnvironment: true,
  })
  assert.equal(exact.env.BACKEND_PATHS, '/user/login')
  assert.match(said(exact, 'location = /user/login').join(), /lost: what is below \/user\/login\/ goes/)
})

test('of what a path without a slash took beside it is said where it goes: to the pages, or to another route', async () => {
  const reading = await read(
    `server { ${NEXT} location /api/ { proxy_pass https://a.jp; } location ~ ^/api/(me|auth) { proxy_pass https://a.jp; }
      location /api/pay { proxy_pass https://b.jp; } location /v1 { proxy_pass https://a.jp; } }`,
  )
  assert.deepEqual(said(reading, 'location ~'), [])
  assert.match(said(reading, 'location /api/pay').join(), /look: \/api\/payX, .* by the route \/api:/)
  assert.match(said(reading, 'location /v1').join(), /look: \/v1X, .* is a page/)
})

test('without a file nothing says an exception, and what is guarded below a path closes all of it', async () => {
  const reading = await read(
    server('location /api/ { proxy_pass https://api.dev.jp; } location = /api/metrics { deny all; }'),
    { inEnvironment: true },
  )
  assert.equal(reading.env.BACKEND_PATHS, '/user/login')
  for (const guard of ['location /x/ { deny all; }', 'location ~ ^/x/.*\\.php$ { deny all; }']) {
    const { env } = await read(server(`location = /x { proxy_pass https://api.dev.jp; } ${guard}`), {
      inEnvironment: true,
    })
    assert.equal(env.BACKEND_PATHS, '/user/login', guard)
  }
})

test('another way to a login is refused here, and that is said', async () => {
  const reading = await read(server('location /api/ { proxy_pass https://api.dev.jp/; }'))
  assert.match(said(reading, 'location /api').join(), /look: \/api\/user\/login gets 400/)
})

test('an API may take an exact login with a slash behind it for the login: it is said that this is refused', async () => {
  const reading = await read(
    `server { ${NEXT} location = /user/login { proxy_pass https://a.jp; } location /user/ { proxy_pass https://a.jp; } }`,
  )
  assert.match(said(reading, 'location = /user/login').join(), /look: \/user\/login\/ and .* get 400/)
  assert.deepEqual(reading.missing, [])
})

test('an upstream with a Unix socket is no origin', async () => {
  const reading = await read(
    `upstream app { server unix:/run/app.sock; } server { ${NEXT} location /api/ { proxy_pass http://app; } }`,
  )
  assert.equal(reading.config, undefined)
  assert.match(said(reading, 'location /api').join(), /lost: it cannot be told where it leads: a Unix socket/)
})
