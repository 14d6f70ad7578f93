import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { withoutNginx } from '../../test/nginx-process.ts'
import { createAuthority } from '../../testing/certificates.ts'
import { newer } from '../newer.ts'
import { haproxyConfiguration } from './haproxy.ts'
import { nginxConfiguration, RESOLVE, VARIABLE } from './nginx.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-configurations-'))
after(() => rmSync(folder, { recursive: true }))
const ca = join(folder, 'ca.pem')
writeFileSync(ca, (await createAuthority()).ca)
const backend = {
  name: 'api.dev.jp',
  port: 8443,
  origin: 'https://api.dev.jp:8443',
  dns: '127.0.0.1:5353',
  addresses: ['127.0.0.2'],
  ca,
  folder,
  close: async () => {},
}

/** Its own check of a configuration; throws with what it says. */
function check([command, ...words]: readonly [string, ...string[]], text: string, args: readonly string[]) {
  const file = join(folder, 'checked.conf')
  writeFileSync(file, text)
  const { status, stderr, error } = spawnSync(command, [...words, ...args, file], { encoding: 'utf8' })
  assert.equal(status, 0, `${error ?? stderr}`)
}

test('nginx takes the configuration with a variable', { skip: withoutNginx }, () => {
  check(['nginx'], nginxConfiguration(VARIABLE, backend, '8080'), ['-t', '-e', 'stderr', '-c'])
})

const [nginx, haproxy] = [newer('nginx'), newer('haproxy')]
const absent = 'nginx 1.30 and HAProxy 3.2 are not unpacked (node tools/ready.mjs contenders)'

test('nginx 1.30 takes the configuration with `resolve`', { skip: nginx ? false : absent }, () => {
  if (nginx) check(nginx, nginxConfiguration(RESOLVE, backend, '8080'), ['-t', '-e', 'stderr', '-c'])
})

test('HAProxy 3.2 takes its configuration', { skip: haproxy ? false : absent }, () => {
  if (haproxy) check(haproxy, haproxyConfiguration(backend, '8080', 'conn-failure'), ['-c', '-f'])
})

test('both ways of nginx have the same times and verify the certificate alike', () => {
  const shared = (text: string) =>
    text.match(/(proxy_connect_timeout|proxy_ssl_(?!name)\w+|resolver) [^;]+;/g)
  const variable = shared(nginxConfiguration(VARIABLE, backend, '8080'))
  assert.deepEqual(shared(nginxConfiguration(RESOLVE, backend, '8080')), variable)
  assert.ok(variable?.includes('proxy_ssl_verify on;'))
})
