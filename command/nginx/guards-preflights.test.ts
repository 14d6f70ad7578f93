import assert from 'node:assert/strict'
import { test } from 'node:test'
import { read } from '../../test/nginx.ts'
import { isTakenOver } from './from-nginx.ts'

const CORS = 'add_header Access-Control-Allow-Origin *; return 204;'
const of = (rules: string) => `server { location / { proxy_pass http://127.0.0.1:3000; }
  location /api/ { ${rules} proxy_pass http://a:8080; } }`
const BOTH =
  'set $c ""; if ($http_origin ~ dev) { set $c o; } if ($request_method = OPTIONS) { set $c "$c-p"; }'

for (const rules of [
  `if ($request_method = OPTIONS) { ${CORS} }`,
  `${BOTH} if ($c = o-p) { ${CORS} }`,
  `${BOTH} if ($c ~ p$) { ${CORS} }`,
]) {
  test(`${rules} answers preflights, and closes no API`, async () => {
    const { config } = await read(of(rules))
    assert.match(config ?? '', /path: '\/api'/)
  })
}

for (const rules of [
  'if ($http_x_key != s3) { add_header Access-Control-Allow-Origin *; return 200 login; }',
  `if ($cookie_sid = "") { ${CORS} }`,
  `if ($http_authorization = "") { ${CORS} }`,
  `if ($http_origin = "") { ${CORS} }`,
  `${BOTH} if ($c != "") { ${CORS} }`,
  `set $c ""; if ($http_origin ~ dev) { set $c 1; } if ($c) { ${CORS} }`,
  `${BOTH} if ($c != o-p) { ${CORS} }`,
  `${BOTH} if ($cookie_sid = "") { set $c o-p; } if ($c = o-p) { ${CORS} }`,
  'set $c ""; if ($request_method = OPTIONS) { set $c p; } if ($c = p) { return 403; }',
  'if ($request_method = OPTIONS) { return 403; }',
]) {
  test(`${rules} answers more than preflights, or refuses them, and closes the API`, async () => {
    const reading = await read(of(rules))
    assert.equal(reading.config, undefined)
    assert.equal(isTakenOver(reading), false)
  })
}
