import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import http from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import { listening } from '../../test/listening.ts'
import { about, answering, patient } from '../../test/patient.ts'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { examine } from './doctor.ts'

test('of each address it is told whether it says 100 before it routes', async t => {
  const { examine } = await patient(t, { handler: answering(405) })
  const asked = about(await examine(), '100-continue')
  assert.equal(asked.length, 2)
  for (const { result, says } of asked) {
    assert.equal(result, 'ok')
    assert.match(says, /^127\.\S+ says 100 before it routes$/)
  }
})

/** Plain HTTP, and a head with `Expect: 100-continue` is answered at once, or never. */
const expecting = (status?: number) =>
  http.createServer(answering(200)).on('checkContinue', (_req, res) => {
    if (status) res.writeHead(status).end()
  })

test('a backend that answers POST itself, without a 100, is well', async t => {
  const port = await listening(t, expecting(405))
  const { examine } = await patient(t)
  const [asked] = about(await examine({ BACKEND_ORIGIN: `http://127.0.0.1:${port}` }), '100-continue')
  assert.equal(asked?.result, 'ok')
  assert.match(asked?.says ?? '', /^127\.0\.0\.1 answers 405 without a 100/)
})

for (const [words, status, says] of [
  ['ignores it', undefined, /^127\.0\.0\.1 says no 100: no 100 within 2000 ms$/],
  ['refuses it', 417, /with 417$/],
] as const) {
  test(`a backend that ${words} when it is asked Expect: 100-continue is a warning`, async t => {
    const { examine } = await patient(t)
    const port = await listening(t, expecting(status))
    const report = await examine({ BACKEND_ORIGIN: `http://127.0.0.1:${port}` })
    const [asked] = about(report, '100-continue')
    assert.equal(asked?.result, 'warning')
    assert.match(asked?.says ?? '', says)
    assert.match(asked?.todo ?? '', /REPLAY=off/)
    // which is not asked so
    assert.equal(about(report, 'login')[0]?.result, 'ok')
    assert.equal(report.ok, true)
  })
}

test('it is asked with the Host that the API gets, as the front asks', async t => {
  const hosts = new Set<string | undefined>()
  const server = http.createServer(answering(405)).on('checkContinue', (req, res) => {
    hosts.add(req.headers.host)
    res.writeHead(405).end()
  })
  const folder = await temporaryFolder(t)
  const to = `http://127.0.0.1:${await listening(t, server)}`
  const routes = [{ path: '/user/login', to, host: 'login.internal' }]
  await writeFile(join(folder, 'gatehouse.config.mjs'), `export default ${JSON.stringify({ routes })}`)
  const report = await examine({}, folder)
  assert.deepEqual([...hosts], ['login.internal'])
  // a team with a file has no BACKEND_ORIGIN, which what is to do may name
  assert.match(about(report, 'settings')[0]?.details?.join('\n') ?? '', /BACKEND_ORIGIN .*`to`/)
})

test('with REPLAY=off nothing is asked first, so it is not tried', async t => {
  const { examine } = await patient(t)
  const report = await examine({ REPLAY: 'off' })
  assert.equal(about(report, 'login')[0]?.result, 'ok')
  const [asked] = about(report, '100-continue')
  assert.deepEqual([asked?.result, asked?.says], ['skipped', 'since REPLAY is off'])
})
