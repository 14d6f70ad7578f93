import assert from 'node:assert/strict'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { editFile, makeWorkingCopy } from '../e2e/working-copy.ts'
import { availableMemory } from '../lib/settings/memory.ts'
import { startApi } from '../test/api.ts'
import { eventually } from '../test/raw.ts'
import { freePort, startCommand } from '../testing/command.ts'

/** Says how large the heap may get, and that it is full as long as there is a file of this name. */
const HEAP = `import { existsSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import v8 from 'node:v8'
const { getHeapStatistics } = v8
const limit = getHeapStatistics().heap_size_limit
console.log('heap ' + limit)
v8.getHeapStatistics = () => ({ ...getHeapStatistics(), ...(existsSync('full') && { used_heap_size: limit }) })
syncBuiltinESMExports()
`

const copy = await makeWorkingCopy()
// has the headers of next.config, and costs no compilation as a page does
await mkdir(join(copy, 'public'))
await writeFile(join(copy, 'public/file.txt'), '')
const PORT = await freePort()
await writeFile(join(copy, 'heap.mjs'), HEAP)
const NODE_OPTIONS = `--import=${pathToFileURL(join(copy, 'heap.mjs'))}`
const env = { PORT, ADMIN_PORT: '0', EGRESS_PORT: '0', NODE_OPTIONS }
const dev = startCommand([process.execPath, join(copy, 'command/gatehouse.ts'), 'dev'], { cwd: copy, env })
after(async () => {
  await dev.interrupt()
  await rm(copy, { recursive: true, force: true })
})
await dev.says('Status:')

/** Asks until the answer is this one. */
async function untilAnswered(path: string, isIt: (answer: Response, text: string) => boolean) {
  const signal = AbortSignal.timeout(60_000)
  const look = async () => {
    const answer = await fetch(`http://127.0.0.1:${PORT}${path}`, { signal }).catch(() => undefined)
    return answer && isIt(answer, await answer.text())
  }
  await eventually(look, { everyMs: 50 })
}

test('gatehouse dev starts again where next.config has changed, also after a mistake in it, where .next was deleted, where the heap is nearly full, and where Next asks for it', async () => {
  const has = (header: string) => untilAnswered('/file.txt', ({ headers }) => headers.has(header))
  await has('x-request-id')
  // listened for before it is caused: it may be said at once
  const failed = dev.says('SyntaxError')
  await editFile(copy, 'next.config.js', "'X-Frame-Options': 'DENY'", "'X-Frame-Options' 'DENY'")
  await failed
  const fixed = "'X-Frame-Options': 'DENY', 'X-New': '1'"
  await editFile(copy, 'next.config.js', "'X-Frame-Options' 'DENY'", fixed)
  await has('x-new')
  const noticed = dev.says('.next/dev was deleted')
  await rm(join(copy, '.next'), { recursive: true })
  await noticed
  await has('x-new')
  const full = dev.says('nearly full')
  await writeFile(join(copy, 'full'), '')
  await has('x-new')
  await full
  await rm(join(copy, 'full'))
  await has('x-new')
  // "Restart" in Next's developer tools; what answered a moment ago may have been the front that was full, and is about to end
  const signal = AbortSignal.timeout(60_000)
  const isAsked = async () => {
    if (dev.output.some(line => line.includes('asks for a restart'))) return true
    const url = `http://127.0.0.1:${PORT}/__nextjs_restart_dev`
    const answer = await fetch(url, { method: 'POST', signal }).catch(() => undefined)
    assert.equal(answer?.status ?? 204, 204)
    return false
  }
  await eventually(isAsked, { everyMs: 50 })
  await has('x-new')
  const heaps = dev.output.flatMap(line => /^heap (\d+)$/.exec(line)?.[1] ?? []).map(Number)
  assert.ok(Math.max(...heaps) >= availableMemory() / 2, heaps.join())
  for (const once of ['Status:', 'was deleted'])
    assert.equal(dev.output.filter(line => line.includes(once)).length, 1, once)
})

test('gatehouse dev starts again where gatehouse.config has changed, and where it has been made', async t => {
  for (const name of ['first', 'second']) {
    const to = await startApi(t, (_req, res) => res.end(name))
    const config = `export default { routes: [{ path: '/user/login', to: '${to}' }] }\n`
    await writeFile(join(copy, 'gatehouse.config.ts'), config)
    await untilAnswered('/user/login', (_answer, text) => text === name)
  }
})

// as programs that run several commands do it
test('gatehouse dev ends with the app where a SIGINT comes to it alone', async () => {
  await dev.interruptAlone()
})
