import { NEXT } from '../../test/nginx.ts'
import { CLOSED, LOGIN, TO_API, testWhole } from '../../test/nginx-whole-files.ts'

const FORWARDED = `proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;`

testWhole([
  {
    title: 'a Next app and a login API, with nothing of its own: all of it is carried over',
    conf: `worker_processes auto;
events { worker_connections 1024; }
http {
  sendfile on;
  keepalive_timeout 65;
  client_body_timeout 10s;
  large_client_header_buffers 4 8k;
  server {
    listen 4000;
    server_name _;
    ${NEXT}
    location /user/login {
      proxy_pass https://api.dev.jp/user/login;
      proxy_http_version 1.1;
      ${FORWARDED}
      proxy_ssl_server_name on;
      proxy_connect_timeout 2s;
      proxy_read_timeout 30s;
    }
  }
}`,
    status: 0,
    stdout: `${LOGIN}PORT=4000\nCONNECT_TIMEOUT=2s\nBACKEND_TIMEOUT=30s\n`,
  },
  {
    title: 'Host kept and WebSocket headers, as most files of this kind have them',
    conf: `map $http_upgrade $connection_upgrade { default upgrade; '' close; }
server {
  listen 80;
  ${NEXT}
  location /api/ {
    proxy_pass https://api.dev.jp;
    proxy_set_header Host $host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    proxy_read_timeout 86400;
    proxy_connect_timeout 60s;
  }
}`,
    status: 1,
    stdout: { routes: `${TO_API}, host: 'client', timeout: '24h'`, env: 'PORT=80\n' },
    stderr: [
      /no server_name says which hosts the site has\. Add --public-origin/,
      /proxy_read_timeout: route \/api, timeout: 24h/,
      /proxy_connect_timeout 60s: it is not taken over/,
    ],
  },
  {
    title: 'a prefix that is stripped',
    conf: `server { listen 80; ${NEXT} location /api/ { proxy_pass https://api.dev.jp/; } }`,
    status: 0,
    stdout: { routes: `path: '/api', to: 'https://api.dev.jp/', upgrade: false`, env: 'PORT=80\n' },
    stderr: [/\/api itself goes to the API, too; Nginx redirected it/],
  },
  {
    title: 'pages of NextAuth below the path of the API',
    conf: `server {
  listen 80;
  ${NEXT}
  location /api { proxy_pass https://api.dev.jp; }
  location /api/auth { proxy_pass http://127.0.0.1:3000; }
}`,
    status: 0,
    stdout: { routes: `${CLOSED}, except: ['/api/auth']`, env: 'PORT=80\n' },
    stderr: [/route \/api, except: \/api\/auth/, /\/api\/authX.*goes to the API/],
  },
  {
    title: 'values that get smaller here are no "Nothing to do"',
    conf: `server {
  listen 80;
  client_body_timeout 300s;
  large_client_header_buffers 4 32k;
  keepalive_timeout 130s;
  ${NEXT}
  location /api/ { proxy_pass https://api.dev.jp; proxy_buffer_size 128k; proxy_set_header X-Forwarded-Proto https; }
  location /slow { proxy_pass http://127.0.0.1:3000; proxy_read_timeout 300s; limit_req zone=a; }
}`,
    status: 1,
    stdout: {
      routes: CLOSED,
      env: 'PORT=80\nMAX_HEADER=128kb\nKEEP_ALIVE_TIMEOUT=130s\nPAGE_TIMEOUT=300s\n',
    },
    stderr: [
      /client_body_timeout 300s: it gets smaller: 60s/,
      /large_client_header_buffers: MAX_HEADER=128kb/,
      /proxy_buffer_size: a head may have 128 KB/,
      /keepalive_timeout: KEEP_ALIVE_TIMEOUT=130s/,
      /X-Forwarded-Proto: Nginx always said https.*--public-origin/,
      /proxy_read_timeout: PAGE_TIMEOUT=300s/,
      /limit_req: it is not carried over for pages/,
    ],
  },
  {
    title: 'an upstream with ip_hash, backup and down',
    conf: `upstream api { ip_hash; server api.dev.jp:443; server old.dev.jp:443 down; server spare.dev.jp:443 backup; }
server { listen 80; ${NEXT} location /api/ { proxy_pass https://api; proxy_set_header Host api.dev.jp; } }`,
    status: 1,
    stdout: { routes: CLOSED, env: 'PORT=80\n' },
    stderr: [
      /ip_hash: a client is not kept at one address/,
      /server old\.dev\.jp:443 down.*this address gets no request/,
    ],
  },
  {
    title: 'the upstream of today, with resolve and keepalive: carried over, and told so',
    conf: `resolver 10.0.0.2 valid=3s ipv6=off;
upstream api { zone api 64k; server api.dev.jp:443 resolve; keepalive 16; }
server {
  listen 80;
  ${NEXT}
  location /api/ { proxy_pass https://api; proxy_set_header Host api.dev.jp; proxy_ssl_name api.dev.jp; proxy_ssl_verify on; }
}`,
    status: 0,
    stdout: { routes: CLOSED, env: 'PORT=80\nDNS_SERVERS=10.0.0.2\nDNS_MAX_TTL=3\n' },
    stderr: [/server api\.dev\.jp:443 resolve: Nginx followed DNS here already/],
  },
  {
    title: 'an API with CORS headers, a secret of its own and a detour in an if',
    conf: `server {
  listen 80;
  ${NEXT}
  location /api/ {
    add_header Access-Control-Allow-Origin "https://app.dev.jp" always;
    if ($request_method = OPTIONS) { return 204; }
    if ($http_user_agent ~ Bot) { proxy_pass https://beta.dev.jp; }
    proxy_set_header X-Api-Key s3cret;
    proxy_pass https://api.dev.jp;
  }
}`,
    status: 1,
    stdout: {
      routes: `${TO_API}, headers: { 'X-Api-Key': process.env.X_API_KEY }, responseHeaders: { 'Access-Control-Allow-Origin': 'https://app.dev.jp' }, upgrade: false`,
      env: 'PORT=80\n',
    },
    stderr: [
      /X_API_KEY has to be set, to the value that the header has in the file/,
      /if \(\$request_method …\): it is not carried over/,
      /if \(\$http_user_agent …\): it is not carried over: a condition sent some requests elsewhere/,
    ],
  },
  {
    title: 'a single-page app and an API on loopback: it is asked which is which',
    conf: `server {
  listen 80;
  location / { root /var/www/app; try_files $uri /index.html; }
  location /api/ { proxy_pass http://127.0.0.1:5000; }
}`,
    status: 1,
    stdout: 'PORT=80\n',
    stderr: [/whether http:\/\/127\.0\.0\.1:5000 has the pages or the API\. Add --pages .* or --backend/],
  },
  {
    title: 'with --backend the API is where that says',
    conf: `server { listen 80; location / { proxy_pass http://127.0.0.1:3000; } location /api/ { proxy_pass http://127.0.0.1:5000; } }`,
    args: ['--backend', 'http://127.0.0.1:5000'],
    status: 0,
    stdout: { routes: `path: '/api', to: 'http://127.0.0.1:5000', upgrade: false`, env: 'PORT=80\n' },
  },
  {
    title: 'a host that is called api: it is asked whether its / is the API',
    conf: 'server { listen 80; server_name api.dev.jp; location / { proxy_pass http://127.0.0.1:8080; } }',
    status: 1,
    stdout: 'PORT=80\n',
    stderr: [/the server is called api\.dev\.jp: it cannot be told/],
  },
  {
    title: 'a template of the nginx image',
    conf: `server { listen \${PORT}; ${NEXT} location /api/ { proxy_pass https://\${API_HOST}; } }`,
    status: 1,
    stdout: '',
    stderr: [/\$\{PORT\} is a placeholder of a template: run envsubst or nginx -T first/],
  },
])
