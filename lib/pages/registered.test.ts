import assert from 'node:assert/strict'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { registered } from './registered.ts'

const NEXT = fileURLToPath(new URL('../../node_modules/next', import.meta.url))

const MODULE = 'dist/server/lib/router-utils/instrumentation-globals.external.js'

async function folder(t: TestContext): Promise<string> {
  const root = await temporaryFolder(t)
  return root
}

test("Next's own register() of the app is waited for, and called once", async t => {
  const root = await folder(t)
  await mkdir(join(root, '.next/server'), { recursive: true })
  await mkdir(join(root, 'node_modules'))
  await symlink(NEXT, join(root, 'node_modules/next'))
  const register = `exports.register = async () => {
    globalThis.calls = (globalThis.calls ?? 0) + 1
    await new Promise(resolve => setTimeout(resolve, 100))
    globalThis.isOver = true
  }`
  await writeFile(join(root, '.next/server/instrumentation.js'), register)
  createRequire(NEXT)(join(NEXT, MODULE))
  await registered(join(root, 'server.js'))
  assert.equal(Reflect.get(globalThis, 'isOver'), true)
  await registered(join(root, 'server.js'))
  assert.equal(Reflect.get(globalThis, 'calls'), 1)
})

/** Far less than an app's register() may take. */
const soon = (root: string) =>
  Promise.race([registered(join(root, 'server.js')), sleep(10_000, 'late', { ref: false })])

test('an app without Next, and a Next that has it otherwise, are not waited for', async t => {
  const root = await folder(t)
  assert.notEqual(await soon(root), 'late')
  await mkdir(join(root, 'node_modules/next'), { recursive: true })
  await writeFile(join(root, 'node_modules/next/package.json'), '{}')
  assert.notEqual(await soon(root), 'late')
})

test('a register() that throws is left to Next', async t => {
  const root = await folder(t)
  const module = join(root, 'node_modules/next/dist/server/lib/router-utils')
  await mkdir(module, { recursive: true })
  await writeFile(join(root, 'node_modules/next/package.json'), '{}')
  const throws = "exports.ensureInstrumentationRegistered = async () => { throw new Error('of register') }"
  await writeFile(join(module, 'instrumentation-globals.external.js'), throws)
  createRequire(root)(join(root, 'node_modules/next', MODULE))
  assert.notEqual(await soon(root), 'late')
})
