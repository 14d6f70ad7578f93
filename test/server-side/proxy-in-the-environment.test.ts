import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { LISTENERS, startFrontProcess } from '../../testing/front-process.ts'
import { startApi } from '../api.ts'
import { runCommand } from '../run-program.ts'

/** As a task in a network has it whose only way out is a proxy; nothing listens there. */
const PROXY = {
  NODE_USE_ENV_PROXY: '1',
  HTTP_PROXY: 'http://127.0.0.1:9',
  HTTPS_PROXY: 'http://127.0.0.1:9',
  NO_PROXY: '169.254.170.2',
}
const HEALTHCHECK = fileURLToPath(new URL('../../command/healthcheck.ts', import.meta.url))

test('where the environment names a proxy, pages reach egress and the health check the front without it', async t => {
  const asked: (string | undefined)[] = []
  const BACKEND_ORIGIN = await startApi(t, (req, res) => {
    asked.push(req.url)
    res.end(JSON.stringify({ name: 'taro', displayName: 'Taro', since: '2026-01-01T00:00:00Z' }))
  })
  const front = await startFrontProcess({ BACKEND_ORIGIN, ...LISTENERS, ...PROXY, PAGE_WORKERS: '1' })
  t.after(() => front.stop())
  const answer = await fetch(`${front.url}/account/data`, { headers: { Cookie: 'session=1; signed_in=1' } })
  assert.equal(answer.status, 200)
  assert.deepEqual(asked, ['/user/me'])
  const { port: PORT } = new URL(front.url)
  const env = { ...process.env, ...PROXY, PORT, HOST: '127.0.0.1' }
  const { code, errors } = await runCommand([process.execPath, HEALTHCHECK], { env })
  assert.equal(code, 0, errors)
})
