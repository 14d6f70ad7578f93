import assert from 'node:assert/strict'
import { test } from 'node:test'
import { read, said } from '../../test/nginx.ts'
import { isTakenOver } from './from-nginx.ts'

const NEXT = 'location / { proxy_pass http://127.0.0.1:3000; }'
const API = 'location /api/ { proxy_pass http://a:8080; }'

/** Nothing of /api is printed, and the exit code is not 0. */
async function isClosed(conf: string) {
  const reading = await read(conf)
  assert.equal(reading.config, undefined, conf)
  assert.equal(isTakenOver(reading), false)
}

for (const guards of [
  'auth_jwt_enabled on; auth_jwt_key "k";',
  'auth_jwt_enabled off; auth_basic "Staff";',
  'auth_ldap_servers x; auth_spnego on;',
  'auth_basic Off;',
  'auth_request OFF;',
  'shib_request on;',
  'SecRulesEnabled;',
  'ModSecurityEnabled on;',
  'no_such_guard on;',
  'return 302 /maintenance;',
  'access_by_lua_block { if x == "}" then ngx.exit(403) end }',
]) {
  test(`an API behind ${guards} is not opened`, () =>
    isClosed(`server { ${NEXT} location /api/ { ${guards} proxy_pass http://a:8080; } }`))
}

for (const [outer, inner] of [
  ['auth_basic "Staff"; auth_basic_user_file x; auth_delay 1s;', 'auth_basic off;'],
  ['auth_jwt_key "k"; auth_jwt_enabled on;', 'auth_jwt_enabled Off;'],
  ['auth_ldap_cache_enabled on;', 'auth_request_set $user $upstream_http_x_user;'],
  [
    '',
    'proxy_ssl_conf_command Options x; log_not_found off; more_clear_headers Server; add_header_inherit merge; ssi off; break;',
  ],
]) {
  test(`${outer} with ${inner} guards nothing`, async () => {
    const { config } = await read(
      `${outer} server { ${NEXT} location /api/ { ${inner} proxy_pass http://a:8080; } }`,
    )
    assert.match(config ?? '', /path: '\/api'/)
  })
}

test('a part of the API with a directive that is not known closes the route around it', () =>
  isClosed(
    `server { ${NEXT} ${API} location ~ ^/api/admin { no_such_guard on; proxy_pass http://a:8080; } }`,
  ))

for (const pattern of [
  '/\\.git|/internal/',
  '^/api/(a|b)|/internal/',
  '^/static|^/api/x',
  '/\\.?internal',
  '^/(static|api)/x',
  '^/(?:static|api/x)(/|$)',
  '^/(v1)?(/api)/x',
  '^/(?!static)',
  '^/(?!api/x/|static)',
  '^/(?!app).*\\.php$',
  '\\.(php|bak)$',
  '\\.(env|bak)',
  '(\\.bak|/internal)$',
]) {
  test(`location ~ ${pattern} { deny all; } closes an API`, () =>
    isClosed(`server { ${NEXT} ${API} location ~ ${pattern} { deny all; } }`))
}

for (const pattern of [
  '/\\.(git|ht)',
  '/\\.git|/\\.svn',
  '^/static|^/files/(a|b)',
  '/\\.[a|b]',
  '^/(wp-admin|xmlrpc\\.php)',
  '^/(ui|docs|\\.env)(/|$)',
  '^/(?!static/|api/).*\\.php$',
  '(^|/)\\.',
  '\\.(env|bak|sw[op])$',
  '(?:#.*#|\\.(?:bak|in[ci]|SQL)|~)$',
  '^.+\\.log$',
]) {
  test(`location ~ ${pattern} { deny all; } closes none`, async () => {
    const { config } = await read(`server { ${NEXT} ${API} location ~ ${pattern} { deny all; } }`)
    assert.match(config ?? '', /path: '\/api'/)
  })
}

