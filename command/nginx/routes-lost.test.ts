import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NEXT, read, said, server } from '../../test/nginx.ts'

const TWIN = /lost: \/api is a route already, of location \/api\/,/

const LOST: [locations: string, remark: RegExp][] = [
  ['location ~* ^/(api|auth)/ { proxy_pass https://a.jp; }', /lost: \/API, which Nginx sent .* is a page/],
  ['location /api { proxy_pass https://a.jp/; }', /lost: Nginx sent \/api\/x as \/\/x/],
  [
    'location ~ ^/api { proxy_pass https://a.jp; } location /api-v2/ { proxy_pass https://b.jp; }',
    /lost: Nginx gave \/api-v2\/ to location ~ \^\/api; here it is a page/,
  ],
  [
    'location ~ ^/(api|x)/ { proxy_pass http://127.0.0.1:3000; } location ^~ /api/y/ { proxy_pass https://a.jp; } location /api/y { proxy_pass https://b.jp; }',
    /lost: Nginx gave \/api\/y to location ~ \^\/\(api\|x\)\/; here it belongs to the route \/api\/y/,
  ],
  [
    'location /api/ { proxy_pass https://a.jp; } location ~ /\\.well-known/ { proxy_pass http://127.0.0.1:3000; }',
    /lost: it is below the route \/api/,
  ],
  [
    'location ^~ /api/x/y/ { proxy_pass https://a.jp; location ~ ^/api/ { proxy_pass https://b.jp; } }',
    /lost: it cannot be taken over: a regular expression/,
  ],
  [
    'location /api/ { proxy_pass https://a.jp; } location ~ ^/api/x\\d { proxy_pass http://127.0.0.1:3000; }',
    /lost: it is below the route \/api/,
  ],
  ['location /api { proxy_pass https://b.jp; } location /api/ { proxy_pass https://a.jp; }', TWIN],
  ['location /api/ { proxy_pass https://a.jp; } location /api { proxy_pass https://b.jp; }', TWIN],
  [
    'location /api/ { proxy_pass https://a.jp; } location ~* \\.(png|json)$ { proxy_pass http://127.0.0.1:3000; }',
    /lost: it is below the route \/api/,
  ],
  [
    'location /api/ { proxy_pass https://a.jp; } location ~* \\.png$ { try_files $uri @next; } location @next { proxy_pass http://127.0.0.1:3000; }',
    /lost: it is below the route \/api/,
  ],
]

for (const [locations, remark] of LOST) {
  test(`${locations}: what differs is lost`, async () => {
    assert.match(said(await read(`server { ${NEXT} ${locations} }`), 'location').join('\n'), remark)
  })
}

test('what leads somewhere that cannot be told stays with the pages, and goes to no other API', async () => {
  const { config } = await read(
    server('location /api/ { proxy_pass https://a.jp; } location /api/pay/ { proxy_pass https://$pay; }'),
  )
  assert.match(config ?? '', /except: \['\/api\/pay'\]/)
})

test('of a pattern below the routes of prefixes it is said how an API gets all, and so it does', async () => {
  const of = async (modifier: string) => {
    const conf = `server { ${NEXT} location ${modifier} /api/ { proxy_pass http://a:80; } location ${modifier} /up { proxy_pass http://a:80; }
      location ~* \\.js$ { proxy_pass http://127.0.0.1:3000; } }`
    return said(await read(conf), 'location ~*').filter(each => each.startsWith('lost'))
  }
  assert.match(
    (await of('')).join(),
    /below the route \/api, \/up: .* write location \^~ \/api\/ and location \^~ \/up into/,
  )
  assert.deepEqual(await of('^~'), [])
})

test('where a variable is not set in the file, or by a map, it is said which', async () => {
  const reading = await read(
    'map $cookie_v $nowhere { default a.jp; } server { location /user/login { proxy_pass https://$nowhere/user/login; } }',
  )
  assert.match(said(reading, 'location').join(), /\$nowhere has no fixed value here/)
  assert.match(reading.missing.join(), /no location was found/)
  assert.equal(reading.missing.length, 1)
})

test('where all leads to one origin, it is said how that becomes the API; not beside an API by uWSGI', async () => {
  const conf = `${NEXT} location /api/ { proxy_pass http://127.0.0.1:3000; }`
  const asked = (await read(`server { ${conf} }`)).missing.join()
  assert.match(asked, /If http:\/\/127\.0\.0\.1:3000 is the API, add --backend http:\/\/127\.0\.0\.1:3000$/)
  const { missing, ...reading } = await read(`server { ${conf} location /v1/ { uwsgi_pass a:9000; } }`)
  assert.doesNotMatch(missing.join(), /--backend/)
  assert.match(said({ missing, ...reading }, 'location /v1/').join(), /uWSGI: http-socket.* write proxy_pass/)
})

test('of what a path without a slash took beside it is said where it goes: to the pages, or to another route', async () => {
  const reading = await read(
    `server { ${NEXT} location /api/ { proxy_pass https://a.jp; } location ~ ^/api/(me|auth) { proxy_pass https://a.jp; }
      location /api/pay { proxy_pass https://b.jp; } location /v1 { proxy_pass https://a.jp; } }`,
  )
  assert.deepEqual(said(reading, 'location ~'), [])
  assert.match(said(reading, 'location /api/pay').join(), /look: \/api\/payX, .* by the route \/api:/)
  assert.match(said(reading, 'location /v1').join(), /look: \/v1X, .* is a page/)
})

test('an upstream with a Unix socket is no origin', async () => {
  const reading = await read(
    `upstream app { server unix:/run/app.sock; } server { ${NEXT} location /api/ { proxy_pass http://app; } }`,
  )
  assert.equal(reading.config, undefined)
  assert.match(said(reading, 'location /api').join(), /lost: it cannot be told where it leads: a Unix socket/)
})
