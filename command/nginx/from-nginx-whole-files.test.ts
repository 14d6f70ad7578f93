import assert from 'node:assert/strict'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { loadConfigFile } from '../../lib/settings/config-file.ts'
import { readConfig } from '../../lib/settings/settings.ts'
import { printed } from '../../test/printed.ts'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { fromNginx } from './print.ts'

const folder = await temporaryFolder({ after })

type Whole = {
  readonly title: string
  readonly conf: string
  readonly args?: readonly string[]
  readonly status: 0 | 1
  /** all of stdout, where it is the environment; else the routes of gatehouse.config.ts, and what its first lines say */
  readonly stdout: string | { readonly routes: string; readonly env: string }
  /** what stderr has, each */
  readonly stderr?: readonly RegExp[]
}

const FORWARDED = `proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;`
const NEXT = 'location / { proxy_pass http://127.0.0.1:3000; }'
const LOGIN = 'BACKEND_ORIGIN=https://api.dev.jp\nBACKEND_PATHS=/user/login\n'
const API = `path: '/api', to: 'https://api.dev.jp'`
/** Nginx passed no WebSocket on. */
const CLOSED = `${API}, upgrade: false`

const FILES: readonly Whole[] = [
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
    stdout: { routes: `${API}, host: 'client', timeout: '24h'`, env: 'PORT=80\n' },
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
    title: 'an admin location that only the office may ask for: it is not opened',
    conf: `server {
  listen 80;
  ${NEXT}
  location /user/login { proxy_pass https://api.dev.jp; }
  location /admin { allow 10.0.0.0/8; deny all; proxy_pass https://api.dev.jp; }
}`,
    status: 1,
    stdout: `${LOGIN}PORT=80\n`,
    stderr: [
      /Restricted by Nginx, and not by Gatehouse:\n.*:5 {2}location \/admin: Nginx guarded it by allow, deny/,
    ],
  },
  {
    title: 'a guarded location below an open one: neither is opened, and no default is either',
    conf: `server {
  listen 80;
  ${NEXT}
  location /user/ { proxy_pass https://api.dev.jp; }
  location /user/login { auth_basic "Staff"; auth_basic_user_file /etc/nginx/htpasswd; proxy_pass https://api.dev.jp; }
}`,
    status: 1,
    stdout: 'PORT=80\n',
    stderr: [/with it, location \/user\/login would be open, which Nginx guarded by auth_basic/],
  },
  {
    title: 'a staging site behind a password, but for its webhook',
    conf: `server {
  listen 80;
  auth_basic "Staging";
  auth_basic_user_file /etc/nginx/htpasswd;
  ${NEXT}
  location /api/ { proxy_pass https://api.dev.jp; }
  location /hook/ { auth_basic off; proxy_pass https://api.dev.jp; }
}`,
    status: 1,
    stdout: { routes: `path: '/hook', to: 'https://api.dev.jp', upgrade: false`, env: 'PORT=80\n' },
    stderr: [
      /location \/api\/: Nginx guarded it by auth_basic/,
      /location \/: Nginx guarded it by auth_basic/,
    ],
  },
  {
    title: 'a shared secret that CloudFront sends, asked for in an if of the server',
    conf: `server {
  listen 80;
  if ($http_x_origin_secret != "s3cret-value") { return 403; }
  ${NEXT}
  location /api/ { proxy_pass https://api.dev.jp; }
}`,
    status: 1,
    stdout: 'PORT=80\n',
    stderr: [
      /Nginx refused such requests, for every location/,
      /no path of an API is left that nothing guards/,
    ],
  },
  {
    title: 'methods, referers, signed links, client certificates, subrequests: none is opened',
    conf: `server {
  listen 80;
  ${NEXT}
  location /a/ { limit_except GET { deny all; } proxy_pass https://api.dev.jp; }
  location /b/ { valid_referers none server_names; if ($invalid_referer) { return 403; } proxy_pass https://api.dev.jp; }
  location /c/ { secure_link $arg_md5,$arg_expires; secure_link_md5 "$uri key"; proxy_pass https://api.dev.jp; }
  location /d/ { auth_request /check; proxy_pass https://api.dev.jp; }
  location /e/ { internal; proxy_pass https://api.dev.jp; }
  location /f/ { satisfy any; allow 10.0.0.1; deny all; proxy_pass https://api.dev.jp; }
  location /g/ { deny 1.2.3.4; location /g/h/ { proxy_pass https://api.dev.jp; } }
  location = /api { proxy_pass https://api.dev.jp; }
  location /api/ { deny all; }
  location /open/ { proxy_pass https://api.dev.jp; }
}`,
    status: 1,
    stdout: {
      routes: `path: '= /api', to: 'https://api.dev.jp', upgrade: false, path: '/open', to: 'https://api.dev.jp', upgrade: false`,
      env: 'PORT=80\n',
    },
    stderr: [/location \/a\/: /, /location \/g\/h\/: /],
  },
  {
    title: 'a regular expression that guards a part of the API closes the API; ^~ is asked before it',
    conf: `server {
  listen 80;
  ${NEXT}
  location ~ ^/api/(admin|internal) { deny all; }
  location /api/ { proxy_pass https://api.dev.jp; }
  location ^~ /api/public/ { proxy_pass https://api.dev.jp; }
  location ~ /\\.ht { deny all; }
}`,
    status: 1,
    stdout: { routes: `path: '/api/public', to: 'https://api.dev.jp', upgrade: false`, env: 'PORT=80\n' },
    stderr: [/location ~ \^\/api\/\(admin\|internal\)/, /Nginx refused such names by deny/],
  },
  {
    title: 'a regular expression without case, and a cookie that an if asks for',
    conf: `server {
  listen 80;
  ${NEXT}
  location ~* ^/API/Admin { deny all; }
  location /api/ { proxy_pass https://api.dev.jp; }
  location /me/ { if ($cookie_session = "") { return 302 /login; } proxy_pass https://api.dev.jp; }
  location /user/login { proxy_pass https://api.dev.jp; }
}`,
    status: 1,
    stdout: `${LOGIN}PORT=80\n`,
    stderr: [/location \/api\/: it is left out/, /location \/me\/: Nginx guarded it by if/],
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
      routes: `${API}, headers: { 'X-Api-Key': process.env.X_API_KEY }, responseHeaders: { 'Access-Control-Allow-Origin': 'https://app.dev.jp' }, upgrade: false`,
      env: 'PORT=80\n',
    },
    stderr: [
      /X_API_KEY has to be set, to the value that the header has in the file/,
      /if \(\$request_method …\): it is not carried over/,
      /if \(\$http_user_agent …\): it is not carried over: a condition sent some requests elsewhere/,
    ],
  },
  {
    title:
      'headers and redirects of pages, the redirect to https, a fixed answer: each with what takes its place',
    conf: `server { listen 80; server_name www.dev.jp; return 301 https://$host$request_uri; }
server {
  listen 4000;
  server_name www.dev.jp;
  add_header X-Frame-Options DENY;
  ${NEXT}
  location = /old { return 301 /new; }
  location /robots.txt { return 200 "User-agent: *"; }
  location /private { return 403; }
  location /user/login { proxy_pass https://api.dev.jp; }
}`,
    status: 1,
    stdout: {
      routes: `path: '/user/login', to: 'https://api.dev.jp', responseHeaders: { 'X-Frame-Options': 'DENY' }`,
      env: 'PORT=4000\n',
    },
    stderr: [
      /\{ source: '\/:path\*', headers: \[\{ key: 'X-Frame-Options', value: 'DENY' \}\] \}/,
      /\{ source: '\/old', destination: '\/new', statusCode: 301 \}/,
      /HTTP:80 → redirect to HTTPS/,
      /path \/robots\.txt\* → fixed-response 200/,
      /location \/private: Nginx guarded it by return 403/,
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
  {
    title: 'what nginx -T prints: files that are included are read from it',
    conf: `# configuration file /etc/nginx/nginx.conf:
events {}
http { include /etc/nginx/mime.types; include /etc/nginx/conf.d/*.conf; }

# configuration file /etc/nginx/mime.types:
types { text/html html; }

# configuration file /etc/nginx/conf.d/app.conf:
# configuration file for the app:
server { listen 80; ${NEXT} location /admin { include snippets/office.conf; proxy_pass https://api.dev.jp; } location /api/ { proxy_pass https://api.dev.jp; } }

# configuration file /etc/nginx/snippets/office.conf:
allow 10.0.0.0/8; deny all;
`,
    status: 1,
    stdout: { routes: CLOSED, env: 'PORT=80\n' },
    stderr: [/location \/admin: Nginx guarded it by allow, deny \(\/etc\/nginx\/snippets\/office\.conf:/],
  },
]

/** The lines of all routes that are printed. */
const routesIn = (text: string) => [...text.matchAll(/^ {6}(.*),$/gm)].map(([, field]) => field).join(', ')
const envIn = (text: string) => [...text.matchAll(/^\/\/ {3}(.*\n)/gm)].map(([, line]) => line).join('')

/** By the loader of `npm start`, with the environment that belongs to it. */
async function isAccepted(text: string, said: Record<string, string>) {
  const place = await mkdtemp(join(folder, 'app-'))
  await writeFile(join(place, 'gatehouse.config.ts'), text)
  process.env.X_API_KEY = 'x'
  const env = Object.fromEntries(
    envIn(text)
      .split('\n')
      .map(line => line.split('=', 2)),
  )
  const { routes } = readConfig({ ...said, ...env }, await loadConfigFile(place))
  delete process.env.X_API_KEY
  assert.ok(routes.length > 0)
}

for (const [index, { title, conf, args = [], status, stdout, stderr = [] }] of FILES.entries()) {
  test(`a whole file: ${title}`, async () => {
    const file = join(folder, `${index}.conf`)
    await writeFile(file, conf)
    const ran = printed(() => fromNginx([file, ...args]))
    if (typeof stdout === 'string') assert.equal(ran.stdout, stdout, ran.stderr)
    else {
      assert.deepEqual([routesIn(ran.stdout), envIn(ran.stdout)], [stdout.routes, stdout.env], ran.stderr)
      // what a person has to say
      const isAsked = ran.stderr.includes('Add --public-origin')
      await isAccepted(ran.stdout, isAsked ? { PUBLIC_ORIGIN: 'https://www.dev.jp' } : {})
    }
    assert.equal(ran.result, status, ran.stderr)
    for (const remark of stderr) assert.match(ran.stderr, remark)
    assert.doesNotMatch(ran.stdout + ran.stderr, /s3cret/)
  })
}
