import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from '../../lib/settings/settings.ts'
import { read, said, server } from '../../test/nginx.ts'
import { isTakenOver, type Reading } from './from-nginx.ts'

const ENV = { BACKEND_ORIGIN: 'https://api.dev.jp', BACKEND_PATHS: '/user/login', PORT: '4000' }

function isEnough({ env, missing }: Reading) {
  assert.deepEqual(missing, [])
  assert.equal(readConfig(env).BACKEND_ORIGIN.origin, env.BACKEND_ORIGIN)
}

test('the story: a plain proxy_pass', async () => {
  const reading = await read(server(''))
  assert.deepEqual(reading.env, ENV)
  isEnough(reading)
})

test('the story: the name in a variable, and the query string put back by hand', async () => {
  const reading = await read(`server {
    listen 4000;
    resolver 169.254.169.253 valid=3s ipv6=off;
    location / { proxy_pass http://127.0.0.1:3000; }
    location /user/login {
      set $backend_server api.dev.jp;
      proxy_pass https://\${backend_server}/user/login\${is_args}\${args};
    }
  }`)
  assert.deepEqual(reading.env, { ...ENV, DNS_SERVERS: '169.254.169.253', DNS_MAX_TTL: '3' })
  isEnough(reading)
  assert.match(
    said(reading, 'location /user').join(),
    /keeps its path; Nginx sent all of it to \/user\/login itself/,
  )
  assert.doesNotMatch(said(reading, 'location /user').join(), /query/)
})

test('without is_args and args the query string was lost, and is not any more', async () => {
  const reading = await read(
    'server { set $b api.dev.jp; location /user/login { proxy_pass https://$b/user/login; } }',
  )
  assert.equal(reading.env.BACKEND_ORIGIN, 'https://api.dev.jp')
  assert.match(said(reading, 'location').join(), /the query string is sent along; Nginx left it out/)
})

test('a port or a part of the name in a variable that is not set here makes no origin of the rest', async () => {
  for (const origin of [
    'https://api.dev.jp:$port',
    'https://api.$zone',
    'https://api-$stage.dev.jp/user/login',
  ]) {
    const reading = await read(server('', '').replace('https://api.dev.jp/user/login', origin))
    assert.equal(reading.env.BACKEND_ORIGIN, undefined)
    assert.match(
      said(reading, 'location /user').join(),
      /cannot be told where it leads: \$\w+ has no fixed value here/,
    )
  }
})

test('timeouts, sizes, DNS, whose X-Forwarded-For and retries become settings', async () => {
  const reading = await read(`http {
    resolver 10.0.0.2:53 [fd00::2] valid=500ms ipv4=off;
    proxy_connect_timeout 1500ms;
    upstream api { zone api 64k; server api.dev.jp:8443 resolve; keepalive 32; }
    set_real_ip_from 10.0.0.0/8;
    set_real_ip_from fd00::/8;
    real_ip_header X-Forwarded-For;
    server {
      listen [::]:8080;
      client_max_body_size 10m;
      location / { proxy_pass http://localhost:3000; }
      location /user/ {
        client_max_body_size 64k;
        proxy_pass https://api;
        proxy_read_timeout 1m 30s;
        proxy_next_upstream off;
        proxy_ssl_verify on;
        proxy_ssl_trusted_certificate /etc/nginx/ca.pem;
      }
    }
  }`)
  assert.deepEqual(reading.env, {
    HOST: '::',
    PORT: '8080',
    DNS_SERVERS: '10.0.0.2:53,[fd00::2]',
    DNS_MAX_TTL: '0.5',
    DNS_FAMILY: '6',
    CONNECT_TIMEOUT: '1500ms',
    REPLAY: 'off',
    TRUSTED_PROXIES: '10.0.0.0/8,fd00::/8',
    NODE_EXTRA_CA_CERTS: '/etc/nginx/ca.pem',
  })
  assert.match(
    reading.config ?? '',
    /path: '\/user',\s+to: 'https:\/\/api\.dev\.jp:8443',\s+host: 'api',\s+timeout: '90s',\s+maxBody: '64kb'/,
  )
  assert.deepEqual(reading.missing, [])
  assert.match(said(reading, 'client_max_body_size').join(), /serverActions.bodySizeLimit/)
})