test('names of files that Nginx refused are refused by the app; below a route the API has them, and that is said', async () => {
  const names = '\\.(env|bak)$'
  for (const [api, kind] of [
    [API, 'guarded'],
    [API.replace('/api/', '^~ /api/'), 'look'],
  ] as const) {
    const reading = await read(`server { ${NEXT} ${api} location ~* ${names} { deny all; } }`)
    const text = said(reading, 'location ~*').join()
    assert.match(text, new RegExp(`^${kind}: Nginx refused such names`))
    // what goes to an API does not come to Next
    assert.doesNotMatch(text, /security group|proxy\.ts/)
    assert.equal(isTakenOver(reading), kind === 'look')
  }
  await isClosed(`server { ${NEXT} ${API} location ~* ${names} { allow 10.0.0.0/8; deny all; } }`)
})

test('nothing is redirected to = /', async () => {
  const { config } = await read(
    'server { location / { proxy_pass http://a:8080; } location = / { proxy_pass http://127.0.0.1:3000; } }',
    { pages: 'http://127.0.0.1:3000' },
  )
  assert.match(config ?? '', /except: \['= \/'\]/)
})

for (const what of ['deny all;', 'proxy_pass http://127.0.0.1:3000;']) {
  test(`location = /api/ { ${what} } has /api as well, which Nginx redirects to it`, async () => {
    const reading = await read(
      `server { ${NEXT} location /api/ { proxy_pass http://a:8080/; } location = /api/ { ${what} } }`,
    )
    assert.match(reading.config ?? '', /except: \['= \/api\/', '= \/api'\]/)
    assert.doesNotMatch(said(reading, 'location /api/').join(), /\/api itself goes to the API/)
  })
}

