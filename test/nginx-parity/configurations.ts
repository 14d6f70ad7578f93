import type { Backends } from './backends.ts'
import { announce, ask, type Request, socketAt } from './requests.ts'

/** A configuration that is to be taken over whole, and what is asked of it beside what every API and page is asked. */
export type Configuration = {
  readonly name: string
  /** what stands in `http`; `PORT` is where it listens */
  readonly conf: (at: Backends) => string
  /** paths of APIs, which get all requests of `ofApi` */
  readonly apis: readonly string[]
  /** more requests */
  readonly more?: readonly Request[]
  readonly pages?: (at: Backends) => string
  readonly publicOrigins?: readonly string[]
  /** what a person puts into the environment: secrets are not printed */
  readonly secrets?: Readonly<Record<string, string>>
  /** nothing of the pages is left at / */
  readonly isCatchAll?: true
}

const FORWARDED = `proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;`
const SOCKET = `proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";`
const MAP = `map $http_upgrade $connection_upgrade { default upgrade; '' close; }`

/** A server with the pages at /. */
const site =
  (locations: Configuration['conf'], more = ''): Configuration['conf'] =>
  at =>
    `
  ${more}
  server {
    listen PORT;
    server_name www.dev.jp;
    location / { proxy_pass http://${at.pages}; proxy_set_header Host $host; ${FORWARDED} }
    ${locations(at)}
  }`

/** As the image of Nginx has it in /etc/nginx/templates/. */
const TEMPLATE = `location \${PREFIX}/ { proxy_pass http://\${API}/; client_max_body_size \${LIMIT}; }`

const MB = 1024 ** 2
/** A query that is told apart from `ofApi`'s. */
const get = (target: string, headers: readonly string[] = []) => ask('GET', target, headers)