test('a resolver that Nginx asked for no API becomes no DNS_SERVERS', async () => {
  for (const [pass, isAsked] of [
    ['http://api:8000', false],
    ['http://plain', false],
    ['http://$named', false],
    ['http://followed', true],
    ['http://$name', true],
    ['http://api:8000$request_uri', true],
  ] as const) {
    const reading = await read(`http { resolver 10.0.0.2 valid=300s;
      upstream plain { server api:8000; } upstream followed { zone a 64k; server api:8000 resolve; }
      server { set $named plain; set $name api; location / { proxy_pass http://127.0.0.1:3000; } location /user/login { proxy_pass ${pass}; } } }`)
    const { DNS_SERVERS, DNS_MAX_TTL } = reading.env
    assert.deepEqual([DNS_SERVERS, DNS_MAX_TTL], isAsked ? ['10.0.0.2', '300'] : [undefined, undefined], pass)
    assert.equal(said(reading, 'resolver').join().includes('look: Nginx asked it for no API'), !isAsked)
  }
})

for (const [resolver, inner, passes, servers, isWhole] of [
  ['8.8.8.8', '', ['http://$name', 'http://api:8000'], '8.8.8.8', false],
  ['8.8.8.8', '', ['http://$name', 'http://10.0.0.5:8000', 'http://[fd00::5]:8000'], '8.8.8.8', true],
  ['127.0.0.11', '', ['http://$name', 'http://api:8000'], '127.0.0.11', true],
  ['8.8.8.8', '', ['http://10.0.0.5:8000$request_uri', 'http://api:8000'], undefined, true],
  ['8.8.8.8', 'resolver 10.0.0.2 ipv6=off;', ['http://up'], '10.0.0.2', true],
  ['8.8.8.8', 'resolver 10.0.0.2 ipv6=off;', ['http://up', 'http://$name'], '10.0.0.2', false],
] as const) {
  test(`with resolver ${resolver}, in an upstream ${inner}, the names of ${passes} are asked of ${servers}`, async () => {
    const apis = passes.map((pass, i) => `location /a${i}/ { proxy_pass ${pass}; }`).join(' ')
    const reading =
      await read(`resolver ${resolver} ipv6=off; upstream up { zone a 64k; ${inner} server api:8000 resolve; }
      server { server_name www.dev.jp; set $name api; location / { proxy_pass http://127.0.0.1:3000; } ${apis} }`)
    assert.equal(reading.env.DNS_SERVERS, servers)
    assert.equal(isTakenOver(reading), isWhole)
  })
}

test('the name of an upstream is found in whatever case', async () => {
  const { config } = await read(`upstream Api_backend { server 10.0.3.7:8000; }
    server { location / { proxy_pass http://127.0.0.1:3000; } location /api/ { proxy_pass http://aPI_backend; } }`)
  assert.match(config ?? '', /to: 'http:\/\/10\.0\.3\.7:8000',\n +host: 'aPI_backend'/)
})

test('several logins of one API are several BACKEND_PATHS, without those below another', async () => {
  const reading = await read(
    server(`location /staff/login { proxy_pass https://api.dev.jp; }
      location ^~ /user/login/sign-in { proxy_pass https://api.dev.jp; }`),
  )
  assert.equal(reading.env.BACKEND_PATHS, '/user/login,/staff/login')
  assert.equal(reading.env.LOGIN_PATHS, '/user/login,/staff/login')
  isEnough(reading)
})

test('times and sizes of one location are those of its route alone', async () => {
  const reading = await read(
    server(
      'location /user/report { proxy_pass https://api.dev.jp; proxy_read_timeout 50s; client_max_body_size 2g; }',
      'proxy_read_timeout 5s;',
    ),
  )
  assert.deepEqual([reading.env.BACKEND_TIMEOUT, reading.env.MAX_BODY], [undefined, undefined])
  assert.match(reading.config ?? '', /'\/user\/login',\s+to: '[^']+',\s+timeout: '5s',\n/)
  assert.match(reading.config ?? '', /'\/user\/report',\s+to: '[^']+',\s+timeout: '50s',\s+maxBody: '2gb',\n/)
})

test('a listener of the PROXY protocol is not carried over', async () => {
  const reading = await read(server('').replace('listen 4000', 'listen 4000 proxy_protocol'))
  assert.match(said(reading, 'listen').join(), /lost: .*gets 400/)
})

