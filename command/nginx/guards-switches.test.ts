import assert from 'node:assert/strict'
import { test } from 'node:test'
import { read } from '../../test/nginx.ts'
import { isTakenOver } from './from-nginx.ts'

const NEXT = 'location / { proxy_pass http://127.0.0.1:3000; }'
const API = 'proxy_pass http://a:8080;'
const of = (http: string, server: string, rules: string, location = '/api/') =>
  `${http} server { ${NEXT} ${server} location ${location} { ${rules} ${API} } }`

const FILE = 'if (-f /off) { set $off 1; }'
const END = 'if ($off) { return 503; }'

for (const [server, rules] of [
  ['', `set $off 0; ${FILE} ${END}`],
  [`set $off 0; ${FILE}`, END],
  [`set $off 0; ${FILE} ${END}`, ''],
  ['', `set $off 1; set $off 0; ${FILE} ${END}`],
  [`set $off 1; if ($cookie_sid = "") { break; } set $off 0;`, `set $off 0; ${FILE} ${END}`],
  ['', `set $Off 0; ${FILE} ${END}`],
] as const) {
  test(`${server} and ${rules} of a location is a switch for all, and closes no API`, async () => {
    const { config } = await read(of('', server, rules))
    assert.match(config ?? '', /path: '\/api'/)
  })
}

for (const [http, server, rules, location] of [
  ['map $cookie_sid $off { default 0; "" 1; }', '', `${FILE} ${END}`],
  ['geo $off { default 1; 10.0.0.0/8 0; }', '', `${FILE} ${END}`],
  ['split_clients $remote_addr $off { 50% 1; * 0; }', '', `${FILE} ${END}`],
  ['', '', `${FILE} ${END}`, '~ ^/api/(?<off>.*)$'],
  ['', 'set $off 0;', `${FILE} ${END}`, '~ ^/api/(?<off>.*)$'],
  ['', '', `set $off 0; ${FILE} if ($cookie_sid ~ "(?<off>.+)") { set $x 1; } ${END}`],
  ['', '', `set $off 0; ${FILE} if ($cookie_sid ~ "(?P<Off>.+)") { set $x 1; } ${END}`],
  [
    'map $cookie_sid $seen { default 0; "~(?<off>.+)" 1; }',
    '',
    `set $off 0; ${FILE} if ($seen) { set $x 1; } ${END}`,
  ],
  ['', 'set $off 1; if ($cookie_sid = "") { break; } set $off 0;', `${FILE} ${END}`],
  ['', 'set $off 1; if ($cookie_sid = "") { rewrite ^ /api/x last; } set $off 0;', `${FILE} ${END}`],
  ['', 'set $off 1; break; set $off 0;', `${FILE} ${END}`],
  ['', 'set $off 1; rewrite ^/api/in /api/x last; set $off 0;', `${FILE} ${END}`],
  ['', '', `set $off 0; ${FILE} if ($cookie_sid = "") { set_by_lua $off "return 1"; } ${END}`],
  ['', '', `set $off 0; ${FILE} if ($cookie_sid = "") { set $OFF 1; } ${END}`],
  [
    '',
    '',
    'set $limit_rate 1k; if (-f /off) { set $limit_rate 2k; } if ($limit_rate = 1024) { return 503; }',
  ],
  ['', '', 'set $v ""; if (-f /off) { set $v off; } if ($v = $cookie_sid) { return 403; }'],
  ['', '', 'set $v 1; if (-f /off) { set $v off; } if ($v != $cookie_sid) { return 302 /login; }'],
  ['', '', 'if ($http_user_agent = $cookie_a) { return 403; }'],
  ['', 'if ($host = $cookie_a) { return 403; }', ''],
  ['', 'if ($host != $arg_h) { return 403; }', ''],
] as const) {
  test(`${http} ${server} with ${rules} of ${location ?? '/api/'} may be about who asks, and closes the API`, async () => {
    const reading = await read(of(http, server, rules, location))
    assert.equal(reading.config, undefined)
    assert.equal(isTakenOver(reading), false)
  })
}

for (const [files, others] of [
  ['$uri =204', ''],
  ['$uri =200', ''],
  ['$uri @x', 'location @x { try_files /nope @y; } location @y { auth_basic x; proxy_pass http://a:8080; }'],
  ['$uri @x', 'location @x { try_files /nope =204; }'],
  ['$uri @x', 'location @x { try_files /nope @y; } location @y { try_files /nope @x; }'],
  ['$uri /in$is_args$args', 'location = /in { deny all; proxy_pass http://a:8080; }'],
  ['$uri $cookie_a', ''],
  ['$uri @missing', ''],
] as const) {
  test(`try_files ${files} with ${others} before a proxy_pass closes the API`, async () => {
    const { config } = await read(
      `server { ${NEXT} ${others} location /api/ { try_files ${files}; ${API} } }`,
    )
    assert.equal(config, undefined)
  })
}

test('a chain of try_files that ends where nothing guards closes no API', async () => {
  const { config } = await read(`server { ${NEXT} location /api/ { try_files $uri @x; ${API} }
    location @x { try_files /nope @y; ${API} } location @y { ${API} } }`)
  assert.match(config ?? '', /path: '\/api'/)
})

test('a value that is another one in other letters is that of no route', async () => {
  const { config } = await read(
    of('', '', 'set $A mine; if ($cookie_a = "") { set $a theirs; } proxy_set_header X-A $A;'),
  )
  assert.match(config ?? '', /headers: \{ 'X-A': '' \}/)
})
