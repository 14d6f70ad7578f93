import assert from 'node:assert/strict'
import { test } from 'node:test'
import { API, isClosed, NEXT, read, said } from '../../test/nginx.ts'
import { isTakenOver } from './from-nginx.ts'

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
    'set $off ""; if (-f /off) { set $off a; } if ($cookie_a = "") { set $off "$off-b"; } if ($off = a-b) { return 503; }',
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
  assert.match(said(all, 'if').join(), /^lost: Nginx refused such requests, or sent them elsewhere/)
  await isClosed(only('GET|HEAD'))
})
