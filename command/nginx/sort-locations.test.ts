import assert from 'node:assert/strict'
import { test } from 'node:test'
import { read, said, server } from '../../test/nginx.ts'

const NOT_TAKEN: [location: string, remark: RegExp][] = [
  ['~ ^/user/(login|logout)$ { proxy_pass https://api.dev.jp', /a regular expression/],
  ['~* \\.php$ { proxy_pass https://api.dev.jp', /a regular expression/],
  ['/login { rewrite ^/login$ /user/login break; proxy_pass https://api.dev.jp', /it rewrites the path/],
  ['/login { proxy_pass https://api.dev.jp/user/login', /Nginx sent it as \/user\/login/],
  ['/user/login/ { proxy_pass https://api.dev.jp/', /Nginx sent it as \//],
]
for (const [location, remark] of NOT_TAKEN) {
  test(`location ${location}: cannot be taken over, and it is said why`, async () => {
    const reading = await read(
      `server { location / { proxy_pass http://127.0.0.1:3000; } location ${location}; } }`,
    )
    assert.equal(reading.env.BACKEND_ORIGIN, 'https://api.dev.jp')
    assert.match(said(reading, 'location').join(), remark)
    assert.match(reading.missing.join(), /BACKEND_PATHS.*by hand/)
  })
}

test('where / is the API and the pages are a part of loopback, it is said that the paths have to be named', async () => {
  const reading = await read(
    'server { location / { proxy_pass https://api.dev.jp; } location /app { proxy_pass http://127.0.0.1:3000; } }',
  )
  assert.equal(reading.env.BACKEND_ORIGIN, 'https://api.dev.jp')
  assert.match(said(reading, 'location /').join(), /every path goes there/)
  assert.match(reading.missing.join(), /BACKEND_PATHS.*by hand/)
})

test('a location that cannot be taken over beside one that can is missing, too', async () => {
  const reading = await read(server('location ~ ^/user/(me|logout)$ { proxy_pass https://api.dev.jp; }'))
  assert.equal(reading.env.BACKEND_PATHS, '/user/login')
  assert.deepEqual(reading.missing, [
    'BACKEND_PATHS has to be said by hand for location ~ ^/user/(me|logout)$',
  ])
})

test('where a variable is not set in the file, it is said which', async () => {
  const reading = await read('server { location /user/login { proxy_pass https://$nowhere/user/login; } }')
  assert.match(said(reading, 'location').join(), /\$nowhere is not set here/)
  assert.match(reading.missing.join(), /no location was found/)
})

test('a second backend has no counterpart', async () => {
  const reading = await read(server('location /pay { proxy_pass https://pay.dev.jp; }'))
  assert.equal(reading.env.BACKEND_PATHS, '/user/login')
  assert.match(
    said(reading, 'location /pay').join(),
    /lost: it is not carried over: it leads to https:\/\/pay.dev.jp, and there is one backend/,
  )
})

test('a page below a path of the backend is told', async () => {
  const reading = await read(server('location /user/login/help { proxy_pass http://127.0.0.1:3000; }'))
  assert.match(
    said(reading, 'location /user/login/help').join(),
    /^lost: it is below \/user\/login, one of BACKEND_PATHS/,
  )
})