export const CONFIGURATIONS: readonly Configuration[] = [
  {
    name: 'a login alone, as in the story',
    conf: site(at => `location /user/login { proxy_pass http://${at.api}/user/login; }`),
    apis: ['/user/login'],
    more: [announce('/user/login', 2 * MB), get('/user'), get('/user/login?x')],
  },
  {
    name: 'a login with its name in a variable, and the query put back by hand',
    conf: site(
      at => `location = /user/login { set $api ${at.api}; proxy_pass http://$api/user/login$is_args$args; ${FORWARDED} }
       location /user/session { set $api ${at.api}; proxy_pass http://$api/user/session$is_args$args; }
       location /user/ { set $api ${at.api}; proxy_pass http://$api; ${FORWARDED} }`,
    ),
    apis: ['/user'],
    more: [
      ...['/user/session', '/user/session?a=1', '/user/session/x?a=1'].map(each => get(each)),
      get('/user/login'),
      get('/user/login?a=1&b'),
      ask('POST', '/user/login', [], 'a=b'),
    ],
  },
  {
    name: 'an API below /api/, its own paths, X-Forwarded-*',
    conf: site(at => `location /api/ { proxy_pass http://${at.api}; ${FORWARDED} }`),
    apis: ['/api'],
    more: [get('/apis'), get('/ap'), get('/api'), get('/%61pi/x'), get('/caf%C3%A9?a=%2Fapi%2Fx')],
  },
  {
    name: 'Host kept, WebSocket, 100 MB, an hour of silence',
    conf: site(
      at => `location /api/ {
         proxy_pass http://${at.api};
         proxy_set_header Host $host;
         ${SOCKET} ${FORWARDED}
         proxy_read_timeout 3600s;
         client_max_body_size 100m;
       }`,
    ),
    apis: ['/api'],
    more: [announce('/api/upload', 101 * MB), ask('POST', '/api/upload', [], 'x'.repeat(3 * MB))],
  },
  {
    name: 'Host kept, a prefix stripped, WebSocket, 100 MB',
    conf: site(
      at => `location /api/ {
         proxy_pass http://${at.api}/;
         proxy_set_header Host $http_host;
         ${SOCKET} ${FORWARDED}
         client_max_body_size 100m;
       }`,
    ),
    apis: ['/api'],
    more: [
      ask('POST', '/api/upload', [], 'x'.repeat(2 * MB)),
      get(`/api/items?status=302&location=/items/7`),
      announce('/api/upload', 101 * MB),
    ],
  },
  {
    name: 'a prefix that is another one at the API',
    conf: site(at => `location /api/ { proxy_pass http://${at.api}/v1/; proxy_set_header Host $host; }`),
    apis: ['/api', '/api/deep/er'],
  },
  {
    name: 'a prefix stripped by a rewrite',
    conf: site(
      at =>
        `location /api/ { rewrite ^/api/(.*)$ /$1 break; proxy_pass http://${at.api}; proxy_set_header Host $host; }
       location /api/up/ { rewrite ^/api/(.*)$ /$1 break; proxy_pass http://${at.api}; proxy_set_header Host $host; client_max_body_size 8m; }`,
    ),
    apis: ['/api', '/api/up'],
  },
  {
    name: 'a prefix replaced by a rewrite with the slash in the group, behind an upstream',
    conf: at =>
      site(
        () =>
          `location /backend { rewrite ^/backend(/.*)$ /api/v2$1 break; proxy_pass http://app; proxy_set_header Host $host; ${FORWARDED} }`,
        `upstream app { server ${at.api}; keepalive 16; }`,
      )(at),
    apis: ['/backend'],
  },
  {
    name: 'three APIs, each with its own rules',
    conf: site(
      at => `location /user/login { proxy_pass http://${at.api}; proxy_read_timeout 30s; client_max_body_size 64k; }
       location /raw/ { proxy_pass http://${at.api}/; }
       location /reports/ { proxy_pass http://${at.reports}/; proxy_read_timeout 300s; }
       location /socket.io/ { proxy_pass http://${at.realtime}; ${SOCKET} proxy_set_header Host $host; proxy_read_timeout 86400; }`,
    ),
    apis: ['/user/login', '/raw', '/reports', '/socket.io'],
    more: [
      announce('/user/login', 100_000),
      get('/raw/user/login'),
      announce('/reports/x', 2 * MB),
      socketAt('/socket.io/?EIO=4&transport=websocket'),
    ],
  },
  {
    name: 'an API below another API, at another origin',
    conf: site(
      at => `location /api/ { proxy_pass http://${at.api}; }
       location /api/reports/ { proxy_pass http://${at.reports}/; }`,
    ),
    apis: ['/api', '/api/reports'],
    more: [get('/api/reporting')],
  },
  {
    name: 'pages of NextAuth below the path of the API',
    conf: site(
      at => `location /api/ { proxy_pass http://${at.api}; ${FORWARDED} }
       location /api/auth/ { proxy_pass http://${at.pages}; proxy_set_header Host $host; }`,
    ),
    apis: ['/api'],
    more: [
      get('/api/auth/session'),
      ask('POST', '/api/auth/callback/credentials', [], 'a=1'),
      get('/api/auth/providers?x'),
      get('/api/author'),
    ],
  },
  {
    name: 'two exceptions below a stripped prefix, one of them an API again',
    conf: site(
      at => `location /v1/ { proxy_pass http://${at.api}/; }
       location /v1/help/ { proxy_pass http://${at.pages}; }
       location /v1/help/search/ { proxy_pass http://${at.reports}; }`,
    ),
    apis: ['/v1', '/v1/help/search'],
    more: [get('/v1/help/a'), get('/v1/help/a/b?c'), get('/v1/helpful')],
  },
  {
    name: 'an API that takes all but the pages',
    conf: at => `server {
      listen PORT;
      server_name www.dev.jp;
      client_max_body_size 20m;
      location / { proxy_pass http://${at.api}; proxy_set_header Host $host; ${FORWARDED} }
      location /app/ { proxy_pass http://${at.pages}; }
      location /_next/ { proxy_pass http://${at.pages}; }
    }`,
    pages: at => `http://${at.pages}`,
    isCatchAll: true,
    apis: ['', '/anything'],
    more: [
      get('/app/'),
      get('/app/cart?x'),
      get('/_next/static/a.js'),
      get('/apple'),
      announce('/upload', 21 * MB),
    ],
  },
  {
    name: 'own request headers: a tenant, an empty one, one of the client passed on',
    conf: site(
      at => `location /api/ {
         proxy_pass http://${at.api};
         proxy_set_header Host $host;
         proxy_set_header X-Tenant dev-jp;
         proxy_set_header X-NginX-Proxy true;
         proxy_set_header Accept-Encoding "";
         proxy_set_header Cookie $http_cookie;
         proxy_set_header Authorization $http_authorization;
       }`,
    ),
    apis: ['/api'],
    more: [get('/api/x', ['X-Tenant: forged', 'x-nginx-proxy: no'])],
  },
  {
    name: 'a secret that the API wants to see',
    conf: site(
      at =>
        `location /api/ { proxy_pass http://${at.api}; proxy_set_header X-Api-Key "k-1 2"; proxy_set_header Authorization "Basic YTpi"; }`,
    ),
    secrets: { X_API_KEY: 'k-1 2', AUTHORIZATION: 'Basic YTpi' },
    apis: ['/api'],
    more: [get('/api/x', ['X-Api-Key: forged'])],
  },
  {
    name: 'response headers and CORS of an API, and one of its own hidden',
    conf: site(
      at => `location /api/ {
         proxy_pass http://${at.api};
         add_header Access-Control-Allow-Origin "https://app.dev.jp" always;
         add_header Access-Control-Allow-Credentials true always;
         add_header X-Content-Type-Options nosniff always;
         add_header Set-Cookie "region=jp; Path=/" always;
         add_header Vary Origin always;
         add_header X-Robots-Tag "";
         proxy_hide_header X-Powered-By;
       }
       location /plain/ { proxy_pass http://${at.reports}; add_header X-Frame-Options DENY; add_header X-Powered-By gateway always; }`,
    ),
    apis: ['/api', '/plain'],
  },
  {
    name: "a fixed Host, as a private ALB's rule wants it",
    conf: site(
      at => `location /api/ { proxy_pass http://${at.api}; proxy_set_header Host api.dev.jp; ${FORWARDED} }`,
    ),
    apis: ['/api'],
  },
  {
    name: "the upstream's name as Host, since nobody said another",
    conf: at =>
      site(
        () => `location /api/ { proxy_pass http://api_pool; }`,
        `upstream api_pool { server ${at.api} max_fails=3 fail_timeout=5s; keepalive 8; }`,
      )(at),
    apis: ['/api'],
  },
  {
    name: '$server_name as Host, and WebSocket by a map',
    conf: site(
      at => `location /api/ {
         proxy_pass http://${at.api};
         proxy_http_version 1.1;
         proxy_set_header Host $server_name;
         proxy_set_header Upgrade $http_upgrade;
         proxy_set_header Connection $connection_upgrade;
       }`,
      MAP,
    ),
    apis: ['/api'],
  },
  {
    name: 'headers and sizes of the server inherited by one location, and not by another',
    conf: at => `server {
      listen PORT;
      server_name www.dev.jp dev.jp;
      client_max_body_size 8m;
      proxy_read_timeout 50s;
      proxy_http_version 1.1;
      proxy_set_header Host $host;
      proxy_set_header X-Stage test;
      location / { proxy_pass http://${at.pages}; proxy_set_header Host $host; }
      location /api/ { proxy_pass http://${at.api}; }
      location /files/ { proxy_pass http://${at.reports}; proxy_set_header Host files.dev.jp; client_max_body_size 1g; }
    }`,
    apis: ['/api', '/files'],
    more: [
      announce('/api/x', 9 * MB),
      announce('/files/x', 1025 * MB),
      ask('PUT', '/files/x', [], 'x'.repeat(2 * MB)),
    ],
  },
  {
    name: 'a list of paths in a regular expression',
    conf: site(
      at =>
        `location ~ ^/(api|graphql|hooks)(/|$) { proxy_pass http://${at.api}; proxy_set_header Host $host; ${FORWARDED} } location /api/auth/ { proxy_pass http://${at.pages}; }`,
    ),
    apis: ['/api', '/graphql', '/hooks'],
    more: [
      get('/graphql'),
      get('/api/auth/session'),
      get('/apis'),
      ask('POST', '/graphql', ['Content-Type: application/json'], '{"query":"{a}"}'),
    ],
  },
  {
    name: 'a prefix stripped by what a regular expression found',
    conf: site(
      at =>
        `location ~ ^/svc/(.*)$ { set $b ${at.api}; proxy_pass http://$b/$1$is_args$args; proxy_set_header Host $host; }
         location ~ ^/own/?(.*)$ { proxy_pass http://${at.reports}/$1$is_args$args; }
         location ~ ^/tail(/.*)$ { proxy_pass http://${at.api}$1$is_args$args; }
         location ~ ^/any(.*)$ { proxy_pass http://${at.reports}; }
         location ~ ^/(ws|wss)/? { proxy_pass http://${at.realtime}; ${SOCKET} }`,
    ),
    apis: ['/svc', '/own', '/ws'],
    more: ['/own', '/own?a', '/own/', '/own/?a', '/ws', '/wss/x', '/tail', '/tail/x?a', '/any', '/any/x'].map(
      each => get(each),
    ),
  },
  {
    name: 'a prefix replaced by a rewrite within a regular expression, which is asked before a longer one',
    conf: site(
      at => `location ~ ^/api/ { rewrite ^/api/(.*)$ /v1/$1 break; proxy_pass http://${at.api}; }
       location ~ ^/api/reports/ { proxy_pass http://${at.reports}; }
       location /_next/ { proxy_pass http://${at.pages.replace('127.0.0.1', 'localhost')}; proxy_set_header Host $host; }`,
    ),
    apis: ['/api', '/api/reports'],
  },
  {
    name: 'a long answer, large heads and slow clients',
    conf: site(
      at =>
        `location /api/ { proxy_pass http://${at.api}; proxy_buffer_size 128k; proxy_buffers 4 256k; proxy_busy_buffers_size 256k; proxy_buffering off; }`,
      'large_client_header_buffers 4 32k; keepalive_timeout 130s; client_body_timeout 60s;',
    ),
    apis: ['/api'],
    more: [
      get('/api/x', [
        `Cookie: ${Array.from({ length: 7 }, (_, i) => `c${i}=${'x'.repeat(3000)}`).join('; ')}`,
      ]),
    ],
  },
  {
    name: 'an API that is too slow',
    conf: site(
      at => `location /api/ { proxy_pass http://${at.api}; proxy_read_timeout 1s; }
       location /slow/ { proxy_pass http://${at.reports}; }`,
    ),
    apis: ['/api', '/slow'],
    more: [get('/api/x?delay=3000'), get('/slow/x?delay=500')],
  },
  {
    name: 'a CDN and an ALB before it, whose addresses are believed',
    conf: site(
      at => `location /api/ { proxy_pass http://${at.api}; ${FORWARDED} proxy_set_header Host $host; }`,
      'set_real_ip_from 127.0.0.0/8; set_real_ip_from 10.0.0.0/8; real_ip_header X-Forwarded-For; real_ip_recursive on;',
    ),
    apis: ['/api'],
    more: [get('/api/x', ['X-Forwarded-For: 203.0.113.7, 10.0.0.9'])],
  },
  {
    name: 'https said to whoever asks, for the load balancer ends TLS',
    conf: site(
      at =>
        `location /api/ { proxy_pass http://${at.api}/; proxy_set_header Host $host; proxy_set_header X-Forwarded-Proto https; }`,
    ),
    apis: ['/api'],
    more: [get('/api/x', ['X-Forwarded-Proto: http']), get('/api/x', ['X-Forwarded-Proto: https'])],
  },
  {
    name: 'a template, filled in by envsubst',
    conf: site(at => {
      const env: Readonly<Record<string, string>> = { API: at.api, PREFIX: '/api', LIMIT: '25m' }
      return TEMPLATE.replace(/\$\{(\w+)\}/g, (_, name: string) => env[name] ?? '')
    }),
    apis: ['/api'],
    more: [announce('/api/x', 26 * MB)],
  },
  {
    name: 'an API over TLS at an address, whose certificate has a name',
    conf: site(
      at => `location /api/ {
         proxy_pass https://${at.secure}/v2/;
         proxy_ssl_verify on;
         proxy_ssl_trusted_certificate ca.pem;
         proxy_ssl_name api.dev.jp;
         proxy_ssl_server_name on;
         proxy_set_header Host api.dev.jp;
         ${FORWARDED}
         ${SOCKET}
       }`,
    ),
    apis: ['/api'],
  },
  {
    name: 'exact paths, each with all below it elsewhere',
    conf: site(
      at => `location = /api/v1/login { proxy_pass http://${at.api}; }
       location ^~ /api/ { proxy_pass http://${at.api}; }
       location = /graphql { proxy_pass http://${at.reports}; }
       location /graphql/ { proxy_pass http://${at.reports}; }`,
    ),
    apis: ['/api', '/graphql'],
    more: [
      get('/graphql'),
      ask('POST', '/api/v1/login', ['Content-Type: application/json'], '{"a":1}'),
      get('/api/v1/login/x'),
    ],
  },
  {
    name: 'exact paths of APIs alone: one at another origin, one with another path, one with a slash, a login',
    conf: site(
      at => `location = /api/health { proxy_pass http://${at.reports}; }
       location = /api/v1/ { proxy_pass http://${at.reports}/v2/up; }
       location = /socket { proxy_pass http://${at.realtime}; ${SOCKET} }
       location = /user/login { proxy_pass http://${at.api}/auth/do; ${FORWARDED} }
       location ~ ^/user/(me|logout)$ { proxy_pass http://${at.api}; }
       location = /signup { rewrite ^ /auth/new break; proxy_pass http://${at.api}; }
       location /api/ { proxy_pass http://${at.api}; proxy_read_timeout 30s; }`,
    ),
    apis: ['/api'],
    more: [
      ...['/api/health', '/api/v1/', '/socket', '/user/login', '/user/me', '/signup'].flatMap(path => [
        get(path),
        get(`${path}?a[]=1&b=%2F`),
        get(`${path}/`),
        get(`${path}/x`),
        get(`${path}X`),
        ask('POST', path, [], 'a=b'),
      ]),
      get('//api//health'),
      get('/api/x/../health'),
      get('/api/%68ealth'),
      get('/api/v1'),
      get('/user/login?status=302&location=/elsewhere'),
      ask('POST', '/user/login', ['Origin: https://other.example'], 'a=1'),
      socketAt('/socket'),
      socketAt('/socket/x'),
    ],
  },
  {
    name: 'exact pages within an API, an exact login below it',
    conf: site(
      at => `location = /api { proxy_pass http://${at.pages}; }
       location = /api/docs { proxy_pass http://${at.pages}; }
       location = /api/user/login { proxy_pass http://${at.api}; client_max_body_size 64k; }
       location /api/ { proxy_pass http://${at.api}; }`,
    ),
    apis: ['/api'],
    more: [
      ...['/api', '/api/docs', '/api/user/login'].flatMap(path => [
        get(path),
        get(`${path}?a`),
        get(`${path}/`),
        get(`${path}/x`),
        ask('POST', path, [], 'a=b'),
      ]),
      get('/api//docs'),
      get('/api/%64ocs'),
      announce('/api/user/login', 65 * 1024),
    ],
  },
  {
    name: 'a pattern of paths with dots and slashes in them, whose own paths are pages',
    conf: site(
      at => `location ~ ^/(api|hooks/in|socket\\.io)/ { proxy_pass http://${at.api}; ${SOCKET} ${FORWARDED} }
       location ~ ^/api/v1/ { proxy_pass http://${at.reports}; }
       location ~ ^/(raw/a|raw/b)(/|$) { proxy_pass http://${at.reports}; }
       location /admin { proxy_pass http://${at.pages}; }
       location ~ ^/admin/ { proxy_pass http://${at.realtime}; }`,
    ),
    apis: ['/api', '/hooks/in'],
    more: [
      ...['/api', '/hooks/in', '/socket.io', '/admin', '/raw/a', '/raw/c', '/raw'].flatMap(path => [
        get(path),
        get(`${path}?a`),
        get(`${path}/`),
        get(`${path}/x`),
      ]),
      get('/api/v1'),
      get('/api/v1/x'),
      get('/socketxio/x'),
      socketAt('/socket.io/?EIO=4'),
    ],
  },
  {
    name: 'pages by a pattern of paths below an API, and beside one whose prefix ends the search',
    conf: site(
      at => `location /api/ { proxy_pass http://${at.api}; }
       location ^~ /raw/ { proxy_pass http://${at.reports}; }
       location ~ ^/api/(docs|help)(/|$) { proxy_pass http://${at.pages}; }
       location ~ ^/raw/docs(/|$) { proxy_pass http://${at.pages}; }
       location ~ ^/api/(me|you/too)$ { proxy_pass http://${at.pages}; }`,
    ),
    apis: ['/api', '/raw'],
    more: ['/api', '/raw'].flatMap(path =>
      ['/docs', '/docs/x?a', '/help/', '/docsx', '/me', '/me/x', '/you/too?a', '/you'].map(each =>
        get(path + each),
      ),
    ),
  },
  {
    name: 'paths written by hand, without the query',
    conf: site(
      at => `location ~ ^/plain/v1/(.*)$ { proxy_pass http://${at.api}/v2/$1; }
       location ~ ^/plain/(?<rest>.*)$ { proxy_pass http://${at.reports}/$rest; }`,
    ),
    apis: ['/plain', '/plain/v1'],
    more: ['/plain', '/plain/', '/plain/v1', '/plain/v1/', '/plainx'].map(each => get(each)),
  },
  {
    name: 'a prefix within the API of another, by patterns that ask for a slash',
    conf: site(
      at => `location /api/ { proxy_pass http://${at.api}/v1/; }
       location ~ ^/api/(pay|mail)/ { proxy_pass http://${at.reports}; }`,
    ),
    apis: ['/api', '/api/pay'],
    more: ['/api/pay', '/api/mail?x', '/api/pay/', '/api/payx', '/api/mail/x'].map(each => get(each)),
  },
  {
    name: 'prefixes stripped by rewrites of any rest, one path alone, and what boilerplate writes out',
    conf: site(
      at => `location = /api/auth/me { rewrite ^/api(.*)$ $1 break; proxy_pass http://${at.api}; ${FORWARDED} }
       location ^~ /api/auth/ { proxy_pass http://${at.reports}; ${FORWARDED} }
       location ^~ /api/ {
         rewrite ^/api(.*)$ $1 break;
         proxy_pass http://${at.api};
         ${FORWARDED}
         proxy_set_header Proxy "";
         proxy_set_header X-Forwarded-Prefix "";
         proxy_pass_request_headers on;
         proxy_intercept_errors off;
         proxy_cache off;
         proxy_no_cache 1;
         proxy_cache_bypass 1;
         proxy_next_upstream_tries 2;
         proxy_connect_timeout 30s;
       }
       location ^~ /hooks/ { rewrite ^/hooks(.+) /v2$1 break; proxy_pass http://${at.reports}; proxy_connect_timeout 60s; }`,
    ),
    apis: ['/api', '/api/auth', '/hooks'],
    more: [
      get('/api/auth/me'),
      get('/api/auth/me?a=1'),
      get('/api/auth/me/x'),
      get('/api/x', ['Proxy: http://evil.example', 'X-Forwarded-Prefix: /x']),
    ],
  },
  {
    name: 'an API that takes all but the home page alone',
    conf: at => `server {
      listen PORT;
      server_name www.dev.jp;
      location = / { proxy_pass http://${at.pages}; proxy_set_header Host $host; }
      location /_next/ { proxy_pass http://${at.pages}; proxy_set_header Host $host; }
      location / { proxy_pass http://${at.api}; }
    }`,
    pages: at => `http://${at.pages}`,
    apis: ['/api', '/wiki'],
    more: [get('/'), get('/?a=1'), get('/x'), get('/_next/static/a.js')],
    isCatchAll: true,
  },
  {
    name: 'a file in a server of locations, with Next by a named location',
    conf: at => `server {
      listen PORT;
      server_name www.dev.jp;
      root /nowhere/public;
      location / { try_files $uri @next; }
      location @next { proxy_pass http://${at.pages}; proxy_set_header Host $host; }
      location /api/ { proxy_pass http://${at.api}; proxy_set_header Host $host; ${SOCKET} }
    }`,
    apis: ['/api'],
  },
  {
    name: 'no server_name: the hosts are named by hand; the API by a named location, pages by a pattern of what is none',
    conf: at => `server {
      listen PORT;
      client_max_body_size 2m;
      location ~ /\\.(?!well-known) { deny all; }
      location ~* \\.(env|bak|sw[op])$ { deny all; }
      location ~ ^/(?!api) { proxy_pass http://${at.pages}; }
      location ^~ /api { try_files $uri $uri/ @api; add_header X-Of-Files a; }
      location @api { proxy_pass http://${at.api}; proxy_set_header Host $host; ${FORWARDED} add_header X-Of-Api a always; client_max_body_size 20m; }
    }`,
    publicOrigins: ['https://www.dev.jp', 'http://www.dev.jp'],
    apis: ['/api'],
    more: [get('/api'), get('/api?x'), announce('/api/upload', 3 * MB), get('/api/.env'), get('/api/a.bak')],
  },
]

