import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { app, COMMAND, init, makeApp, manifestOf, NEXTS, OURS } from '../../test/new-app.ts'
import { temporaryFolder } from '../../test/temporary-folder.ts'

test('init changes the scripts that run Next, adds what a container needs, and says so', async t => {
  const root = await makeApp(t, app)
  const { status, stdout } = init(root)
  assert.equal(status, 0, stdout)
  assert.match(stdout, /dev is `gatehouse dev`, and was `next dev`/)
  assert.match(stdout, /Dockerfile: added/)
  assert.deepEqual(await manifestOf(root), { ...app, scripts: { ...NEXTS, ...OURS } })
  assert.match(await readFile(join(root, 'package.json'), 'utf8'), /^\{\n\t"name".*\}\n$/s)
  assert.deepEqual((await readdir(root)).sort(), [
    '.dockerignore',
    'Dockerfile',
    'node_modules',
    'package.json',
  ])
})

test('init may be run again, and changes nothing then', async t => {
  const root = await makeApp(t, app)
  init(root)
  const before = await readFile(join(root, 'package.json'), 'utf8')
  const { status, stdout } = init(root)
  assert.equal(status, 0)
  assert.match(stdout, /Dockerfile: is there, and stays as it is/)
  assert.equal(await readFile(join(root, 'package.json'), 'utf8'), before)
})

test('init overwrites nothing that it does not know, and says what is left', async t => {
  const scripts = {
    dev: 'next dev --experimental-https',
    build: 'prisma generate && next build --webpack',
    start: 'node my.js',
  }
  const root = await makeApp(t, { ...app, scripts })
  await writeFile(join(root, 'Dockerfile'), 'FROM scratch')
  const { status, stdout } = init(root)
  assert.equal(status, 1)
  assert.match(stdout, /By hand:\n.*dev is `next dev --experimental-https`[^\n]*\n.*start is `node my.js`/)
  assert.deepEqual((await manifestOf(root)).scripts, {
    ...scripts,
    build: 'prisma generate && gatehouse build --webpack',
  })
  assert.equal(await readFile(join(root, 'Dockerfile'), 'utf8'), 'FROM scratch')
})

test('init --dry-run changes nothing', async t => {
  const root = await makeApp(t, app)
  const { stdout } = init(root, '--dry-run')
  assert.match(stdout, /This would change:\n.*gatehouse dev/)
  assert.deepEqual(await manifestOf(root), app)
  assert.deepEqual((await readdir(root)).sort(), ['node_modules', 'package.json'])
})

test('init refuses where there is no app, or one of an older Next.js', async t => {
  const older = await makeApp(t, app, '15.5.0')
  assert.throws(() => init(older), /Next\.js is 15\.5\.0 here, and 16 or newer is needed/)
  const cwd = await temporaryFolder(t)
  const { status, stderr } = spawnSync(process.execPath, [COMMAND, 'init'], { cwd, encoding: 'utf8' })
  assert.equal(status, 1)
  assert.match(stderr, /^gatehouse init: there is no package\.json in .+\n$/)
})

test('without gatehouse among the dependencies it is said that it has to be installed', async t => {
  const root = await makeApp(t, { ...app, dependencies: {} })
  const { status, stdout } = init(root)
  assert.equal(status, 1)
  assert.match(stdout, /`npm install \.\/gatehouse-….tgz`.+ registry is another package/)
})

test('a tarball outside of the folder is named: an image cannot be built from it', async t => {
  const root = await makeApp(t, { ...app, dependencies: { gatehouse: 'file:../gatehouse-0.1.0.tgz' } })
  const { status, stdout } = init(root)
  assert.equal(status, 1)
  assert.match(stdout, /file:\.\.\/gatehouse-0\.1\.0\.tgz lies outside of this folder/)
})

test('package.json keeps the line ends of Windows', async t => {
  const root = await makeApp(t, app)
  const path = join(root, 'package.json')
  await writeFile(path, (await readFile(path, 'utf8')).replaceAll('\n', '\r\n'))
  assert.equal(init(root).status, 0)
  const text = await readFile(path, 'utf8')
  assert.match(text, /"gatehouse dev",\r\n/)
  assert.doesNotMatch(text, /[^\r]\n/)
})
