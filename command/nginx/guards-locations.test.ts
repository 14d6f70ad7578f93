import assert from 'node:assert/strict'
import { test } from 'node:test'
import { API, isClosed, NEXT, read, said } from '../../test/nginx.ts'
import { isTakenOver } from './from-nginx.ts'

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
  const two = `${API} ${API.replace('/api/', '/other/')}`
  const reading = await read(`server { ${NEXT} ${two} location ~* ${names} { deny all; } }`)
  assert.match(said(reading, 'location ~*').join(), /at \/api, \/other and below the API answers/)
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

for (const rule of ['js_content a.b;', 'passenger_enabled on;', 'datadog_appsec_enabled on;', 'perl a;']) {
  test(`${rule} may guard an API`, () =>
    isClosed(`server { ${NEXT} location /api/ { ${rule} proxy_pass http://a:8080; } }`))
}

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