/** Configurations that must not be taken over: something that Nginx did would be lost, or open. */
export const REFUSED: readonly {
  readonly name: string
  readonly conf: (at: Backends) => string
  readonly closed: readonly string[]
  /** what both have open all the same */
  readonly open: readonly string[]
}[] = [
  {
    name: 'guarded: an office, a password, a subrequest, a guarded part of an open API',
    conf: site(
      at => `location /admin/ { allow 192.0.2.1; deny all; proxy_pass http://${at.api}; }
       location /staff/ { auth_basic "Staff"; auth_basic_user_file htpasswd; proxy_pass http://${at.api}; }
       location /internal/ { internal; proxy_pass http://${at.api}; }
       location /checked/ { auth_request /check; proxy_pass http://${at.api}; }
       location = /check { return 403; }
       location /open/ { proxy_pass http://${at.api}; }
       location /api/ { proxy_pass http://${at.api}; }
       location /api/admin { deny all; }
       location /v2/ { proxy_pass http://${at.api}; }
       location /v2/admin/ { allow 192.0.2.1; deny all; proxy_pass http://${at.api}; }
       location = /v2/metrics { deny all; }`,
    ),
    open: ['/open/x', '/v2/x', '/v2/metrics/x', '/v2/adminX'],
    closed: [
      ...['/v2/admin/x', '/v2//admin/', '/v2/%61dmin/x', '/v2/x/../admin/x', '/v2/metrics', '/v2/./metrics'],
      '/admin/x',
      '/staff/x',
      '/internal/x',
      '/checked/x',
      '/api/admin/x',
      '/api/administrator',
    ],
  },
  {
    name: 'guarded by an alternative of a pattern, by a map and by geo',
    conf: site(
      at => `location ~ /\\.git|/internal/ { deny all; }
       location /api/ { proxy_pass http://${at.api}; }
       location ^~ /me/ { if ($in = 0) { return 302 /login; } proxy_pass http://${at.api}; }
       location ^~ /office/ { if ($office = 0) { rewrite ^ /denied last; } proxy_pass http://${at.api}; }
       location = /denied { return 403; }
       location ^~ /ours/ { if ($http_user_agent ~ "^(?!OurApp)") { return 403; } proxy_pass http://${at.api}; }
       location ^~ /mine/ { if ($cookie_session = "") { return 302 https://$host$request_uri; } proxy_pass http://${at.api}; }
       location ^~ /in/ { deny all; location /in/api/ { try_files $uri @api; } }
       location @api { proxy_pass http://${at.api}; }
       location ^~ /open/ { proxy_pass http://${at.api}; }`,
      `map $cookie_session $in { default 0; ~.+ 1; }
       geo $office { default 0; 192.0.2.0/24 1; }`,
    ),
    open: ['/open/x'],
    closed: ['/api/internal/x', '/me/x', '/office/x', '/ours/x', '/mine/x', '/in/api/x'],
  },
  {
    name: 'guarded by a list of paths, one of which is below an API',
    conf: site(
      at => `location ~ ^/(ui|files/private|wp-admin)(/|$) { allow 192.0.2.1; deny all; proxy_pass http://${at.api}; }
       location /files/ { proxy_pass http://${at.api}; }
       location /api/ { proxy_pass http://${at.api}; }`,
    ),
    open: ['/api/x'],
    closed: ['/ui/x', '/files/private', '/files/private/x', '/wp-admin'],
  },
  {
    name: 'guarded by what an if sets, a file for each address, a key in the query, a realm, and behind a redirect',
    conf: site(
      at => `location /pool/ { set $to ${at.api}; if ($cookie_in = "") { set $to 127.0.0.1:1; } proxy_pass http://$to; }
       location /files/ { if (!-f /nowhere/$remote_addr) { return 403; } proxy_pass http://${at.api}; }
       location /key/ { if ($args !~ "key=abc") { rewrite ^ /denied last; } proxy_pass http://${at.api}; }
       location = /denied { return 403; }
       location /realm/ { auth_basic Off; auth_basic_user_file htpasswd; proxy_pass http://${at.api}; }
       location /slash/ { proxy_pass http://${at.api}/; }
       location = /slash/ { deny all; }`,
    ),
    open: ['/slash/x'],
    closed: ['/pool/x', '/files/x', '/key/x', '/realm/x', '/slash', '/slash/'],
  },
  {
    name: 'guarded by User-Agent in a variable, or in a map of a map; beside a switch by a file, a preflight and a pattern of another prefix',
    conf: site(
      at => `location /ua/ { set $ua $http_user_agent; if ($ua !~ OurApp) { return 302 /get; } proxy_pass http://${at.api}; }
       location /twice/ { if ($out) { rewrite ^ /get redirect; } proxy_pass http://${at.api}; }
       location /query/ { set $asked $request_uri; if ($asked !~ "key=abc") { return 302 /get; } proxy_pass http://${at.api}; }
       location /switch/ { set $off 0; if (-f /nowhere/off) { set $off 1; } if ($remote_addr = 192.0.2.1) { set $off 0; } if ($off) { return 503; } proxy_pass http://${at.api}; }
       location /cors/ { set $c ""; if ($http_origin ~ dev) { set $c 1; } if ($c) { add_header Access-Control-Allow-Origin a; return 204; } proxy_pass http://${at.api}; }
       location /x/ { root /nowhere; location ~ secret { deny all; } }`,
      `map $http_user_agent $ours { default no; ~OurApp yes; }
       map $ours $out { default 1; yes 0; }`,
    ),
    open: ['/switch/x', '/switch/secret', '/cors/x'],
    closed: ['/ua/x', '/twice/x', '/query/x'],
  },
  {
    name: 'files that a regular expression takes to the pages, and a path of pages that is replaced',
    conf: site(
      at => `location /api/ { proxy_pass http://${at.api}; }
       location ~* \\.(png|json)$ { proxy_pass http://${at.pages}; }
       location /docs/ { proxy_pass http://${at.pages}/help/; }`,
    ),
    open: ['/api/x'],
    closed: [],
  },
  {
    name: 'a cache before the API',
    conf: site(
      at => `location /api/ { proxy_pass http://${at.api}; proxy_cache answers; proxy_cache_valid 200 1m; }`,
      'proxy_cache_path CACHE keys_zone=answers:1m;',
    ),
    open: ['/api/x'],
    closed: [],
  },
  {
    name: 'several sites',
    conf: at => `server { listen PORT; server_name a.dev.jp; location / { proxy_pass http://${at.pages}; } location /api/ { proxy_pass http://${at.api}; } }
      server { listen PORT; server_name b.dev.jp; location / { proxy_pass http://${at.pages}; } location /api/ { proxy_pass http://${at.reports}; } }`,
    open: ['/api/x'],
    closed: [],
  },
]
