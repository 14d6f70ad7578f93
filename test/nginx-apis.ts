import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isTakenOver } from '../command/nginx/from-nginx.ts'
import { readConfig } from '../lib/settings/settings.ts'
import { read, said } from './nginx.ts'

/** An API at /api/ with more in its location, and more in the server. */
export const api = (
  own: string,
  server = '',
  http = '',
  uri = '',
) => `${http} server { listen 4000; server_name www.dev.jp; ${server}
  location / { proxy_pass http://127.0.0.1:3000; client_max_body_size 1m; }
  location /api/ { proxy_pass http://a:8080${uri}; ${own} } }`

/** A named location of the pages. */
export const AT_NEXT = 'location @next { proxy_pass http://127.0.0.1:3000; }'

/** What Nginx did for an API, and whether Gatehouse with what is printed does so, too. */
export type Row = readonly [conf: string, of: string, expected: RegExp | undefined]

/** A test for each. */
export function testRows(rows: readonly Row[]) {
  for (const [conf, of, expected] of rows) {
    const title = conf.replace(/\s+/g, ' ').replace(/location \/ \{.*?\} /, '')
    test(`${of} is ${expected?.source ?? 'not spoken of'}: ${title}`, async () => {
      const reading = await read(conf)
      const [first, ...more] = said(reading, of)
      assert.deepEqual(more, [])
      if (expected) assert.match(first ?? '', expected)
      else assert.equal(first, undefined)
      if (expected?.source.startsWith('^lost')) assert.equal(isTakenOver(reading), false)
      readConfig(reading.env, { name: 'gatehouse.config.ts', content: reading.content })
    })
  }
}
