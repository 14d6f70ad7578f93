import assert from 'node:assert/strict'
import { test } from 'node:test'
import { read, said } from '../../test/nginx.ts'
import { api, testRows } from '../../test/nginx-apis.ts'
import { isTakenOver } from './from-nginx.ts'

const MAP = `map $http_x_request_id $id { default $http_x_request_id; "" $request_id; }`
/** As nginx-proxy writes it. */
const HOST_MAP = `map $http_x_forwarded_host $asked { default $http_x_forwarded_host; "" $host; }`
const ODD_MAP = `map $http_x_request_id $id { default other; }`

testRows([
  // who asks
  [api('proxy_set_header X-Real-IP $http_cf_connecting_ip;'), 'proxy_set', /^lost: .*CLIENT_ADDRESS_HEADER/],
  [api('proxy_set_header X-Real-IP $http_x_forwarded_for;'), 'proxy_set', /^look/],
  [api('proxy_set_header X-Real-IP $remote_addr;'), 'proxy_set', /^look/],
  [api('proxy_set_header X-Forwarded-For $http_cf_connecting_ip;'), 'proxy_set', /^lost: .*CLIENT_ADDRESS/],
  [api('proxy_set_header X-Forwarded-For "$http_x_forwarded_for, $remote_addr";'), 'proxy_set', /^look/],
  [api('proxy_set_header X-Request-Id $http_x_amzn_trace_id;'), 'proxy_set', /^lost/],
  [api('proxy_set_header X-Request-Id $request_id;'), 'proxy_set', /^same/],
  [api('proxy_set_header X-Request-Id $id;', '', MAP), 'proxy_set', /^same/],
  [api('proxy_set_header X-Request-Id $id;', '', ODD_MAP), 'proxy_set', /^lost/],
  [api('proxy_set_header X-Forwarded-Host $http_x_original_host;'), 'proxy_set', /^lost/],
  [api('proxy_set_header X-Forwarded-Host $asked;', '', HOST_MAP), 'proxy_set', /^same/],
  [api('proxy_set_header X-Forwarded-Proto $http_cloudfront_forwarded_proto;'), 'proxy_set', /^lost/],
  [
    api('set_real_ip_from 10.0.0.0/8; real_ip_header CF-Connecting-IP;'),
    'real_ip_header',
    /^lost: .*CLIENT_ADDRESS_HEADER=CF-Connecting-IP/,
  ],
  [
    api('set_real_ip_from 0.0.0.0/0; real_ip_header X-Forwarded-For;'),
    'set_real_ip',
    /^lost: .*load balancer/,
  ],
  [api('proxy_set_header Host $host:$server_port;'), 'proxy_set_header Host', /^look/],
  // Nginx passes no WebSocket on by one of both
  [api('proxy_set_header Upgrade $http_upgrade;'), 'proxy_set_header Upgrade', /^look: .*upgrade: false/],
  [
    api('proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection keep-alive;'),
    'proxy_set_header Upgrade',
    /^look: .*upgrade: false/,
  ],
  [
    api('proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $http_connection;'),
    'proxy_set_header Upgrade',
    /^same/,
  ],
  [api('proxy_set_header X-A one; proxy_set_header x-a two;'), 'proxy_set_header x-a', /^lost: .*twice/],
  [api('proxy_set_header X-Forwarded-Port $server_port;'), 'proxy_set', /^look/],
  [api('proxy_set_header X-Forwarded-Port 8443;'), 'proxy_set', /^lost/],
  [api('proxy_set_header X-Forwarded-Port 443;'), 'proxy_set', /^lost/],
  [
    api('proxy_set_header X-Forwarded-Proto https; proxy_set_header X-Forwarded-Port 443;'),
    'proxy_set_header X-Forwarded-Port',
    /^same/,
  ],
  [api('proxy_set_header Proxy "";'), 'proxy_set', /^same/],
  // what the front takes from every request
  [api('proxy_set_header Forwarded $http_forwarded;'), 'proxy_set', /^lost/],
  [api('proxy_set_header X_Tenant $http_x_tenant;'), 'proxy_set', /^lost/],
  [api('proxy_set_header Accept-Language $http_accept_language;'), 'proxy_set', /^same/],
])

test('what pages get of who asks is as Nginx said it, or it is lost', async () => {
  const reading = await read(
    'server { location / { proxy_pass http://127.0.0.1:3000; proxy_set_header X-Real-IP $http_cf_connecting_ip; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header Forwarded $http_forwarded; } location /api/ { proxy_pass http://a; } }',
  )
  assert.match(said(reading, 'proxy_set_header X-Real-IP').join(), /^lost/)
  assert.match(said(reading, 'proxy_set_header X-Forwarded-For').join(), /^same/)
  assert.match(said(reading, 'proxy_set_header Forwarded').join(), /^lost/)
})

for (const [header, names, kind] of [
  ['Host tenant-a.dev.jp', 'www.dev.jp', 'lost'],
  ['Host www.dev.jp', 'www.dev.jp', 'same'],
  ['Host www.dev.jp', 'www.dev.jp dev.jp', 'lost'],
  ['Host $server_name', 'www.dev.jp', 'same'],
  ['Host $server_name', 'www.dev.jp dev.jp', 'lost'],
  ['Host $http_host', 'www.dev.jp', 'same'],
  ['Host $host:$server_port', 'www.dev.jp', 'look'],
  ['Host $proxy_host', 'www.dev.jp', 'look'],
  ['Host 127.0.0.1:3000', 'www.dev.jp', 'look'],
  ['Host localhost:3000', 'www.dev.jp', 'look'],
  ['Host localhost', 'www.dev.jp', 'look'],
  ['Host localhost.dev.jp', 'www.dev.jp', 'lost'],
  ['X-Forwarded-Port 8443', 'www.dev.jp', 'lost'],
  ['X-Forwarded-Port $server_port', 'www.dev.jp', 'look'],
] as const) {
  test(`${header} for the pages of ${names} is ${kind}`, async () => {
    const reading = await read(
      `server { server_name ${names}; location / { proxy_pass http://127.0.0.1:3000; proxy_set_header ${header}; } location /api/ { proxy_pass http://a; } }`,
    )
    assert.ok(said(reading, 'proxy_set_header').join().startsWith(kind))
    assert.equal(isTakenOver(reading), kind !== 'lost')
  })
}
