import assert from 'node:assert/strict'
import { test } from 'node:test'
import { read } from '../../test/nginx.ts'

const of = (rules: string, header = '') => `server { location / { proxy_pass http://127.0.0.1:3000; }
  location /api/ { ${rules} ${header} proxy_pass http://a:8080; } }`
const times = (count: number, each: (i: number) => string) => Array.from({ length: count }, (_, i) => each(i))

for (const [what, rules] of [
  [
    'of others',
    `set $v0 $uri; ${times(40, i => `set $v${i + 1} "$v${i}$v${i}";`).join(' ')} if ($v40 ~ x) { return 302 /y; }`,
  ],
  ['of itself', `set $off 0; ${'set $off "0$off$off"; '.repeat(40)} if ($off = x) { return 503; }`],
] as const) {
  test(`values that double, made ${what}, are not followed: the API is closed`, {
    timeout: 20_000,
  }, async () => {
    const { config } = await read(of(rules))
    assert.equal(config, undefined)
  })
}

test('a value that is a hundred times another, ten times over, is that of no route', {
  timeout: 20_000,
}, async () => {
  const sets = times(10, i => `set $v${i + 1} "${`$v${i}`.repeat(100)}";`).join(' ')
  const { config } = await read(of(`set $v0 x; ${sets}`, 'proxy_set_header X-A $v10;'))
  assert.match(config ?? '', /headers: \{ 'X-A': '' \}/)
})

test('a file with many conditions and many locations is read in seconds', { timeout: 30_000 }, async () => {
  const conditions = times(100, i => `if ($uri ~ "^/p${i}/.*") { set $v${i} 1; } if ($v${i}) { return 403; }`)
  const locations = times(
    200,
    i => `location /l${i}/ { if ($uri ~ x) { set $l${i} 0; } proxy_pass http://a:8080; }`,
  )
  const { config } = await read(
    `server { location / { proxy_pass http://127.0.0.1:3000; } ${conditions.join('\n')} ${locations.join('\n')} }`,
  )
  assert.equal(config, undefined)
})
