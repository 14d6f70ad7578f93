import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { freePort } from '../testing/command.ts'
import { startNginx, withoutNginx, writeNginx } from './nginx-process.ts'
import { eventually } from './raw.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { isOpen } from './until-open.ts'

async function setUp(t: { after(end: () => Promise<void>): void }) {
  const folder = await temporaryFolder(t)
  const port = Number(await freePort())
  return { port, conf: await writeNginx(folder, `server { listen 127.0.0.1:${port}; return 200; }`) }
}

test('an Nginx that is stopped is gone', { skip: withoutNginx }, async t => {
  const { conf, port } = await setUp(t)
  const { stop } = await startNginx(conf, port)
  assert.equal(await isOpen(port), true)
  await stop()
  assert.equal(await isOpen(port), false)
})

for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
  test(`an Nginx is gone when the process that started it gets ${signal}`, {
    skip: withoutNginx,
  }, async t => {
    const { conf, port } = await setUp(t)
    const module = new URL('nginx-process.ts', import.meta.url).href
    const script = `const { startNginx } = await import('${module}')
      await startNginx('${conf}', ${port})
      process.send('ready'); setInterval(() => {}, 1000)`
    const args = ['--input-type=module', '-e', script]
    const starter = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    await once(starter, 'message')
    assert.equal(await isOpen(port), true)
    starter.kill(signal)
    await once(starter, 'exit')
    // the kernel's signal follows the end of its parent, and nothing tells when
    await eventually(async () => !(await isOpen(port)))
  })
}