for (const [outer, condition] of [
  ['map $cookie_session $in { default 0; ~.+ 1; }', 'if ($in = 0) { return 302 /login; }'],
  [
    'map $http_user_agent $x { default $y; } map $y $y { default $cookie_a; }',
    'if ($x) { return 302 /login; }',
  ],
  ['geo $office { default 0; 10.0.0.0/8 1; }', 'if ($office = 0) { rewrite ^ /denied last; }'],
  ['', 'set $in $cookie_session; if ($in = "") { return https://www.dev.jp/login; }'],
  ['', 'if ($cookie_session = "") { return 302 https://sso.dev.jp$request_uri; }'],
  ['', 'if ($cookie_session = "") { return 200 "please log in"; }'],
  ['', 'if ($http_authorization = "") { return 302 https://$host$request_uri; }'],
  ['', 'if ($cookie_session = "") { return 302 https://www.dev.jp$request_uri; }'],
  ['', 'set $out 1; if ($cookie_session) { set $out 0; } if ($out) { return 302 /login; }'],
  ['', 'set $out 0; set_by_lua $out "return x()"; if ($out) { return 302 /login; }'],
  ['', 'if ($http_user_agent ~* "^(?!OurApp)") { return 403; }'],
  ['', 'if ($http_user_agent ~ ^(?:(?!OurApp).)*$) { return 403; }'],
  ['', 'if ($http_user_agent ~ "\\A[^O]") { return 403; }'],
  ['', 'if ($http_user_agent ~ ^[^M]) { return 403; }'],
  ['', 'if ($http_user_agent ~* mozilla) { return 403; }'],
  ['', 'if ($http_user_agent ~ .) { return 403; }'],
  ['map $http_user_agent $bad { default 0; "~^(?!OurApp)" 1; }', 'if ($bad) { return 403; }'],
  ['map $http_user_agent $bad { default 0; "~^(?!OurApp)" 1; }', 'if ($bad) { return 302 /get; }'],
  ['map $http_user_agent $ours { default ""; ~OurApp 1; }', 'if ($ours = "") { rewrite ^ /get; }'],
  ['', 'if ($http_user_agent !~ OurApp) { return 302 https://get.dev.jp/; }'],
  ['', 'if ($http_user_agent != OurApp) { proxy_pass http://public:8080; }'],
  ['', 'if ($http_user_agent ~ Mozilla) { return 302 https://get.dev.jp/; }'],
  ['', 'set $out 0; if ($http_user_agent !~ OurApp) { set $out 1; } if ($out) { return 302 /get; }'],
  ['map $http_user_agent $bad { default 0; ~OurApp 0; ~. 1; }', 'if ($bad = 1) { return 403; }'],
  ['map $http_user_agent $ours { default no; ~OurApp yes; }', 'if ($ours != yes) { return 403; }'],
  ['map $http_user_agent $bad { include agents; }', 'if ($bad) { return 403; }'],
  ['', 'if ($remote_addr !~ ^10\\.) { proxy_pass http://public:8080; }'],
  ['', 'if ($args !~ "key=abc") { rewrite ^ /denied last; }'],
  ['', 'if ($request_uri !~ "key=abc") { rewrite ^ /denied last; }'],
  ['', 'if ($request_uri ~ "^/api/\\?key=abc") { break; } rewrite ^/api /denied last;'],
  ['', 'if ($cookie_a = "") { rewrite ^/api/x$ /denied last; }'],
  ['', 'if ($cookie_a = "") { rewrite ^/(a|ap)i? /denied last; }'],
  ['', 'if ($cookie_a = "") { rewrite ^/?(.*)$ /denied last; }'],
  ['map $request_uri $ok { default 0; "~[?&]token=s3cret" 1; }', 'if ($ok = 0) { return 302 /login; }'],
  ['map $request_uri $no { default 1; "~*\\?key=abc$" ""; }', 'if ($no) { rewrite ^ /denied last; }'],
  ['map $request_uri $ok { default 0; "/api/?token=s3cret" 1; }', 'if ($ok = 0) { return 302 /login; }'],
  ['map $request_uri $ok { default 0; "~^/in\\?key=" 1; }', 'if ($ok = 0) { return 302 /login; }'],
  ['map $request_uri $no { default 1; "/in?key=s" ""; }', 'if ($no) { return 302 /login; }'],
  [
    'geo $outside { default 1; 10.0.0.0/8 0; } map $request_uri $no { default 0; ~^/api/ $outside; }',
    'if ($no) { return 302 /login; }',
  ],
  [
    'map $http_x_key $who { default 1; s3 0; } map $request_uri $no { default 0; "~^/x" 1; "~^/api" $who; }',
    'if ($no) { return 302 /login; }',
  ],
  ['', 'if ($request_uri = "/in?key=s") { set $ok 1; } if ($ok != 1) { return 302 /login; }'],
  ['', 'rewrite ^/api/(.*)$ /v1/$1; if ($cookie_a = "") { rewrite ^/v1/ /denied last; }'],
  ['', 'if (!-f /etc/nginx/allowed/$remote_addr) { return 403; }'],
  ['', 'root /srv/$cookie_sid; if (!-f $document_root/ok) { return 403; }'],
  ['', 'root /srv/$cookie_sid; if (!-f $request_filename) { return 302 /login; }'],
  ['', 'if (-f /var/blocked/$cookie_token) { return 403; }'],
  ['', 'set $ua $http_user_agent; if ($ua !~ OurApp) { return 302 /get; }'],
  ['', 'set $ua "$http_user_agent:$request_method"; if ($ua !~ OurApp) { return 302 /get; }'],
  [
    '',
    'set $ua $http_user_agent; if ($scheme = http) { set $ua x; } if ($ua !~ OurApp) { return 302 /get; }',
  ],
  [
    'map $http_user_agent $ours { default no; ~OurApp yes; } map $ours $out { default 1; yes 0; }',
    'if ($out) { return 302 /get; }',
  ],
  ['', 'set $ua "$http_user_agent-"; if ($ua !~ OurApp) { return 302 /get; } set $ua "";'],
  ['', 'if ($http_user_agent) { return 302 /get; }'],
  ['', 'set $asked $request_uri; if ($asked !~ "key=abc") { return 302 /login; }'],
  ['', 'set $off 1; if (-f /open) { set $off 0; } if ($off) { return 503; }'],
  [
    '',
    'set $off 0; if (-f /off) { set $off 1; } if ($cookie_a = "") { set $off 1; } if ($off) { return 503; }',
  ],
  ['', 'set $off 0; if (-f /off/$remote_addr) { set $off 1; } if ($off) { return 503; }'],
  ['', 'set $off 0; if (-f /off) { set $off 1; } set_by_lua $off "return x()"; if ($off) { return 503; }'],
  ['', 'if ($http_x_key != s3) { add_header Access-Control-Allow-Origin *; return 403; }'],
] as const) {
  test(`${outer} ${condition} guards`, () =>
    isClosed(
      `${outer} server { server_name app.dev.jp www.dev.jp; ${NEXT} location /api/ { ${condition} proxy_pass http://a:8080; } }`,
    ))
}

