import assert from 'node:assert/strict'
import { test } from 'node:test'
import { API, NEXT, read, said, server } from '../../test/nginx.ts'
import { isTakenOver } from './from-nginx.ts'

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

test('a file of locations alone, as it is included in a server, is read, too', async () => {
  const reading = await read('location /user/login { proxy_pass https://api.dev.jp; }')
  assert.deepEqual(reading.env, { BACKEND_ORIGIN: 'https://api.dev.jp', BACKEND_PATHS: '/user/login' })
})

test('a file that is not here, and that has no guard wherever it is, closes nothing', async () => {
  const { config } =
    await read(`http { include mime.types; include /etc/nginx/conf.d/*.conf; lua_shared_dict a 1m;
    server { include /etc/letsencrypt/options-ssl-nginx.conf; ${NEXT} ${API} } }`)
  assert.match(config ?? '', /path: '\/api'/)
})

test('an include that is not here is said to guard another server perhaps, and no more', async () => {
  const before = 'listen 80 default_server; server_name _; include snippets/log.conf; root /srv;'
  const conf = (more: string) =>
    read(`server { ${before} ${more} } server { listen 80; server_name www.dev.jp; ${NEXT} ${API} }`, {
      server: 'www.dev.jp',
    })
  const reading = await conf('')
  assert.match(said(reading, 'server').join(), /^look: .*log\.conf .* is not here and may guard it/)
  assert.equal(isTakenOver(reading), true)
  assert.match(said(await conf('deny all;'), 'server').join(), /^guarded: /)
})
