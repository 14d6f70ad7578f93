import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NEXT, read, said, server } from '../../test/nginx.ts'

test('a location that cannot be taken over beside one that can is missing, too', async () => {
  const reading = await read(server('location ~ ^/user/(me|logout)x? { proxy_pass https://api.dev.jp; }'))
  assert.equal(reading.env.BACKEND_PATHS, '/user/login')
  assert.deepEqual(reading.missing, ['set BACKEND_PATHS by hand for location ~ ^/user/(me|logout)x?'])
  // beside the file BACKEND_PATHS is a mistake
  const { missing } = await read(
    server(
      'location /api/ { proxy_pass https://a.jp/v1/; } location ~ ^/v[12]/ { proxy_pass https://a.jp; }',
    ),
  )
  assert.match(
    missing.join(),
    /^no route is printed for location ~ \^\/v\[12\]\/: .*gatehouse\.config\.ts by hand$/,
  )
})

test('without a file the environment is what comes nearest, and it is said what a file would have', async () => {
  const conf = server(
    `location /api/ { proxy_pass https://api.dev.jp; proxy_set_header X-Tenant a; }
     location /pay { proxy_pass https://pay.dev.jp; }`,
    'proxy_read_timeout 20s;',
  )
  const reading = await read(conf, { inEnvironment: true })
  assert.equal(reading.config, undefined)
  assert.deepEqual(
    [reading.env.BACKEND_ORIGIN, reading.env.BACKEND_PATHS, reading.env.BACKEND_TIMEOUT],
    ['https://api.dev.jp', '/user/login,/api', '20s'],
  )
  assert.match(said(reading, 'location /api').join(), /lost: its headers.*need gatehouse\.config\.ts/)
  assert.match(said(reading, 'location /pay').join(), /lost: it needs a route in gatehouse\.config\.ts/)
  assert.match(reading.missing.join(), /by hand for location \/pay/)
  const exact = await read(`server { ${NEXT} location = /user/login { proxy_pass https://a.jp; } }`, {
    inEnvironment: true,
  })
  assert.equal(exact.env.BACKEND_PATHS, '/user/login')
  assert.match(said(exact, 'location = /user/login').join(), /lost: what is below \/user\/login\/ goes/)
})

test('without a file nothing says an exception, and what is guarded below a path closes all of it', async () => {
  const reading = await read(
    server('location /api/ { proxy_pass https://api.dev.jp; } location = /api/metrics { deny all; }'),
    { inEnvironment: true },
  )
  assert.equal(reading.env.BACKEND_PATHS, '/user/login')
  for (const guard of ['location /x/ { deny all; }', 'location ~ ^/x/.*\\.php$ { deny all; }']) {
    const { env } = await read(server(`location = /x { proxy_pass https://api.dev.jp; } ${guard}`), {
      inEnvironment: true,
    })
    assert.equal(env.BACKEND_PATHS, '/user/login', guard)
  }
})