for (const [outer, rule] of [
  ['', 'if ($query_string ~ "^p=([0-9]+)$") { set $p $1; rewrite ^/$ /blog/$p? permanent; }'],
  ['', 'if ($args ~ ^lang=ja) { rewrite ^/?$ /ja? permanent; }'],
  ['', 'if ($args ~ id=5) { rewrite ^/(list|a)\\.php /list? last; }'],
  ['', 'if ($cookie_lang = ja) { rewrite ^/$ /ja last; } rewrite ^/old/ /new/ permanent;'],
  ['', 'if ($request_uri ~ ^/index\\.php\\?p=) { rewrite ^ /blog permanent; }'],
  ['', 'if ($request_uri = "/?p=1") { return 301 /blog; }'],
  [
    'map $request_uri $new { default ""; "/list.php?id=1" /a; ~^/b\\.php\\?id= /b; }',
    'if ($new) { return 301 $new; }',
  ],
  [
    'geo $outside { default 1; 10.0.0.0/8 0; } map $request_uri $no { default 0; ~^/other/ $outside; }',
    'if ($no) { return 302 /login; }',
  ],
] as const) {
  test(`${outer} ${rule} of the server is about other paths: no API is closed`, async () => {
    const reading = await read(`${outer} server { ${rule} ${NEXT} ${API} }`)
    assert.match(reading.config ?? '', /path: '\/api'/)
    assert.equal(isTakenOver(reading), false)
  })
}

for (const rule of [
  'no_such_guard on;',
  'app_protect_enable on;',
  'include snippets/office-only.conf;',
  'include /nowhere/*.conf;',
]) {
  test(`${rule} of the server closes its APIs, and that of http where it is no pattern`, async () => {
    await isClosed(`server { ${rule} ${NEXT} ${API} }`)
    if (!rule.includes('*')) await isClosed(`http { ${rule} server { ${NEXT} ${API} } }`)
  })
}

for (const more of [
  'js_shared_dict_zone zone=f:1m; js_fetch_trusted_certificate /ca.pem; js_engine qjs;',
  'datadog_agent_url http://localhost:8126; datadog_service_name web;',
  'passenger_root /usr/lib; passenger_ruby /usr/bin/ruby; perl_set $x x;',
  'opentracing on; opentracing_propagate_context; source_charset utf-8; addition_types text/html; max_headers 100;',
]) {
  test(`${more} guards nothing`, async () => {
    const conf = `load_balance_x on; http { ${more} server { ${NEXT} ${API} } }`
    assert.match((await read(conf)).config ?? '', /path: '\/api'/)
  })
}

test("a certificate of Nginx's own by ACME is lost, and closes nothing", async () => {
  const reading = await read(`acme_issuer le { uri https://a.jp; } acme_shared_zone zone=z:1M;
    server { listen 443 ssl; acme_certificate le; ${NEXT} ${API} }`)
  assert.match(reading.config ?? '', /path: '\/api'/)
  assert.match(said(reading, 'acme_certificate').join(), /^lost: TLS ends at the public ALB/)
})

for (const rule of ['js_content a.b;', 'passenger_enabled on;', 'datadog_appsec_enabled on;', 'perl a;']) {
  test(`${rule} may guard an API`, () =>
    isClosed(`server { ${NEXT} location /api/ { ${rule} proxy_pass http://a:8080; } }`))
}

test('a file that is not here, and that has no guard wherever it is, closes nothing', async () => {
  const { config } =
    await read(`http { include mime.types; include /etc/nginx/conf.d/*.conf; lua_shared_dict a 1m;
    server { include /etc/letsencrypt/options-ssl-nginx.conf; ${NEXT} ${API} } }`)
  assert.match(config ?? '', /path: '\/api'/)
})

