import { announce, ask, socketAt } from '../requests.ts'
import { type Configuration, FORWARDED, get, MB, SOCKET, site } from './configuration.ts'

/** APIs below a path, and what of the path they get. */
export const PREFIXES: readonly Configuration[] = [
  {
    name: 'a login alone, as in the story',
    conf: site(at => `location /user/login { proxy_pass http://${at.api}/user/login; }`),
    apis: ['/user/login'],
    more: [announce('/user/login', 2 * MB), get('/user'), get('/user/login?x')],
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
    name: 'a prefix stripped, beside paths of the same API whose redirects name pages',
    conf: site(
      at => `location /api/ { proxy_pass http://${at.api}/; }
       location /sso/ { proxy_pass http://${at.api}; }
       location = /user/logout { proxy_pass http://${at.api}/logout; }`,
    ),
    apis: ['/api'],
    more: ['/sso/callback', '/user/logout'].flatMap(path =>
      ['/', '/mypage?a=1', '/sso/x', 'API_ORIGIN/mypage', 'https://elsewhere.example/'].map(to =>
        get(`${path}?status=302&location=${to}`),
      ),
    ),
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
       location /api/up/ { rewrite ^/api/(.*)$ /$1 break; proxy_pass http://${at.api}; proxy_set_header Host $host; client_max_body_size 8m; }
       location /svc { rewrite ^/svc/(.*)$ /$1 break; rewrite ^/svc$ / break; proxy_pass http://${at.reports}; proxy_redirect ~^/(.*)$ /svc/$1; absolute_redirect off; }`,
    ),
    apis: ['/api', '/api/up', '/svc'],
    more: [get('/svc'), get('/svc?a=1'), get('/svc/')],
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
]
