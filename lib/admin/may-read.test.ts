import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import { ask, file, request } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import { listen } from '../front/listen.ts'
import { createAdmin } from './admin.ts'

const front = await stage(file)
// a name that need not be this machine's for the test
const config = { ...front.config, ADMIN_HOST: 'gate.dev.internal' }
const admin = createAdmin({ ...front, config, limit: undefined, log: pino({ level: 'silent' }) })
file.after(() => {
  admin.close()
  admin.server.closeAllConnections()
})
const adminPort = await listen(admin.server, 0, '127.0.0.1')
const PATHS = ['/', '/state', '/events', '/metrics', '/status.js']

const statusOf = async (path: string, ...headers: string[]) =>
  (await ask(adminPort, request(`GET ${path}`, headers), true)).status

for (const host of [
  '127.0.0.1',
  '10.0.0.7:4001',
  '[::1]',
  '[fd00::7]:4001',
  'localhost',
  'LOCALHOST:14001',
  'gate.dev.internal:4001',
]) {
  test(`a browser that asks by ${host} may read all of it`, async () => {
    for (const path of PATHS) {
      assert.equal(await statusOf(path, `Host: ${host}`, 'Accept-Language: ja'), 200, path)
    }
  })
}

for (const host of [
  'evil.example',
  'evil.example:4001',
  '127.0.0.1.evil.example',
  'localhost.evil.example',
  'localhost.',
  'evil.gate.dev.internal',
  '::1',
  '[evil.example]',
  '[::1].evil.example',
  '',
]) {
  test(`a page of the site "${host}", whose name points here, reads nothing but health`, async () => {
    for (const path of [...PATHS, '/x']) {
      const answer = await ask(adminPort, request(`GET ${path}`, [`Host: ${host}`, 'Accept-Language: ja']))
      assert.equal(answer.status, 404, path)
      assert.match(answer.body, /^Ask by an IP address, localhost or the name in ADMIN_HOST/, path)
    }
    for (const path of ['/healthz', '/readyz']) {
      assert.equal(await statusOf(path, `Host: ${host}`, 'Accept-Language: ja'), 200, path)
    }
  })
}

test('a scraper may have any name for it, for the metrics alone', async () => {
  // as Prometheus 3 asks
  const headers = [
    'Host: gatehouse.prod.dev.jp:4001',
    'User-Agent: Prometheus/3.5.0',
    'Accept: application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    'Accept-Encoding: gzip',
    'X-Prometheus-Scrape-Timeout-Seconds: 10',
  ]
  const seen = await Promise.all(PATHS.map(async path => [path, await statusOf(path, ...headers)]))
  assert.deepEqual(Object.fromEntries(seen), {
    '/': 404,
    '/state': 404,
    '/events': 404,
    '/metrics': 200,
    '/status.js': 404,
  })
})

test('a script that empties Accept-Language is no scraper', async () => {
  assert.equal(await statusOf('/metrics', 'Host: evil.example', 'Accept-Language:'), 404)
})

for (const site of ['cross-site', 'same-site']) {
  test(`a ${site} page takes no stream of events, but may link to the status page`, async () => {
    const headers = ['Host: localhost:4001', `Sec-Fetch-Site: ${site}`]
    assert.equal(await statusOf('/events', ...headers), 404)
    assert.equal(await statusOf('/', ...headers), 200)
  })
}

for (const site of ['same-origin', 'none']) {
  test(`the stream of events is served where Sec-Fetch-Site is ${site}`, async () => {
    assert.equal(await statusOf('/events', 'Host: localhost:4001', `Sec-Fetch-Site: ${site}`), 200)
  })
}
