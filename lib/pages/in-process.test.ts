import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type TestContext, test } from 'node:test'
import { HAVE_SECRETS, readConfig } from '../settings/settings.ts'
import { openPagesInProcess } from './in-process.ts'

/** In a folder where nothing is built. */
async function openPages(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-'))
  const before = process.cwd()
  t.after(() => {
    process.chdir(before)
    rmSync(folder, { recursive: true })
  })
  writeFileSync(join(folder, 'package.json'), '{}')
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  process.chdir(folder)
  await assert.rejects(
    openPagesInProcess(false, readConfig({ BACKEND_ORIGIN: 'https://api.dev.jp' })),
    /production build/,
  )
}

test('with PAGE_WORKERS=0 the build alone says which bundler made it: Next is left without TURBOPACK', async t => {
  delete process.env.TURBOPACK
  await openPages(t)
  // a build of Turbopack would set it: here there is none
  assert.equal(process.env.TURBOPACK, undefined)
})

test('pages in this process see no secret that page workers would not see', async t => {
  for (const name of HAVE_SECRETS) process.env[name] = 'himitsu'
  await openPages(t)
  for (const name of HAVE_SECRETS) assert.equal(process.env[name], undefined)
})
