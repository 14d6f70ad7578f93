import assert from 'node:assert/strict'
import { test } from 'node:test'
import { API, isClosed, NEXT, read, said } from '../../test/nginx.ts'
import { isTakenOver } from './from-nginx.ts'

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
