import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { app, init, makeApp, manifestOf } from '../../test/new-app.ts'

test('init --e2e adds a configuration of Playwright, a spec and a script, and says what to install', async t => {
  const root = await makeApp(t, app)
  await writeFile(join(root, 'tsconfig.json'), '{}')
  const { status, stdout } = init(root, '--e2e')
  assert.equal(status, 1)
  assert.match(stdout, /playwright\.config\.ts: added/)
  assert.match(stdout, /By hand:\n.*npm install --save-dev @playwright\/test/)
  assert.equal((await manifestOf(root)).scripts['test:e2e'], 'gatehouse build && playwright test')
  assert.match(await readFile(join(root, 'playwright.config.ts'), 'utf8'), /<object, GatehouseOptions>/)
  assert.match(await readFile(join(root, 'e2e/gatehouse.spec.ts'), 'utf8'), /balancer\.replace\(\)/)
  const before = await readFile(join(root, 'package.json'), 'utf8')
  assert.match(init(root, '--e2e').stdout, /gatehouse\.spec\.ts: is there, and stays as it is/)
  assert.equal(await readFile(join(root, 'package.json'), 'utf8'), before)
})

test('init --e2e writes JavaScript where there is no tsconfig.json', async t => {
  const root = await makeApp(t, { ...app, devDependencies: { '@playwright/test': '1' } })
  assert.equal(init(root, '--e2e').status, 0)
  assert.doesNotMatch(await readFile(join(root, 'playwright.config.js'), 'utf8'), /GatehouseOptions/)
  assert.deepEqual(await readdir(join(root, 'e2e')), ['gatehouse.spec.js'])
})

test('init --e2e keeps a configuration that is there, and puts the spec where its tests are', async t => {
  const root = await makeApp(t, { ...app, devDependencies: { '@playwright/test': '1' } })
  const config = "export default { testDir: './tests/browser' }"
  await writeFile(join(root, 'playwright.config.mjs'), config)
  init(root, '--e2e')
  assert.equal(await readFile(join(root, 'playwright.config.mjs'), 'utf8'), config)
  assert.deepEqual(await readdir(join(root, 'tests/browser')), ['gatehouse.spec.js'])
})

test('init --e2e --dry-run changes nothing', async t => {
  const root = await makeApp(t, app)
  assert.match(
    init(root, '--e2e', '--dry-run').stdout,
    /This would change:\n[\s\S]*playwright\.config\.js: added/,
  )
  assert.deepEqual((await readdir(root)).sort(), ['node_modules', 'package.json'])
})
