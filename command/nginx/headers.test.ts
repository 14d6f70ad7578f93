import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isClosed, NEXT, read, said, server } from '../../test/nginx.ts'
import { AT_NEXT, api, testRows } from '../../test/nginx-apis.ts'
import { isTakenOver } from './from-nginx.ts'

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

test('of a header that is set twice the one without a value is none: a WebSocket is passed on', async () => {
  const { config, findings } = await read(
    api(`proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; proxy_set_header connection "";
      proxy_set_header Host ""; proxy_set_header Host $host; proxy_set_header X-A ""; proxy_set_header X-A a;`),
  )
  assert.match(config ?? '', /host: 'client',\n +headers: \{ 'X-A': 'a' \},\n +\},/)
  assert.deepEqual(
    findings.filter(({ kind }) => kind === 'lost'),
    [],
  )
})

test('expires of the past is no-cache, and a header that is hidden and set is named once', async () => {
  const { config } = await read(
    api('expires -1; proxy_hide_header x-frame-options; add_header X-Frame-Options DENY always;'),
  )
  assert.match(
    config ?? '',
    /responseHeaders: \{ 'x-frame-options': 'DENY', 'Cache-Control': 'no-cache', Expires: '' \}/,
  )
})

test('Strict-Transport-Security of the server is HSTS; where two locations differ, each has its own', async () => {
  const sts = (seconds: number) =>
    `add_header Strict-Transport-Security "max-age=${seconds}; includeSubDomains" always;`
  const reading = await read(api('', sts(60)))
  assert.equal(reading.env.HSTS, 'max-age=60; includeSubDomains')
  assert.doesNotMatch(reading.config ?? '', /Strict/)
  assert.equal(isTakenOver(reading), true)
  const differing = await read(api(sts(10), sts(60)))
  assert.equal(differing.env.HSTS, undefined)
  assert.match(differing.config ?? '', /'Strict-Transport-Security': 'max-age=10/)
})

test('Strict-Transport-Security of one location alone is not for the whole site; that of what / falls back to is', async () => {
  const sts = 'add_header Strict-Transport-Security "max-age=60";'
  const ofPage = await read(api('', `location /admin { ${sts} proxy_pass http://127.0.0.1:3000; }`))
  assert.equal(ofPage.env.HSTS, undefined)
  assert.match(said(ofPage, 'add_header Strict-Transport-Security').join(), /^lost: headers\(\)/)
  const ofApi = await read(api(sts))
  assert.equal(ofApi.env.HSTS, undefined)
  assert.match(ofApi.config ?? '', /'Strict-Transport-Security': 'max-age=60/)
  const named = await read(
    `server { location / { try_files $uri @next; } ${AT_NEXT.replace('}', `${sts} }`)} location /api/ { proxy_pass http://a:8080; } }`,
  )
  assert.equal(named.env.HSTS, 'max-age=60')
})

test('headers() of what / falls back to is for every path', async () => {
  const { findings } = await read(
    `server { add_header X-A b; location / { try_files $uri @next; } ${AT_NEXT} location /api/ { proxy_pass http://a:8080; } }`,
  )
  const sources = findings.flatMap(({ becomes }) => (becomes?.in === 'headers' ? becomes.source : []))
  assert.deepEqual(sources, ['/:path*'])
})

test('a header that may be secret is a variable of the environment, by its name or by what it looks like', async () => {
  const reading = await read(
    server(`location /a/ {
        proxy_pass https://a.jp;
        proxy_set_header X-Origin-Verify short;
        proxy_set_header X-Tenant dev-jp;
        proxy_set_header X-From 8f14e45fceea167a5a36dedd4bea2543;
      }
      location /b/ { proxy_pass https://b.jp; proxy_set_header X-Origin-Verify other; }
      location /c/ { proxy_pass https://c.jp; proxy_set_header Cookie "sid=short"; proxy_set_header X-Up "Bearer short"; }`),
  )
  assert.match(reading.config ?? '', /\{ Cookie: process\.env\.COOKIE, 'X-Up': process\.env\.X_UP \}/)
  assert.match(
    reading.config ?? '',
    /'X-Origin-Verify': process\.env\.X_ORIGIN_VERIFY, 'X-Tenant': 'dev-jp', 'X-From': process\.env\.X_FROM \}/,
  )
  assert.match(reading.config ?? '', /\{ 'X-Origin-Verify': process\.env\.X_ORIGIN_VERIFY_2 \}/)
  assert.deepEqual(
    reading.missing.map(each => each.split(' ')[0]),
    ['X_ORIGIN_VERIFY', 'X_FROM', 'X_ORIGIN_VERIFY_2', 'COOKIE', 'X_UP'],
  )
  assert.doesNotMatch(JSON.stringify(reading), /short|8f14|"other/)
})

testRows([
  // answers
  [api('if ($request_method = OPTIONS) { return 204; }'), 'if', /^lost: .*An API has to check them itself/],
  [api('proxy_cache off; proxy_no_cache 1;'), 'proxy_no_cache', /^same/],
  [api('expires 1h;'), 'expires', /^lost/],
  [api('expires -1;'), 'expires', /^look/],
  [api('expires off;'), 'expires', /^look/],
  [api('charset utf-8;'), 'charset', /^lost/],
  [api('', 'charset utf-8;'), 'charset', /^lost/],
  [api('charset off;'), 'charset', /^same/],
  [api('add_header X-Frame-Options "";'), 'add_header', /^same/],
  [api('add_header Last-Modified "" always;'), 'add_header', undefined],
  [
    api('', 'location @login { return 302 /login; }'),
    'location @login',
    /^lost: .*an error_page or a try_files/,
  ],
  [api('add_header X-A $a;', 'set $a ""; if ($http_origin) { set $a b; }'), 'add_header', /^lost/],
  [api('add_header Cache-Control "public, max-age=60";'), 'add_header', /^lost/],
  [api('add_header Cache-Control no-store;'), 'add_header', /^look/],
  [api('add_header Set-Cookie a=1 always; add_header Vary Origin always;'), 'add_header', undefined],
  [api('proxy_hide_header set-cookie; add_header Set-Cookie a=1;'), 'add_header', /^lost: .*beside/],
])
