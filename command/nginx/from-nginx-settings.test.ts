import assert from 'node:assert/strict'
import { test } from 'node:test'
import { read, said, server } from '../../test/nginx.ts'
import { isTakenOver } from './from-nginx.ts'

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

test('whose X-Forwarded-For is believed for pages alone is believed', async () => {
  const { env } = await read(
    `server { location / { set_real_ip_from 10.0.0.0/8; real_ip_header X-Forwarded-For; proxy_pass http://127.0.0.1:3000; } location /api/ { proxy_pass http://a; } }`,
  )
  assert.equal(env.TRUSTED_PROXIES, '10.0.0.0/8')
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
  ['127.0.0.11', '', ['http://$name', 'http://api:8000'], undefined, true],
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

test("of Docker's DNS server the time alone is taken, for a task of ECS has another one", async () => {
  const reading = await read(
    server('location /api/ { resolver 127.0.0.11 valid=10s ipv6=off; set $a api; proxy_pass http://$a; }'),
  )
  assert.deepEqual([reading.env.DNS_SERVERS, reading.env.DNS_MAX_TTL], [undefined, '10'])
  assert.match(said(reading, 'resolver').join(), /look: it is Docker's DNS server/)
})

test('a head that is larger than any here becomes the largest', async () => {
  const reading = await read(server('', 'large_client_header_buffers 8 128k;'))
  assert.equal(reading.env.MAX_HEADER, '256kb')
  assert.match(said(reading, 'large_client_header_buffers').join(), /lost: it gets smaller/)
})

test('the name of an upstream is found in whatever case', async () => {
  const { config } = await read(`upstream Api_backend { server 10.0.3.7:8000; }
    server { location / { proxy_pass http://127.0.0.1:3000; } location /api/ { proxy_pass http://aPI_backend; } }`)
  assert.match(config ?? '', /to: 'http:\/\/10\.0\.3\.7:8000',\n +host: 'aPI_backend'/)
})
