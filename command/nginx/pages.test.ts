import assert from 'node:assert/strict'
import { test } from 'node:test'
import { read, said } from '../../test/nginx.ts'
import { english } from './english.ts'
import { inReplacements } from './replace.ts'

const LOGIN = 'location /user/login { proxy_pass https://api.dev.jp; }'

const REPLACED: [location: string, line: string][] = [
  [
    'location /docs/ { proxy_pass http://127.0.0.1:3000/help/; }',
    "{ source: '/docs/:path*', destination: '/help/:path*' }",
  ],
  [
    'location / { proxy_pass http://127.0.0.1:3000/app/; }',
    "{ source: '/:path*', destination: '/app/:path*' }",
  ],
  [
    'location = /favicon.ico { proxy_pass http://127.0.0.1:3000/icons/favicon.ico; }',
    "{ source: '/favicon.ico', destination: '/icons/favicon.ico' }",
  ],
  [
    'location /a/ { set $next 127.0.0.1:3000; proxy_pass http://$next/b$is_args$args; }',
    "{ source: '/a/:path*', destination: '/b' }",
  ],
]
for (const [location, line] of REPLACED) {
  test(`the replaced path of ${location} is lost, and rewrites() has it`, async () => {
    const reading = await read(
      `server { ${location.startsWith('location / ') ? '' : 'location / { proxy_pass http://127.0.0.1:3000; }'} ${location} ${LOGIN} }`,
    )
    assert.match(said(reading, location.split(' {')[0] ?? '').join(), /lost: Nginx sent it to the pages as/)
    const printed = inReplacements(reading.findings, english.report)
    assert.ok(printed.includes(`async rewrites() {\n    return [\n      ${line},\n`), printed)
  })
}

for (const location of [
  'location /docs/ { proxy_pass http://127.0.0.1:3000/docs/; }',
  'location /docs/ { set $next 127.0.0.1:3000; proxy_pass http://$next$request_uri; }',
]) {
  test(`the path of ${location} is the one that was asked for`, async () => {
    const reading = await read(
      `server { location / { proxy_pass http://127.0.0.1:3000; } ${location} ${LOGIN} }`,
    )
    assert.doesNotMatch(said(reading, 'location /docs/').join(), /lost/)
  })
}

test('a path that a variable is a part of is written by hand', async () => {
  const reading = await read(
    `server { location / { proxy_pass http://127.0.0.1:3000; } ${LOGIN}
       location ~ ^/docs/(.*)$ { set $next 127.0.0.1:3000; proxy_pass http://$next/help/$1$is_args$args; } }`,
  )
  assert.match(said(reading, 'location ~').join(), /lost: .* as \/help\/\$1: .* written by hand/)
})

test('a header of pages over several lines is one line in next.config, and one without a value is none', async () => {
  const reading = await read(
    `server { location / { proxy_pass http://127.0.0.1:3000; add_header X-A "default-src 'self';\n    img-src *"; add_header X-B ""; } ${LOGIN} }`,
  )
  const printed = inReplacements(reading.findings, english.report)
  assert.ok(
    printed.includes("headers: [{ key: 'X-A', value: 'default-src \\'self\\'; img-src *' }] }"),
    printed,
  )
  assert.match(said(reading, 'add_header X-B').join(), /^same/)
})
