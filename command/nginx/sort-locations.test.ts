import assert from 'node:assert/strict'
import { test } from 'node:test'
import { read } from '../../test/nginx.ts'

/** What the routes lead to. */
const routesIn = (config = '') =>
  [...config.matchAll(/path: '(.*)',\n +to: '(.*)'/g)].map(([, path, to]) => `${path} ${to}`)

const ASKED: [title: string, conf: string, why: RegExp][] = [
  [
    '/ is of another host, and an API of this machine',
    'server { location / { proxy_pass http://web:3000; } location /api/ { proxy_pass http://127.0.0.1:8080; } }',
    /\/ leads to http:\/\/web:3000.* Add --pages http:\/\/web:3000 or --backend http:\/\/web:3000/,
  ],
  [
    'the same by upstreams',
    `upstream web { server nextjs:3000; } upstream api { server localhost:8000; }
     server { location / { proxy_pass http://web; } location /api/ { proxy_pass http://api; } }`,
    /\/ leads to http:\/\/nextjs:3000/,
  ],
  [
    "a part of Next's is a service's, and / of another host",
    `server { location / { proxy_pass http://web:3000; } location /_next/image { proxy_pass http://images:80; }
       location /api/ { proxy_pass http://a:8080; } }`,
    /\/_next\/image, which is Next's.*whether http:\/\/images has/,
  ],
  [
    'something else than / leads to what is called Next',
    `upstream nextjs_app { server a:3000; }
     server { location / { proxy_pass http://legacy:8080; } location /shop/ { proxy_pass http://nextjs_app; } }`,
    /\/ does not lead to what is called nextjs_app.* Add --pages http:\/\/a:3000 or --backend http:\/\/a:3000/,
  ],
  [
    "a part of Next's is in a bucket",
    `server { location / { proxy_pass http://127.0.0.1:3000; } location /_next/static/ { proxy_pass https://bucket.jp; }
       location /api/ { proxy_pass http://a:8080; } }`,
    /\/_next\/static\/, which is Next's, does not lead where the pages are/,
  ],
  [
    'no location is at /, and the pages may be around the API',
    'server { location /app/api/ { proxy_pass http://127.0.0.1:8000; } location /app/ { proxy_pass http://localhost:3000; } }',
    /^nothing says where \/ leads: .* one of http:\/\/localhost:3000, http:\/\/127\.0\.0\.1:8000 has the pages\. Add --pages http:\/\/localhost:3000 if/,
  ],
]
for (const [title, conf, why] of ASKED) {
  test(`it is asked which origin has the pages, where ${title}`, async () => {
    assert.match((await read(conf)).missing.join(), why)
  })
}

test('of two origins below /, one that is said to be the API leaves it open whether the other one is', async () => {
  const conf =
    'server { location /app/ { proxy_pass http://127.0.0.1:3000; } location /app/api/ { proxy_pass http://127.0.0.1:8000; } }'
  const asked = await read(conf, { backend: 'http://127.0.0.1:8000' })
  assert.match(asked.missing.join(), /whether one of http:\/\/127\.0\.0\.1:3000 has the pages/)
  const said = await read(conf, { pages: 'http://127.0.0.1:3000' })
  assert.deepEqual([routesIn(said.config), said.missing], [['/app/api http://127.0.0.1:8000'], []])
  const other = await read(conf, { pages: 'http://127.0.0.1:3001' })
  assert.deepEqual(other.missing, [])
  assert.deepEqual(routesIn(other.config), ['/app http://127.0.0.1:3000', '/app/api http://127.0.0.1:8000'])
})

for (const [root, other] of [
  ['web:3000', 'nextcloud:80'],
  ['next:3000', 'next-admin:3000'],
]) {
  test(`/ leads to ${root}, and another location to ${other}: nothing is asked`, async () => {
    const conf = `server { location / { proxy_pass http://${root}; } location /x/ { proxy_pass http://${other}; } }`
    assert.deepEqual((await read(conf)).missing, [])
  })
}

test('where /_next leads the pages are, whatever / is', async () => {
  const reading = await read(
    `server { location / { proxy_pass http://a:8080; } location /app/ { proxy_pass http://web:3000; }
       location ~ ^/(static|_next)/ { proxy_pass http://web:3000; } }`,
  )
  assert.deepEqual(routesIn(reading.config), ['/ http://a:8080'])
  assert.deepEqual(reading.missing, [])
})

test('where the files of / fall back the pages are, whatever other location is named', async () => {
  const reading = await read(
    `server { location / { try_files $uri @next; } location @api { proxy_pass http://127.0.0.1:8080; }
       location @next { proxy_pass http://127.0.0.1:3000; } location /api/ { proxy_pass http://127.0.0.1:8080; } }`,
  )
  assert.deepEqual(routesIn(reading.config), ['/api http://127.0.0.1:8080'])
})

test('a regular expression that fits / has the pages', async () => {
  const reading = await read(
    'server { location ~ ^/(?!api) { proxy_pass http://web:3000; } location /api { proxy_pass http://a:8080; } }',
  )
  assert.deepEqual(routesIn(reading.config), ['/api http://a:8080'])
  assert.deepEqual(reading.missing, [])
})

test('localhost, 127.0.0.1 and [::1] are one origin, by their port', async () => {
  const reading = await read(
    `server { location / { proxy_pass http://localhost:3000; } location /_next/ { proxy_pass http://127.0.0.1:3000; }
       location /x/ { proxy_pass http://[::1]:3000; } location /api/ { proxy_pass http://127.0.0.1:30001; } }`,
  )
  assert.deepEqual(routesIn(reading.config), ['/api http://127.0.0.1:30001'])
  assert.deepEqual(reading.missing, [])
})

test('--pages and --backend say it, by any name of this machine', async () => {
  const conf =
    'server { location / { proxy_pass http://a:8080; } location /app/ { proxy_pass http://127.0.0.1:3000; } }'
  for (const asked of [{ pages: 'http://localhost:3000' }, { backend: 'http://a:8080' }]) {
    const reading = await read(conf, asked)
    assert.deepEqual([routesIn(reading.config), reading.missing], [['/ http://a:8080'], []])
  }
})
