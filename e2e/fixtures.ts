import { mkdir, rm } from 'node:fs/promises'
import { test as base, expect, type Page } from '@playwright/test'
import { messages } from '../app/_messages/messages.ts'
import type { Alb } from '../testing/alb.ts'
import { type DemoBackend, startDemoBackend } from '../testing/backend.ts'
import { type FrontProcess, LISTENERS, startFrontProcess } from '../testing/front-process.ts'
import { makeWorkingCopy } from './working-copy.ts'

type Each = {
  /** What this page's console and network panel show in red; a test says what may be there. */
  problems: string[]
}
type Shared = {
  demo: DemoBackend
  /** Settings of the front over the tests' own. */
  settings: Record<string, string>
  /** A front in production mode before the demo backend. */
  front: FrontProcess & { log: string }
  /** The folder of a copy of the repository that a test may edit. */
  copy: string
}

/** What the demo's one account is greeted by. */
export const DISPLAY_NAME = '山田 太郎'

/** A browser at the front; each part is started when a test asks for it, and shared by the tests of its file. */
export const test = base.extend<Each, Shared>({
  demo: [
    async ({ browserName: _ }, use) => {
      // scrypt at its usual cost would make a busy machine's logins slow
      const demo = await startDemoBackend({ scryptCost: 2 ** 12 })
      await use(demo)
      await demo.close()
    },
    { scope: 'worker' },
  ],
  settings: [{}, { scope: 'worker', option: true }],
  front: [
    async ({ demo, settings }, use, { project, workerIndex }) => {
      await mkdir(project.outputDir, { recursive: true })
      const log = `${project.outputDir}/front-${workerIndex}.log`
      const front = await startFrontProcess({ ...demo.env, ...LISTENERS, ...settings }, log)
      await use({ ...front, log })
      expect(await front.stop(), 'the exit code of the front').toBe(0)
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ front }, use, testInfo) => {
    await use(front.url)
    if (testInfo.status !== testInfo.expectedStatus) await testInfo.attach('front.log', { path: front.log })
  },
  copy: [
    async ({ browserName: _ }, use) => {
      const folder = await makeWorkingCopy()
      await use(folder)
      await rm(folder, { recursive: true, force: true })
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  problems: async ({ page }, use) => use(problemsOf(page)),
})

export { expect }

function problemsOf(page: Page): string[] {
  const problems: string[] = []
  page.on('console', message => {
    // what breaks the Content-Security-Policy says so here, as an error
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
  })
  page.on('pageerror', error => problems.push(String(error)))
  page.on('requestfailed', request => {
    const { errorText } = request.failure() ?? {}
    // given up by the browser itself: what was prefetched when the person went elsewhere
    if (errorText !== 'net::ERR_ABORTED') problems.push(`${request.url()}: ${errorText}`)
  })
  page.on('response', response => {
    if (response.status() >= 400) problems.push(`${response.url()}: ${response.status()}`)
  })
  return problems
}

/** Opens the login page and waits until its form is alive: the button that shows the password comes then. */
export async function openLogin(page: Page): Promise<void> {
  await page.goto('/login')
  await page.getByRole('button', { name: messages.en.login.showPassword }).waitFor()
}

/** Fills in the form that is open and sends it. */
export async function submitLogin(
  page: Page,
  account: { name: string; password: string },
  { login } = messages.en,
): Promise<void> {
  await page.getByLabel(login.name).fill(account.name)
  await page.getByRole('textbox', { name: login.password }).fill(account.password)
  await page.getByRole('button', { name: login.submit, exact: true }).click()
}

/** The account page is there and greets the demo's account. */
export async function expectSignedIn(page: Page, { account } = messages.en): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(account.greeting(DISPLAY_NAME))
  await expect(page).toHaveURL('/account')
}

/** What the page says went wrong. In <main>: Next has a live region of its own beside it. */
export const failureOn = (page: Page) => page.getByRole('main').getByRole('alert')

/** Other nodes in DNS, and nothing where the old ones were: the day on which Nginx began to answer 502. */
export async function moveAlb(alb: Alb): Promise<void> {
  const old = [...alb.listed]
  for (const address of old) alb.kill(address)
  const fresh: string[] = []
  while (fresh.length < old.length) fresh.push(await alb.start())
  alb.list(fresh)
}
