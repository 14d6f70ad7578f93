import assert from 'node:assert/strict'
import { globSync, readFileSync, statSync } from 'node:fs'
import { copyFile, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import about from '../../package.json' with { type: 'json' }
import { type DemoBackend, startDemoBackend } from '../../testing/backend.ts'
import { LISTENERS } from '../../testing/front-process.ts'
import { pack } from '../../tools/pack.ts'
import { makeBase } from '../image/base.ts'
import { inspect, npmSettings } from '../image/build.ts'
import { openBuildah, whyNot } from '../image/buildah.ts'
import { type Container, startContainer } from '../image/container.ts'
import { logIn } from '../log-in.ts'
import { createNextApp, type NewApp } from './create-next-app.ts'
import { run, startInTerminal } from './shop.ts'

/**
 * `npm run test:adopt`: what create-next-app makes, untouched, under the packed gatehouse, with npm as a team would use it.
 * Not part of `npm test`: it installs 360 packages.
 */
const TARBALL = `gatehouse-${about.version}.tgz`
const PATIENCE_MS = 60_000
const FIRST_PAGE = /To get started|Create Next App/

let folder: string
let root: string
let app: NewApp
let backend: DemoBackend
let created: Map<string, string>

before(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'gatehouse-untouched-')))
  app = await createNextApp(folder, 'untouched')
  root = app.root
  created = filesOf()
  backend = await startDemoBackend({ scryptCost: 2 ** 10 })
  await copyFile(await pack(folder), join(root, TARBALL))
  // the first of the two commands
  await run(['npm', 'install', `./${TARBALL}`], root)
})
after(async () => {
  app?.close()
  await backend?.close()
  await rm(folder, { recursive: true, force: true })
})

/** Every file of the project, but for what a build or an installation leaves. */
function filesOf(): Map<string, string> {
  const names = globSync('**/*', { cwd: root, exclude: name => ['node_modules', '.next'].includes(name) })
  const files = names.filter(name => statSync(join(root, name)).isFile())
  return new Map(files.map(name => [name, readFileSync(join(root, name), 'latin1')]))
}

async function works(front: { url: string }) {
  const signal = AbortSignal.timeout(PATIENCE_MS)
  const page = await fetch(front.url, { signal })
  assert.equal(page.status, 200)
  const html = await page.text()
  assert.match(html, FIRST_PAGE)
  const [script = ''] = /\/_next\/static\/[^"]+\.js/.exec(html) ?? []
  assert.equal((await fetch(new URL(script, front.url), { signal })).status, 200)
  assert.equal((await fetch(new URL('/next.svg', front.url), { signal })).status, 200)
  assert.equal((await logIn(front, backend.account)).status, 200)
}

test('the second command, npx gatehouse dev, runs it', async () => {
  const front = await startInTerminal(['npx', 'gatehouse', 'dev'], root, { ...backend.env, ...app.env })
  await works(front)
  await front.interrupt()
})

test('after init, npm run build and npm start run it with page workers', async () => {
  await run(['npx', 'gatehouse', 'init'], root)
  await run(['npm', 'run', 'build'], root, app.env)
  const front = await startInTerminal(['npm', 'start'], root, { ...backend.env, PAGE_WORKERS: '1' })
  await works(front)
  await front.interrupt()
})

test("the image of init's Dockerfile runs it", {
  skip: whyNot() ?? false,
}, async t => {
  const buildah = await openBuildah()
  let container: Container | undefined
  t.after(async () => {
    container?.kill()
    await container?.front.exited
    await buildah.close()
  })
  const base = (await buildah.run('from', await makeBase(buildah))).trim()
  await buildah.run('config', '--env', 'NEXT_FONT_GOOGLE_MOCKED_RESPONSES=/srv/fonts.cjs', base)
  await buildah.run('commit', '--quiet', '--rm', base, 'localhost/base-with-fonts')
  await buildah.run(
    ...['bud', '--isolation', 'chroot', '--network', 'host', '--format', 'docker'],
    ...[
      '--volume',
      `${await npmSettings(buildah.folder)}:/usr/local/etc:ro`,
      '--volume',
      `${app.fontsAt}:/srv:ro`,
    ],
    ...['--build-arg', 'BASE=localhost/base-with-fonts', '--tag', 'localhost/app', root],
  )
  const image = await inspect(buildah, 'localhost/app')
  const settings = { ...backend.env, ...LISTENERS, PAGE_WORKERS: '1', STOP_DELAY: '0s' }
  const log = join(buildah.folder, 'front.log')
  const mounted = await buildah.mount('localhost/app')
  container = await startContainer({ root: mounted, image, env: settings, log })
  await works(container.front)
  const { port } = new URL(container.front.url)
  assert.equal(container.exec({ HOST: '127.0.0.1', PORT: port }, ...image.healthcheck).status, 0)
  process.kill(container.pid, 'SIGTERM')
  assert.equal(await container.front.exited, 0)
})

test('nothing of the app was touched', () => {
  const added = [
    'Dockerfile',
    '.dockerignore',
    TARBALL,
    'package-lock.json',
    'next-env.d.ts',
    'tsconfig.tsbuildinfo',
  ]
  const now = filesOf()
  const changed = [...now.keys()].filter(name => now.get(name) !== created.get(name) && !added.includes(name))
  assert.deepEqual(changed, ['package.json'])
  assert.deepEqual(
    [...created.keys()].filter(name => !now.has(name)),
    [],
  )
})
