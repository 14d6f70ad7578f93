import { announce, ask, socketAt } from '../requests.ts'
import { type Configuration, FORWARDED, get, MB, SOCKET, site } from './configuration.ts'

/** Paths by regular expressions and named locations. */
export const PATTERNS: readonly Configuration[] = [
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
    name: 'a rewrite that fits one path of a pattern, and an API behind a file that nobody has',
    conf: site(
      at => `root /nowhere;
      location ~ ^/(api|openapi.json|.well-known)(/.*)?$ { rewrite ^/api(/.*)$ $1 break; proxy_pass http://${at.reports}; ${FORWARDED} }
      location /hooks { proxy_read_timeout 9s; try_files /dev/null @hooks; }
      location @hooks { proxy_pass http://${at.api}; proxy_cookie_path / /; proxy_set_header Host $host; }`,
    ),
    apis: ['/api', '/hooks'],
    more: ['/openapi.json', '/openapi.json/x?a', '/.well-known/a', '/.well-known', '/hooks', '/hooks/'].map(
      each => get(each),
    ),
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