test('of several servers the one with a backend is taken, and the others are named', async () => {
  const reading = await read(
    `server { listen 80; server_name a.jp; return 301 https://$host$request_uri; }\n${server('')}`,
  )
  assert.deepEqual(reading.env, ENV)
  assert.match(
    said(reading, 'server').join(),
    /another server \(port 80, a.jp\): the redirect from http to https is for the public ALB/,
  )
})

test('the port of a server with TLS is not taken: the front speaks plain HTTP', async () => {
  const reading = await read(
    'server { listen 443 ssl; location /user/login { proxy_pass https://api.dev.jp/user/login; } }',
  )
  assert.equal(reading.env.PORT, undefined)
  assert.match(said(reading, 'listen').join(), /TLS ends at the public ALB.*plain HTTP at PORT/)
  isEnough(reading)
})

test('of two servers with a backend one has to be named, by its port or its name', async () => {
  const two = `${server('')}\nserver { listen 5000; server_name b.jp; location /b { proxy_pass https://b.dev.jp; } }`
  assert.match(
    (await read(two)).missing.join(),
    /name one with --server.*\(port 4000\), \(port 5000, b\.jp\)/,
  )
  for (const which of ['5000', 'b.jp']) {
    const reading = await read(two, { server: which })
    assert.match(reading.config ?? '', /to: 'https:\/\/b\.dev\.jp'/)
    assert.deepEqual([reading.env, reading.missing], [{ PORT: '5000' }, []])
  }
  assert.match(
    (await read(two, { server: '6000' })).missing.join(),
    /no server has the port or the name 6000/,
  )
})

test('included files are read, by a pattern and from the folder above; one that is not here is told', async () => {
  const reading = await read({
    'conf.d/default.conf': server(
      'include conf.d/parts/*.inc; include /nowhere/mime.types;',
      'include proxy_params;',
    ),
    'conf.d/parts/1.inc': 'location /user/logout { proxy_pass https://api.dev.jp; }',
    'conf.d/parts/2.inc': 'location /user/me { proxy_pass https://api.dev.jp; }',
    proxy_params: 'proxy_read_timeout 20s;',
  })
  assert.deepEqual(
    [...(reading.config ?? '').matchAll(/path: '(.*)'/g)].map(([, path]) => path),
    ['/user/login', '/user/logout', '/user/me'],
  )
  assert.match(reading.config ?? '', /timeout: '20s'/)
  assert.match(said(reading, 'include /nowhere').join(), /there is no such file here/)
})

test('a pattern that fits no file of a folder that is here is no mistake; of a folder that is not, it is told', async () => {
  const reading = await read({
    'nginx.conf': `${server('location /api/ { include parts/none-*.conf; proxy_pass https://api.dev.jp; }')}
      include /etc/nginx/none-*.conf;`,
    'parts/other.conf': '',
  })
  assert.match(reading.config ?? '', /path: '\/api'/)
  assert.deepEqual(said(reading, 'include parts'), [])
  assert.match(said(reading, 'include /etc').join(), /^lost: there is no such file here/)
})

test('a mistake in an included file has its own name and line; a file that includes itself ends', async () => {
  await assert.rejects(read({ 'a.conf': 'include b.conf;', 'b.conf': '\nlisten 80' }), {
    message: /b\.conf:2: "listen" is not ended by ";"/,
  })
  await assert.rejects(read({ 'a.conf': 'include a.conf;' }), { message: /a\.conf:1: includes itself/ })
})

test('whose X-Forwarded-For is believed for pages alone is believed', async () => {
  const { env } = await read(
    `server { location / { set_real_ip_from 10.0.0.0/8; real_ip_header X-Forwarded-For; proxy_pass http://127.0.0.1:3000; } location /api/ { proxy_pass http://a; } }`,
  )
  assert.equal(env.TRUSTED_PROXIES, '10.0.0.0/8')
})

test('a server that does not say where it listens is at port 80', async () => {
  const reading = await read(server('').replace('listen 4000;', ''))
  assert.deepEqual(reading.env, { ...ENV, PORT: '80' })
})

test('a file of locations alone, as it is included in a server, is read, too', async () => {
  const reading = await read('location /user/login { proxy_pass https://api.dev.jp; }')
  assert.deepEqual(reading.env, { BACKEND_ORIGIN: 'https://api.dev.jp', BACKEND_PATHS: '/user/login' })
})

