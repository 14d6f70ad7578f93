import assert from 'node:assert/strict'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import {
  backend,
  configured,
  copy,
  get,
  OWN_PORT,
  ready,
  start,
  WORKERS,
} from '../../test/pages/production.ts'
import { freePort } from '../../testing/command.ts'
import { LISTENERS, startFrontProcess } from '../../testing/front-process.ts'

test('instrumentation.ts runs once in a task with one worker, and may open a port of its own', async () => {
  const front = await configured()
  const [pid] = await ready(front)
  assert.equal((await get(front, '/login')).status, 200)
  assert.equal(await (await fetch(`http://127.0.0.1:${OWN_PORT}`)).text(), String(pid))
  // as under `next start`, Next advises against static/
  const lines = front.lines.filter(line => !line.includes('static-dir-deprecated'))
  assert.doesNotMatch(lines.join('\n'), /EADDRINUSE|"level":"(warn|error)"/)
})

for (const PAGE_WORKERS of WORKERS) {
  test(`with ${PAGE_WORKERS} workers, the front is ready when register() of instrumentation.ts has ended`, async t => {
    const { lines } = await (PAGE_WORKERS === '1' ? configured() : start(t, { PAGE_WORKERS, SLOW: 'yes' }))
    const at = (text: string) => lines.findIndex(line => line.includes(text))
    assert.ok(at('registered') !== -1 && at('registered') < at('"msg":"ready"'), lines.join('\n'))
  })
}

test('NODE_OPTIONS=--inspect debugs the pages, not the front', async t => {
  const inspected = `127.0.0.1:${await freePort()}`
  const front = await start(t, { PAGE_WORKERS: '1', NODE_OPTIONS: `--inspect=${inspected}` })
  await ready(front)
  const [target] = z
    .array(z.object({ url: z.string() }))
    .parse(await (await fetch(`http://${inspected}/json/list`)).json())
  assert.match(target?.url ?? '', /standalone\/server\.js$/)
})

test('with HEALTH_PREFIX /healthz and /readyz are the pages of the app', async () => {
  const front = await configured()
  for (const path of ['/healthz', '/readyz']) {
    assert.equal(await (await get(front, path)).text(), `${path} of the app`)
    assert.equal((await get(front, `/_gatehouse${path}`)).status, 200)
  }
})

test('without a build the start fails and says what to do', async t => {
  const [built, away] = ['.next/standalone', '.next/away'].map(name => join(copy, name))
  await rename(built ?? '', away ?? '')
  t.after(() => rename(away ?? '', built ?? ''))
  await assert.rejects(startFrontProcess({ ...backend.env, ...LISTENERS }, undefined, copy), {
    message:
      /Gatehouse cannot start: Error: \.next\/standalone\/server\.js is not there; `npm run build` makes it/,
  })
})
