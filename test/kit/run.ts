import assert from 'node:assert/strict'
import { copyFile, cp, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { chromium } from '@playwright/test'
import about from '../../package.json' with { type: 'json' }
import { chromiumHere } from '../../testing/browser.ts'
import { freePort } from '../../testing/command.ts'
import { pack } from '../../tools/pack.ts'
import { createNextApp, type NewApp } from '../adopt/create-next-app.ts'
import { run } from '../adopt/shop.ts'
import { runCommand } from '../run-program.ts'

/**
 * `npm run test:kit`: what create-next-app makes, with a login page of its own, and the tests that `gatehouse init --e2e` adds. They
 * pass under Gatehouse, fail at a mistake and say which one, and fail at what takes Gatehouse's place.
 * Not part of `npm test`: it installs 360 packages and builds the app three times.
 */
const SITE = fileURLToPath(new URL('./site', import.meta.url))
const { devDependencies } = about
const PLAYWRIGHT = `@playwright/test@${devDependencies['@playwright/test']}`
/** Of the plain recipe. */
const RECIPE = [
  `http-proxy-middleware@${devDependencies['http-proxy-middleware']}`,
  `cacheable-lookup@${devDependencies['cacheable-lookup']}`,
]
const { TESTING_PICTURE } = process.env
const GREEN_WITHIN_MS = 120_000

let folder: string
let app: NewApp
/** Rewrites are kept as they were at the build: the API has to be known by then. */
let apiPort: string

before(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'gatehouse-kit-')))
  app = await createNextApp(folder, 'app')
  apiPort = await freePort()
  await cp(SITE, app.root, { recursive: true })
  const tarball = await pack(folder)
  await copyFile(tarball, join(app.root, basename(tarball)))
  await run(['npm', 'install', `./${basename(tarball)}`, ...RECIPE], app.root)
  await run(['npm', 'install', '--save-dev', PLAYWRIGHT], app.root)
  await run(['npx', 'gatehouse', 'init', '--e2e'], app.root)
})
after(async () => {
  app?.close()
  await rm(folder, { recursive: true, force: true })
})

/** Runs the tests that init has added. */
async function playwright(words: readonly string[], env: Record<string, string> = {}) {
  const whole = { ...process.env, ...app.env, ...env, FORCE_COLOR: '0' }
  const { code, out, errors } = await runCommand(words, { cwd: app.root, env: whole })
  return { code, output: out + errors }
}

/** The same tests with another configuration. */
async function against(name: string, use: object): Promise<{ code: unknown; output: string }> {
  const config = `playwright.${name}.config.ts`
  await writeFile(
    join(app.root, config),
    `import config from './playwright.config'\nexport default { ...config, use: { ...config.use, ...${JSON.stringify(use)} } }\n`,
  )
  return playwright(['npx', 'playwright', 'test', '-c', config])
}

/** The page of the first test that failed. */
async function photograph(report: string, picture: string) {
  const browser = await chromium.launch(chromiumHere())
  const page = await browser.newPage({ viewport: { width: 1100, height: 900 } })
  await page.goto(pathToFileURL(report).href)
  await page.getByRole('link', { name: 'a person logs in, no login is lost' }).first().click()
  await page.getByText('no route takes this path').first().waitFor()
  await page.screenshot({ path: picture })
  await browser.close()
}

const rewriting = () => ({ API_ORIGIN: `https://api.dev.jp:${apiPort}` })

test('npx playwright test passes within two minutes, in development', async () => {
  const startedAt = performance.now()
  const { code, output } = await playwright(['npx', 'playwright', 'test'])
  assert.equal(code, 0, output)
  assert.match(output, /3 passed/)
  assert.ok(performance.now() - startedAt < GREEN_WITHIN_MS)
})

test('npm run test:e2e passes, as built', async () => {
  const { code, output } = await playwright(['npm', 'run', 'test:e2e'])
  assert.equal(code, 0, output)
  assert.match(output, /3 passed/)
})

test('with BACKEND_PATHS wrong they fail, and the report says that no route has the path', async () => {
  const { code, output } = await playwright(['npx', 'playwright', 'test'], { BACKEND_PATHS: '/sign-in' })
  assert.equal(code, 1)
  assert.match(output, /POST \/user\/login was answered with \d+ by the pages: no route takes this path/)
  // for docs/testing.md: TESTING_PICTURE=docs/images/testing-report.png npm run test:kit
  if (TESTING_PICTURE) await photograph(join(app.root, 'playwright-report/index.html'), TESTING_PICTURE)
})

test('where a rewrite passes logins on and no route does, they fail, and the report says so', async () => {
  await run(['npx', 'gatehouse', 'build'], app.root, { ...app.env, ...rewriting() })
  const { code, output } = await against('rewrite', {
    gatehouse: { settings: { BACKEND_PATHS: '/sign-in' } },
    api: { port: Number(apiPort) },
  })
  assert.equal(code, 1)
  assert.match(output, /\d+ of \d+ logins failed/)
  assert.match(output, /reached the API, but not through Gatehouse: no route takes this path/)
})

test('next start with a rewrite logs in, and loses logins while the addresses change', async () => {
  await run(['npx', 'next', 'build'], app.root, { ...app.env, ...rewriting() })
  const command = ['node_modules/next/dist/bin/next', 'start', '-H', '127.0.0.1']
  const { code, output } = await against('next', { gatehouse: { command }, api: { port: Number(apiPort) } })
  assert.equal(code, 1)
  assert.match(output, /\d+ of \d+ logins failed/)
  assert.match(output, /✓.*without JavaScript/)
})

test('the plain recipe logs in, and loses logins while the addresses change', async () => {
  const { code, output } = await against('recipe', { gatehouse: { command: ['recipe.mjs'] } })
  assert.equal(code, 1)
  assert.match(output, /\d+ of \d+ logins failed/)
  assert.match(output, /no request has come to the new addresses/)
  assert.match(output, /✓.*without JavaScript/)
})