for (const rules of [
  'if ($remote_addr ~ ^10\\.) { break; } return 302 https://sso.dev.jp/login;',
  'if ($remote_addr ~ ^10\\.) { rewrite ^(.*)$ $1 break; } return 302 https://sso.dev.jp/login;',
  'if ($remote_addr ~ ^10\\.) { break; } rewrite ^/api/admin /denied last;',
  'if ($remote_addr ~ ^10\\.) { break; } if ($uri ~ admin) { rewrite ^ /denied last; }',
  'return 301 https://new.dev.jp$request_uri;',
  'if ($request_uri ~ "^/in\\?key=s") { rewrite ^ /api/x break; } rewrite ^ /login last;',
]) {
  test(`a server with ${rules} opens no API`, () =>
    isClosed(`server { server_name www.dev.jp; ${rules} ${NEXT} ${API} }`))
}

test('a break for those who may is told of pages as well', async () => {
  const rules = 'if ($remote_addr ~ ^10\\.) { break; } rewrite ^/x /denied last;'
  for (const [outer, inner] of [
    [rules, ''],
    ['', rules],
  ]) {
    const page = `location /x { ${inner} proxy_pass http://127.0.0.1:3000; }`
    const reading = await read(`server { ${outer} ${NEXT} ${page} }`)
    assert.match(said(reading, 'location /x').join(), /^guarded: Nginx guarded it by if/)
  }
})

for (const guard of ['allow 10.0.0.0/8; deny all;', 'auth_basic x;', 'internal;', 'no_such_guard on;']) {
  test(`what leads to location @api below ${guard} is not opened`, async () => {
    const inner = 'location /in/api/ { try_files $uri @api; }'
    const reading = await read(
      `server { ${NEXT} location /in/ { ${guard} ${inner} } location @api { proxy_pass http://a:8080; } }`,
    )
    assert.match(said(reading, 'location /in/api/').join(), /^guarded: .*It is left out/)
    assert.equal(reading.config, undefined)
  })
}

for (const files of ['=404', '@in', '/in', '/in?a=b']) {
  test(`an API behind try_files $uri ${files}, which comes before its proxy_pass, is not opened`, () =>
    isClosed(`server { ${NEXT} location /api/ { try_files $uri ${files}; proxy_pass http://a:8080; }
      location @in { deny all; proxy_pass http://a:8080; } location = /in { auth_basic x; proxy_pass http://a:8080; } }`))
}

test('an if on names that begin with a dot keeps nothing of an API, and one on other paths closes it', async () => {
  const only = (pattern: string) => `server { ${NEXT} ${API} if ($uri ~ "${pattern}") { return 403; } }`
  const { config } = await read(only('^/\\.well-known/.*\\.(php|py|zip)$'))
  assert.match(config ?? '', /path: '\/api'/)
  for (const pattern of ['\\.(php|py)$', '^/\\.?well', '^/api/x|^/\\.git']) await isClosed(only(pattern))
})

for (const [outer, condition] of [
  ['map $http_user_agent $mobile { default 0; ~iPhone 1; }', 'if ($mobile) { return 302 /m; }'],
  ['', 'if ($http_x_forwarded_proto = http) { return 301 https://$host$request_uri; }'],
  ['', 'set $plain 1; if ($plain) { return 301 https://$host$request_uri; }'],
  ['', 'if ($scheme = http) { set $to "$to-s"; } if ($to = -s) { return 301 https://a.jp$request_uri; }'],
  ['', 'if ($http_x_forwarded_ssl != on) { return 301 https://$host$request_uri; }'],
  ['', 'if ($cookie_a) { break; }'],
  ['', 'if ($http_user_agent ~* iphone) { rewrite ^/api/(.*)$ /m/$1 last; }'],
  ['', 'if ($http_user_agent ~ "(?i)android|iphone") { return 302 https://m.dev.jp/; }'],
  ['', 'root /srv; if (-f $realpath_root/maintenance.html) { return 503; }'],
  ['', 'if (!-e $document_root/$uri) { return 404; }'],
  ['', 'set $ua $http_user_agent; if ($ua ~* iphone) { return 302 /m; }'],
  ['', 'set $off 0; if (-f /off) { set $off 1; } if ($off = 1) { return 503; }'],
  [
    '',
    'set $off 0; if (-f /off) { set $off 1; } if ($remote_addr = 10.0.0.1) { set $off 0; } if ($off) { return 503; }',
  ],
  [
    '',
    'if (-f /off) { set $off a; } if ($cookie_a = "") { set $off "$off-b"; } if ($off = a-b) { return 503; }',
  ],
  [
    '',
    'set $c ""; if ($http_origin ~ dev) { set $c 1; } if ($c) { add_header Access-Control-Allow-Origin a; return 204; }',
  ],
] as const) {
  test(`${outer} ${condition} is about what is asked for, not who asks`, async () => {
    const { config } = await read(
      `${outer} server { ${NEXT} location /api/ { ${condition} proxy_pass http://a:8080; } }`,
    )
    assert.match(config ?? '', /path: '\/api'/)
  })
}

