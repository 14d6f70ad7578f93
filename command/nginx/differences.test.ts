import assert from 'node:assert/strict'
import { test } from 'node:test'
import { read, said, server } from '../../test/nginx.ts'
import { isTakenOver } from './from-nginx.ts'

for (const rule of [
  'if ($arg_debug) { set $args ""; }',
  'if ($arg_slow) { set $limit_rate 1k; }',
  'if ($arg_slow) { set $asked 1; }',
]) {
  test(`${rule} is not about the log alone: it is lost`, async () => {
    const reading = await read(`log_format x "$args $limit_rate"; ${server('', rule)}`)
    assert.match(said(reading, 'if').join(), /^lost: /)
    assert.equal(isTakenOver(reading), false)
  })
}

for (const name of [
  'proxy_ssl_server_name',
  'proxy_ssl_session_reuse',
  'proxy_socket_keepalive',
  'etag',
  'ignore_invalid_headers',
]) {
  test(`${name} off is a difference, and on is none`, async () => {
    assert.match(said(await read(server('', `${name} off;`)), name).join(), /^look: /)
    assert.match(said(await read(server('', `${name} on;`)), name).join(), /^same: /)
  })
}

test('a body and a method that Nginx set are said not to be carried over', async () => {
  const reading = await read(server('', 'proxy_set_body x; proxy_method POST;'))
  for (const name of ['proxy_set_body', 'proxy_method'])
    assert.match(said(reading, name).join(), /^lost: it is not carried over: /)
})

for (const [answer, rule] of [
  ['return 301 $scheme://www.a.jp$request_uri;', 'host b.jp → 301 #{protocol}://www.a.jp/#{path}?#{query}'],
  ['return 302 $scheme://$host/$host;', 'host b.jp → 302 #{protocol}://#{host}/#{host}'],
  ['return 301 http://$hostname/;', undefined],
  ['return 301 http://a.jp/$arg_to;', undefined],
  ['ssl_reject_handshake on;', 'host b.jp → 403'],
] as const) {
  test(`another server with ${answer} becomes ${rule ?? 'no rule, for a listener does not know the variable'}`, async () => {
    const { findings } = await read(`${server('')} server { listen 4000; server_name b.jp; ${answer} }`, {
      server: '4000',
    })
    const other = findings.find(({ remark }) => remark.startsWith('another server'))
    assert.match(other?.remark ?? '', /can do$|refuses every TLS handshake/)
    assert.deepEqual(other?.becomes, rule && { in: 'listener rule', rule })
  })
}
