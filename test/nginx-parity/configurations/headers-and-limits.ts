import { announce, ask } from '../requests.ts'
import { type Configuration, FORWARDED, get, MAP, MB, SOCKET, site } from './configuration.ts'

/** As the image of Nginx has it in /etc/nginx/templates/. */
const TEMPLATE = `location \${PREFIX}/ { proxy_pass http://\${API}/; client_max_body_size \${LIMIT}; }`

/** Headers, sizes, times and certificates. */
export const HEADERS_AND_LIMITS: readonly Configuration[] = [
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
    name: 'a header that is set twice, once without a value',
    conf: site(
      at => `location /api/ {
         proxy_pass http://${at.api};
         ${SOCKET}
         proxy_set_header Accept-Language "";
         proxy_set_header accept-language en;
         proxy_set_header Connection "";
       }`,
    ),
    apis: ['/api'],
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
]