for (const [outer, condition] of [
  ['', 'if ($http_user_agent ~* (wget|scrapy)) { return 403; }'],
  ['', 'if ($host !~ ^www\\.dev\\.jp$) { return 444; }'],
  ['', 'if ($http_user_agent ~* "(?i)LWP::Simple|^$|Go\\-http|[a-z\\d]{2000}") { return 403; }'],
  ['', 'if ($http_user_agent = "") { return 403; }'],
  ['', 'set $ua $http_user_agent; if ($ua ~* scrapy) { return 403; }'],
  ['map $http_user_agent $bad { default 0; ~*bot 1; }', 'if ($bad) { return 403; }'],
  ['map $http_user_agent $bad { default no; ~bot yes; }', 'if ($bad = yes) { return 403; }'],
  ['map $http_user_agent $bad { ~Good 0; ~*bot "3"; }', 'if ($bad = "3") { return 403; }'],
] as const) {
  test(`${outer} ${condition} keeps out bots: it is told, and closes no API`, async () => {
    const reading = await read(`${outer} server { ${condition} ${NEXT} ${API} }`)
    assert.match(reading.config ?? '', /path: '\/api'/)
    assert.match(said(reading, 'if').join(), /^lost: .* for every location: .* proxy\.ts, for pages alone$/)
  })
}

test('an if that lets in one program, or a host for some paths, guards', async () => {
  const map = 'map $http_user_agent $bad { default 1; ~OurApp 0; }'
  for (const condition of ['$http_user_agent !~ OurApp', '$bad', '$host != internal.dev.jp'])
    await isClosed(
      `${map} server { ${NEXT} location /api/ { if (${condition}) { return 403; } proxy_pass http://a:8080; } }`,
    )
})

test('an if that leaves all methods of browsers and apps guards nothing, and one that leaves fewer does', async () => {
  const only = (methods: string) =>
    `server { ${NEXT} ${API} if ($request_method !~ ^(${methods})$) { return 405; } }`
  const all = await read(only('GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS'))
  assert.match(all.config ?? '', /path: '\/api'/)
  assert.match(said(all, 'if').join(), /^lost: Nginx refused such requests/)
  await isClosed(only('GET|HEAD'))
})

test('another server at the same port that guards the same pages or APIs is told, for any Host is served here', async () => {
  const conf = (listen: string, origin: string) => `
    server { listen 4000; server_name www.dev.jp; ${NEXT} ${API} }
    server { ${listen} server_name admin.dev.jp; allow 10.0.0.0/8; deny all; location / { proxy_pass ${origin}; } }`
  const asked = { server: 'www.dev.jp' }
  const same = await read(conf('listen 4000;', 'http://localhost:3000'), asked)
  assert.match(said(same, 'server').join(), /guarded: another server.*guarded it by allow, deny/)
  assert.equal(isTakenOver(same), false)
  for (const [listen, origin] of [
    ['listen 4001;', 'http://localhost:3000'],
    ['listen 4000;', 'http://admin:3000'],
  ] as const)
    assert.match(said(await read(conf(listen, origin), asked), 'server').join(), /look: another server/)
})

