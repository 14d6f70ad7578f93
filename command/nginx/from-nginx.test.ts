import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ENV, isEnough, read, said, server } from '../../test/nginx.ts'
import { isTakenOver } from './from-nginx.ts'

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

test('several logins of one API are several BACKEND_PATHS, without those below another', async () => {
  const reading = await read(
    server(`location /staff/login { proxy_pass https://api.dev.jp; }
      location ^~ /user/login/sign-in { proxy_pass https://api.dev.jp; }`),
  )
  assert.equal(reading.env.BACKEND_PATHS, '/user/login,/staff/login')
  assert.equal(reading.env.LOGIN_PATHS, '/user/login,/staff/login')
  isEnough(reading)
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

test('an if that is about the log alone is no loss, and one whose variable something else asks is', async () => {
  const log = `set $log 1; if ($uri ~ ^/up) { set $log 0; } access_log /dev/stdout combined if=$log;`
  const login = 'if ($http_user_agent ~ ELB-Health) { access_log off; }'
  const reading = await read(server(log, login))
  assert.match(said(reading, 'if').join(), /^look: Nginx did not log.*look: Nginx did not log/)
  assert.equal(isTakenOver(reading), true)
  const asked = await read(server(`${log} add_header X-Log \${log};`, login))
  assert.match(said(asked, 'if').join(), /lost: it is not carried over.*look: /)
})

test('where Lua chooses the address, or nothing leads to /, it is asked for', async () => {
  const lua = await read(
    'upstream up { server 0.0.0.1; balancer_by_lua_block { x() } } server { location /api/ { proxy_pass http://up; } }',
  )
  assert.match(said(lua, 'location').join(), /^lost: it cannot be told where it leads: balancer_by_lua_block/)
  const below = await read('server { root /x; location /app/ { proxy_pass http://next:3000; } }')
  assert.match(below.missing.join(), /nothing says where \/ leads: .*http:\/\/next:3000/)
})
