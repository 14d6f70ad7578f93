import { NEXT } from '../../test/nginx.ts'
import { CLOSED, LOGIN, testWhole } from '../../test/nginx-whole-files.ts'

testWhole([
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
      /Nginx refused such requests, or sent them elsewhere, for every location/,
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
])