for (const [before, after, isSaid] of [
  ['listen 80 default_server;', 'listen 80;', true],
  ['listen 80;', 'listen 80;', true],
  ['listen 80;', 'listen 80 default_server;', false],
  ['listen 81 default_server;', 'listen 80;', false],
] as const) {
  test(`a guarded server with ${before} before the site with ${after}: unknown hosts ${isSaid ? 'were' : 'were not'} guarded`, async () => {
    for (const guard of ['deny all; root /srv;', 'location / { allow 10.0.0.0/8; deny all; root /srv; }']) {
      const reading = await read(
        `server { ${before} server_name _; ${guard} } server { ${after} server_name www.dev.jp; ${NEXT} ${API} }`,
        { server: 'www.dev.jp' },
      )
      assert.match(
        said(reading, 'server').join(),
        isSaid ? /^guarded: .*every host that is not named/ : /^look/,
      )
      assert.equal(isTakenOver(reading), !isSaid)
    }
  })
}

test('an include that is not here is said to guard another server perhaps, and no more', async () => {
  const before = 'listen 80 default_server; server_name _; include snippets/log.conf; root /srv;'
  const conf = (more: string) =>
    read(`server { ${before} ${more} } server { listen 80; server_name www.dev.jp; ${NEXT} ${API} }`, {
      server: 'www.dev.jp',
    })
  const reading = await conf('')
  assert.match(said(reading, 'server').join(), /^look: .*log\.conf .* is not here and may guard it/)
  assert.equal(isTakenOver(reading), true)
  assert.match(said(await conf('deny all;'), 'server').join(), /^guarded: /)
})

test('a header that Nginx makes of a variable is removed, or a client could say itself who it is', async () => {
  const reading = await read(`server { ${NEXT} location /api/ {
    proxy_set_header X-Remote-User $remote_user; proxy_set_header X-Forwarded-User $remote_user; proxy_pass http://a:8080; } }`)
  assert.match(said(reading, 'proxy_set_header X-Remote-User').join(), /^lost: .* by this name is removed/)
  // X-Forwarded-User is taken from everybody
  assert.match(reading.config ?? '', /headers: \{ 'X-Remote-User': '' \}/)
})

for (const sets of [
  'set $a mine; if ($cookie_a = "") { set $a theirs; }',
  'set $a mine; if ($cookie_a ~ "(?<a>.+)") { }',
  'set $a mine; set_by_lua $a "return x()";',
  'if ($cookie_a = "") { break; } set $a mine;',
  'set $a mine; location /api/ { if ($cookie_a = "") { set $a theirs; } API }',
]) {
  const all = (more: string) => {
    const api = `${more} add_header X-A $a; proxy_set_header X-A $a;`
    return `server { ${NEXT} ${sets.includes('API') ? sets.replace('API', api) : `${sets} location /api/ { ${api} }`} }`
  }
  test(`${sets} is a value of some requests, which nobody else gets`, async () => {
    const reading = await read(all('proxy_pass http://a:8080;'))
    assert.match(reading.config ?? '', /headers: \{ 'X-A': '' \},\n +upgrade/)
    assert.match(said(reading, 'add_header X-A').join(), /^lost: .*made of a variable/)
    assert.match(said(reading, 'set $a').join(), /^look: its variable is not evaluated/)
    for (const pass of ['http://$a:8080', 'http://a:8080/$a$is_args$args'])
      await isClosed(all(`proxy_pass ${pass};`))
  })
}

test('an if before the last set has no say', async () => {
  const { config } = await read(
    `server { ${NEXT} location /api/ { if ($cookie_a) { set $a b; } set $a c; proxy_set_header X-A $a; proxy_pass http://a:8080; } }`,
  )
  assert.match(config ?? '', /headers: \{ 'X-A': 'c' \}/)
})

test('a header that Nginx makes of what the client says in it is passed on as it came', async () => {
  const reading = await read(`server { ${NEXT} location /api/ { set $auth $http_authorization;
    proxy_set_header Authorization $auth; proxy_set_header Cookie "$http_cookie; a=b"; proxy_set_header X-Who $remote_user; proxy_pass http://a:8080; } }`)
  assert.match(said(reading, 'proxy_set_header Authorization').join(), /^same: /)
  assert.match(said(reading, 'proxy_set_header Cookie').join(), /^lost: .* by this name is passed on/)
  assert.match(reading.config ?? '', /headers: \{ 'X-Who': '' \}/)
})
