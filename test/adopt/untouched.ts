import assert from 'node:assert/strict'
import { globSync, readFileSync, statSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { listen } from '../../lib/front/listen.ts'
import about from '../../package.json' with { type: 'json' }
import { type DemoBackend, startDemoBackend } from '../../testing/backend.ts'
import { LISTENERS } from '../../testing/front-process.ts'
import { pack } from '../../tools/pack.ts'
import { makeBase } from '../image/base.ts'
import { inspect, npmSettings } from '../image/build.ts'
import { openBuildah, whyNot } from '../image/buildah.ts'
import { type Container, startContainer } from '../image/container.ts'
import { logIn } from '../log-in.ts'
import { run, startInTerminal } from './shop.ts'

/**
 * `npm run test:adopt`: what create-next-app makes, untouched, under the packed gatehouse, with npm as a team would use it.
 * Not part of `npm test`: it installs 360 packages.
 */
const TARBALL = `gatehouse-${about.version}.tgz`
const CREATE = 'create-next-app@16.4.3'
const PATIENCE_MS = 60_000
const FIRST_PAGE = /To get started|Create Next App/

let folder: string
let root: string
let fontsAt: string
let backend: DemoBackend
let fonts: http.Server
/** What Next is told in place of Google's stylesheets: the template has two fonts, and a build must need no network. */
let env: Record<string, string>
let created: Map<string, string>

before(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'gatehouse-untouched-')))
  root = join(folder, 'untouched')
  const options = ['--yes', '--ts', '--disable-git', '--use-npm', '--skip-install']
  await run(['npx', '--yes', CREATE, 'untouched', ...options], folder)
  created = filesOf()
  fonts = http.createServer((_req, res) => res.end('wOF2'))
  const port = await listen(fonts, 0, '127.0.0.1')
  fontsAt = join(folder, 'fonts')
  await mkdir(fontsAt)
  await writeFile(join(fontsAt, 'fonts.cjs'), stylesheets(port))
  env = { NEXT_TELEMETRY_DISABLED: '1', NEXT_FONT_GOOGLE_MOCKED_RESPONSES: join(fontsAt, 'fonts.cjs') }
  backend = await startDemoBackend({ scryptCost: 2 ** 10 })
  await copyFile(await pack(folder), join(root, TARBALL))
  // the first of the two commands
  await run(['npm', 'install', `./${TARBALL}`], root)
})
after(async () => {
  fonts?.close()
  await backend?.close()
  await rm(folder, { recursive: true, force: true })
})

function stylesheets(port: number): string {
  const face = (family: string) =>
    `@font-face {\n  font-family: '${family}';\n  font-style: normal;\n  font-weight: 100 900;\n  src: url(http://127.0.0.1:${port}/a.woff2) format('woff2');\n}\n`
  const urls = ['Geist', 'Geist Mono'].map(family => [
    `https://fonts.googleapis.com/css2?family=${family.replace(' ', '+')}:wght@100..900&display=swap`,
    face(family),
  ])
  return `module.exports = ${JSON.stringify(Object.fromEntries(urls))}`
}

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
  const front = await startInTerminal(['npx', 'gatehouse', 'dev'], root, { ...backend.env, ...env })
  await works(front)
  await front.interrupt()
})

test('after init, npm run build and npm start run it with page workers', async () => {
  await run(['npx', 'gatehouse', 'init'], root)
  await run(['npm', 'run', 'build'], root, env)
  const front = await startInTerminal(['npm', 'start'], root, { ...backend.env, PAGE_WORKERS: '1' })
  await works(front)
  await front.interrupt()
})

test("the image of init's Dockerfile runs it", {
  skip: whyNot() ?? false,
}, async t => {
  const buildah = await openBuildah()
  let app: Container | undefined
  t.after(async () => {
    app?.kill()
    await app?.front.exited
    await buildah.close()
  })
  const container = (await buildah.run('from', await makeBase(buildah))).trim()
  await buildah.run('config', '--env', 'NEXT_FONT_GOOGLE_MOCKED_RESPONSES=/srv/fonts.cjs', container)
  await buildah.run('commit', '--quiet', '--rm', container, 'localhost/base-with-fonts')
  await buildah.run(
    ...['bud', '--isolation', 'chroot', '--network', 'host', '--format', 'docker'],
    ...[
      '--volume',
      `${await npmSettings(buildah.folder)}:/usr/local/etc:ro`,
      '--volume',
      `${fontsAt}:/srv:ro`,
    ],
    ...['--build-arg', 'BASE=localhost/base-with-fonts', '--tag', 'localhost/app', root],
  )
  const image = await inspect(buildah, 'localhost/app')
  const settings = { ...backend.env, ...LISTENERS, PAGE_WORKERS: '1', STOP_DELAY: '0s' }
  const log = join(buildah.folder, 'front.log')
  const mounted = await buildah.mount('localhost/app')
  app = await startContainer({ root: mounted, image, env: settings, log })
  await works(app.front)
  const { port } = new URL(app.front.url)
  assert.equal(app.exec({ HOST: '127.0.0.1', PORT: port }, ...image.healthcheck).status, 0)
  process.kill(app.pid, 'SIGTERM')
  assert.equal(await app.front.exited, 0)
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
