import type { Backends } from '../backends.ts'
import { site } from './configuration.ts'

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
       location /cors/ { set $c ""; if ($http_origin ~ dev) { set $c o; } if ($request_method = OPTIONS) { set $c "$c-p"; } if ($c = o-p) { add_header Access-Control-Allow-Origin a; return 204; } proxy_pass http://${at.api}; }
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
