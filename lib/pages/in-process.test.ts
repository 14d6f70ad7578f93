import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { readConfig } from '../settings/settings.ts'
import { openPagesInProcess } from './in-process.ts'

test('with PAGE_WORKERS=0 the build alone says which bundler made it: Next is left without TURBOPACK', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-'))
  const before = process.cwd()
  t.after(() => {
    process.chdir(before)
    rmSync(folder, { recursive: true })
  })
  writeFileSync(join(folder, 'package.json'), '{}')
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  process.chdir(folder)
  delete process.env.TURBOPACK
  // a build of Turbopack would set it: here there is none
  await assert.rejects(
    openPagesInProcess(false, readConfig({ BACKEND_ORIGIN: 'https://api.dev.jp' })),
    /production build/,
  )
  assert.equal(process.env.TURBOPACK, undefined)
})
