import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Texts } from '../english.ts'
import type { Manifest } from './scripts.ts'

/** The script that runs the tests, on the app as it is built. */
export const E2E_SCRIPT = { name: 'test:e2e', run: 'gatehouse build && playwright test' } as const

const CONFIGS = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs'].map(each => `playwright.config.${each}`)
const FOLDER = 'e2e'

export type E2e = {
  readonly files: readonly (readonly [name: string, text: string])[]
  /** what a person has to do */
  readonly left: readonly string[]
}

/** End-to-end tests for an app: a configuration of Playwright where there is none, and one spec. In JavaScript where there is no tsconfig.json. */
export function e2e(root: string, { dependencies, devDependencies }: Manifest, texts: Texts['init']): E2e {
  const extension = existsSync(join(root, 'tsconfig.json')) ? 'ts' : 'js'
  const existing = CONFIGS.find(each => existsSync(join(root, each)))
  const folder = existing === undefined ? FOLDER : testsOf(readFileSync(join(root, existing), 'utf8'))
  const config = existing ?? `playwright.config.${extension}`
  const isThere = ['@playwright/test' in devDependencies, '@playwright/test' in dependencies].includes(true)
  const left = [!isThere && texts.noPlaywright, existing !== undefined && texts.playwrightOptions(existing)]
  return {
    files: [
      ...(existing === undefined ? [[config, configuration(extension)] as const] : []),
      [`${folder}/gatehouse.spec.${extension}`, SPEC],
    ],
    left: left.filter(each => typeof each === 'string'),
  }
}

/** The folder that a configuration names; Playwright takes its own where it names none. */
const testsOf = (config: string) =>
  /\btestDir:\s*['"`](?:\.\/)?([^'"`]+?)\/?['"`]/.exec(config)?.[1] ?? FOLDER

const configuration = (extension: string) => `import { defineConfig } from '@playwright/test'
import { chromiumHere${extension === 'ts' ? ', type GatehouseOptions' : ''} } from 'gatehouse/testing/playwright'

export default defineConfig${extension === 'ts' ? '<object, GatehouseOptions>' : ''}({
  testDir: './${FOLDER}',
  timeout: 60_000,
  forbidOnly: Boolean(process.env.CI),
  // each worker starts the app: one of them in development, where Next.js runs once in a folder
  workers: 1,
  reporter: [['list'], ['html', { open: 'never' }]],
  use: {
    launchOptions: chromiumHere(),
    trace: 'retain-on-failure',
    // the app as \`gatehouse build\` has made it, or in development where there is no build; settings: { BACKEND_PATHS: '/user/login' }
    gatehouse: {},
    // the demo API with an account of its own; { target: 'http://localhost:8080' } is the API of a test environment
    api: {},
    // how a person logs in; selectors for the fields, and account: { name, password } for an API of your own
    form: { page: '/login', path: '/user/login' },
  },
})
`

const SPEC = `import { expect, test } from 'gatehouse/testing/playwright'

test('a person logs in, no login is lost while every address of the API changes, and the person logs in again', async ({
  page,
  context,
  login,
  balancer,
  expectNoLoginLost,
}) => {
  await login.logIn(page)
  await expectNoLoginLost(() => balancer.replace())
  await context.clearCookies()
  await login.logIn(page)
})

test('while the API is away the page says so, and when it is back the next login works', async ({
  page,
  login,
  balancer,
}) => {
  await balancer.refuse()
  expect(await login.submit(page)).toBeGreaterThanOrEqual(500)
  await login.expectFailure(page)
  await balancer.restore()
  await login.logIn(page)
})

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })

  test('a person logs in', async ({ page, login }) => {
    await login.logIn(page)
  })
})
`
