import assert from 'node:assert/strict'
import { test } from 'node:test'
import { read, said } from '../../test/nginx.ts'

test('a Host that is kept becomes PUBLIC_ORIGIN of the names of the server, by the scheme that Nginx said', async () => {
  const conf = (proto: string) =>
    `server { listen 80; server_name www.dev.jp *.dev.jp localhost _ WWW2.dev.jp;
      location / { proxy_pass http://127.0.0.1:3000; }
      location /api/ { proxy_pass https://api.dev.jp; proxy_set_header Host $host; proxy_set_header X-Forwarded-Proto ${proto}; } }`
  const both = 'https://www.dev.jp,http://www.dev.jp,https://www2.dev.jp,http://www2.dev.jp'
  assert.equal((await read(conf('$http_x_forwarded_proto'))).env.PUBLIC_ORIGIN, both)
  const behindTls = conf('$scheme').replace('listen 80', 'listen 443 ssl')
  assert.equal((await read(behindTls)).env.PUBLIC_ORIGIN, 'https://www.dev.jp,https://www2.dev.jp')
  const https = await read(conf('https'))
  assert.equal(https.env.PUBLIC_ORIGIN, 'https://www.dev.jp,https://www2.dev.jp')
  assert.match(said(https, 'proxy_set_header X-Forwarded-Proto').join(), /^same: PUBLIC_ORIGIN says it$/)
  const asked = await read(conf('https'), { publicOrigins: ['https://www.dev.jp', 'http://www.dev.jp'] })
  assert.match(said(asked, 'proxy_set_header X-Forwarded-Proto').join(), /^lost: Nginx always said https/)
})

test('a server_name that stands for many hosts is no PUBLIC_ORIGIN: it is asked for', async () => {
  for (const many of ['*.dev.jp', '.dev.jp', '~^(.+)\\.dev\\.jp$']) {
    const conf = `server { listen 80; server_name dev.jp ${many}; location / { proxy_pass http://127.0.0.1:3000; }
      location /api/ { proxy_pass https://api.dev.jp; proxy_set_header Host $host; } }`
    assert.match((await read(conf)).missing.join(), /took every host of .*dev.* Add --public-origin/)
    assert.deepEqual((await read(conf, { publicOrigins: ['https://a.dev.jp'] })).missing, [])
  }
})
