import assert from 'node:assert/strict'
import { test } from 'node:test'
import { read, said, server } from '../../test/nginx.ts'

test('a placeholder of a template is told with its place, whatever it looks like', async () => {
  for (const host of ['%API_HOST%', '%BACKEND%', '@@API@@', '@API_HOST@', '__API_HOST__']) {
    const { missing } = await read(server('').replace('api.dev.jp', host))
    assert.match(missing.join(), new RegExp(`default\\.conf:4: ${host} is a placeholder`))
  }
  const escapes = server('location /%C3%A9%AB%CD/ { proxy_pass http://a; }')
  assert.doesNotMatch((await read(escapes)).missing.join(), /placeholder/)
})

test('a template is told with its place, but for braces of Lua and of a comment', async () => {
  for (const line of [
    'listen {{ port }};',
    '{% if tls %}',
    'listen "{{ port }}";',
    `listen \${{ port }};`,
    '<% if tls %>',
  ])
    await assert.rejects(
      read(`# {{ managed }}
${server(line)}`),
      { message: /default\.conf:6: this is a template/ },
    )
  const { config } = await read(
    server('location /api/ { header_filter_by_lua_block { local t = {{1, 2}} } proxy_pass http://a; }'),
  )
  assert.match(config ?? '', /path: '\/api'/)
})

test('what is no origin is told with its place', async () => {
  const reading = await read(server('').replace('api.dev.jp', '<api>'))
  assert.match(
    said(reading, 'location /user').join(),
    /lost: it cannot be told where it leads: https:\/\/<api> is not an origin/,
  )
})
