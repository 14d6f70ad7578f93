import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NEXT, read, said, server } from '../../test/nginx.ts'
import { testTaken } from '../../test/nginx-routes.ts'

testTaken([
  [
    'location = /api/auth/me { rewrite ^/api(.*)$ $1 break; proxy_pass https://a.jp; }',
    ["path: '= /api/auth/me', to: 'https://a.jp/auth/me'"],
  ],
  ['location = /user/login { proxy_pass https://a.jp; }', ["path: '= /user/login', to: 'https://a.jp'"]],
  ['location =/api/up { proxy_pass https://a.jp/v1/up; }', ["path: '= /api/up', to: 'https://a.jp/v1/up'"]],
  [
    'location = /user/login/ { proxy_pass https://a.jp; } location /user/ { proxy_pass https://a.jp; }',
    ["path: '= /user/login/', to: 'https://a.jp'", "path: '/user', to: 'https://a.jp'"],
  ],
  ['location = /in/ { proxy_pass https://a.jp/; }', ["path: '= /in/', to: 'https://a.jp/'"]],
  [
    'location = /login { rewrite ^/login$ /user/login break; proxy_pass https://a.jp; }',
    ["path: '= /login', to: 'https://a.jp/user/login', kind: 'login'"],
  ],
  [
    'location = /up { set $a a.jp; proxy_pass https://$a/v1/up$is_args$args; }',
    ["path: '= /up', to: 'https://a.jp/v1/up'"],
  ],
  [
    'location /api/ { proxy_pass https://a.jp; } location = /api/up { proxy_pass https://b.jp; } location = /api { proxy_pass https://a.jp; }',
    ["path: '/api', to: 'https://a.jp'", "path: '= /api/up', to: 'https://b.jp'"],
  ],
  [
    'location /api/ { proxy_pass https://a.jp; } location = /api { proxy_pass http://127.0.0.1:3000; } location = /api/docs { return 301 /docs; }',
    ["path: '/api', to: 'https://a.jp', except: ['= /api', '= /api/docs']"],
  ],
  [
    'location /api/ { proxy_pass https://a.jp; } location /api/in/ { deny all; } location = /api/in { proxy_pass https://a.jp; }',
    ["path: '/api', to: 'https://a.jp', except: ['/api/in']", "path: '= /api/in', to: 'https://a.jp'"],
  ],
  [
    'location /api/ { proxy_pass https://a.jp; } location = /api/metrics { deny all; } location /api/admin/ { allow 10.0.0.0/8; deny all; proxy_pass https://a.jp; }',
    ["path: '/api', to: 'https://a.jp', except: ['= /api/metrics', '/api/admin']"],
  ],
])

test('another way to a login is refused here, and that is said', async () => {
  const reading = await read(server('location /api/ { proxy_pass https://api.dev.jp/; }'))
  assert.match(said(reading, 'location /api').join(), /look: \/api\/user\/login gets 400/)
})

test('an API may take an exact login with a slash behind it for the login: it is said that this is refused', async () => {
  const reading = await read(
    `server { ${NEXT} location = /user/login { proxy_pass https://a.jp; } location /user/ { proxy_pass https://a.jp; } }`,
  )
  assert.match(said(reading, 'location = /user/login').join(), /look: \/user\/login\/ and .* get 400/)
  assert.deepEqual(reading.missing, [])
})
