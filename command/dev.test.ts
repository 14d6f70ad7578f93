import assert from 'node:assert/strict'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { editFile, makeWorkingCopy } from '../e2e/working-copy.ts'
import { startApi } from '../test/api.ts'
import { freePort, startCommand } from '../testing/command.ts'

test('gatehouse dev starts again where next.config has changed, also after a mistake in it', async t => {
  const copy = await makeWorkingCopy()
  t.after(() => rm(copy, { recursive: true, force: true }))
  // has the headers of next.config, and costs no compilation as a page does
  await mkdir(join(copy, 'public'))
  await writeFile(join(copy, 'public/file.txt'), '')
  const PORT = await freePort()
  const env = { PORT, ADMIN_PORT: '0', EGRESS_PORT: '0', BACKEND_ORIGIN: 'http://127.0.0.1:9' }
  const dev = startCommand([process.execPath, join(copy, 'command/gatehouse.ts'), 'dev'], { cwd: copy, env })
  t.after(() => dev.interrupt())
  const has = async (header: string) => {
    const signal = AbortSignal.timeout(60_000)
    for (;;) {
      signal.throwIfAborted()
      const answer = await fetch(`http://127.0.0.1:${PORT}/file.txt`, { signal }).catch(() => undefined)
      await answer?.text()
      if (answer?.headers.has(header)) return
    }
  }
  await dev.says('Status:')
  await has('x-request-id')
  await editFile(copy, 'next.config.js', "'X-Frame-Options': 'DENY'", "'X-Frame-Options' 'DENY'")
  await dev.says('SyntaxError')
  const fixed = "'X-Frame-Options': 'DENY', 'X-New': '1'"
  await editFile(copy, 'next.config.js', "'X-Frame-Options' 'DENY'", fixed)
  await has('x-new')
  assert.equal(dev.output.filter(line => line.includes('Status:')).length, 1)
})

test('gatehouse dev starts again where gatehouse.config has changed, and where it has been made', async t => {
  const copy = await makeWorkingCopy()
  t.after(() => rm(copy, { recursive: true, force: true }))
  const [first, second] = await Promise.all(
    ['first', 'second'].map(name => startApi(t, (_req, res) => res.end(name))),
  )
  const PORT = await freePort()
  const env = { PORT, ADMIN_PORT: '0', EGRESS_PORT: '0' }
  const dev = startCommand([process.execPath, join(copy, 'command/gatehouse.ts'), 'dev'], { cwd: copy, env })
  t.after(() => dev.interrupt())
  await dev.says('Status:')
  const config = (to = '') => `export default { routes: [{ path: '/user/login', to: '${to}' }] }\n`
  for (const [name, to] of [
    ['first', first],
    ['second', second],
  ] as const) {
    await writeFile(join(copy, 'gatehouse.config.ts'), config(to))
    await answers(`http://127.0.0.1:${PORT}/user/login`, name)
  }
})

async function answers(url: string, words: string) {
  const signal = AbortSignal.timeout(60_000)
  for (;;) {
    signal.throwIfAborted()
    const text = await fetch(url, { signal }).then(
      each => each.text(),
      () => '',
    )
    if (text === words) return
    await sleep(100)
  }
}