test('what has to be looked at and what has no counterpart is said in words', async () => {
  const reading = await read(
    `limit_req_zone $binary_remote_addr zone=login:10m rate=5r/m;\n${server(
      'ssl_certificate a.pem; if ($request_method = TRACE) { return 405; } location /old { no_such_thing on; }',
      `limit_req zone=login burst=3; proxy_ssl_verify off;
       proxy_set_header Host $host; proxy_set_header X-Real-IP $remote_addr; proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Api-Key s3cret;
       proxy_set_header Upgrade $http_upgrade; client_max_body_size 0;`,
    )}`,
  )
  const expected: [name: string, remark: RegExp][] = [
    ['limit_req', /lost: .*LOGIN_LIMIT=5\/1m/],
    ['proxy_ssl_verify', /look: Nginx did not verify/],
    ['proxy_set_header X-Real-IP', /look: Nginx sent the address of the public ALB/],
    ['proxy_set_header X-Forwarded-Proto', /look: Nginx sent the scheme of its own listener/],
    ['proxy_set_header Upgrade', /look: a login takes no WebSocket/],
    ['client_max_body_size', /look: there is always a limit/],
    ['ssl_certificate', /lost: TLS ends at the public ALB/],
    ['if', /same: Gatehouse refuses such methods with 405/],
    ['no_such_thing', /lost: it is not known here/],
  ]
  for (const [name, remark] of expected) assert.match(said(reading, name).join('\n'), remark, name)
  assert.doesNotMatch(JSON.stringify(reading), /s3cret/)
  assert.match(reading.config ?? '', /host: 'client',\s+headers: \{ 'X-Api-Key': process\.env\.X_API_KEY \}/)
  assert.deepEqual(reading.env, { PORT: '4000' })
})

test('a header that may be secret is a variable of the environment, by its name or by what it looks like', async () => {
  const reading = await read(
    server(`location /a/ {
        proxy_pass https://a.jp;
        proxy_set_header X-Origin-Verify short;
        proxy_set_header X-Tenant dev-jp;
        proxy_set_header X-From 8f14e45fceea167a5a36dedd4bea2543;
      }
      location /b/ { proxy_pass https://b.jp; proxy_set_header X-Origin-Verify other; }`),
  )
  assert.match(
    reading.config ?? '',
    /'X-Origin-Verify': process\.env\.X_ORIGIN_VERIFY, 'X-Tenant': 'dev-jp', 'X-From': process\.env\.X_FROM \}/,
  )
  assert.match(reading.config ?? '', /\{ 'X-Origin-Verify': process\.env\.X_ORIGIN_VERIFY_2 \}/)
  assert.deepEqual(
    reading.missing.map(each => each.split(' ')[0]),
    ['X_ORIGIN_VERIFY', 'X_FROM', 'X_ORIGIN_VERIFY_2'],
  )
  assert.doesNotMatch(JSON.stringify(reading), /short|8f14|"other/)
})

test('an if that is about the log alone is no loss, and one whose variable something else asks is', async () => {
  const log = `set $log 1; if ($uri ~ ^/up) { set $log 0; } access_log /dev/stdout combined if=$log;`
  const login = 'if ($http_user_agent ~ ELB-Health) { access_log off; }'
  const reading = await read(server(log, login))
  assert.match(said(reading, 'if').join(), /^same: a line of JSON.*same: a line of JSON/)
  assert.equal(isTakenOver(reading), true)
  const asked = await read(server(`${log} add_header X-Log \${log};`, login))
  assert.match(said(asked, 'if').join(), /lost: it is not carried over.*same: /)
})

test('HTTP/3 is not for a task behind an ALB: neither its port is taken nor what offers it', async () => {
  const reading = await read(
    server('add_header Alt-Svc \'h3=":443"\';').replace('listen 4000', 'listen 443 quic; listen 443 ssl'),
  )
  assert.equal(reading.env.PORT, undefined)
  assert.equal(reading.config, undefined)
  assert.match(said(reading, 'add_header Alt-Svc').join(), /^look: HTTP\/3/)
})

test('where Lua chooses the address, or nothing leads to /, it is asked for', async () => {
  const lua = await read(
    'upstream up { server 0.0.0.1; balancer_by_lua_block { x() } } server { location /api/ { proxy_pass http://up; } }',
  )
  assert.match(said(lua, 'location').join(), /^lost: it cannot be told where it leads: balancer_by_lua_block/)
  const below = await read('server { root /x; location /app/ { proxy_pass http://next:3000; } }')
  assert.match(below.missing.join(), /nothing says where \/ leads: .*http:\/\/next:3000/)
})
