import type { Page } from '@playwright/test'
import axe from 'axe-core'
import { messages } from '../app/_messages/messages.ts'
import type { Language } from '../lib/http/accept.ts'
import type { DemoBackend } from '../testing/backend.ts'
import { DISPLAY_NAME, expect, test } from './fixtures.ts'

type Open = (page: Page, to: { demo: DemoBackend; adminUrl: string; language: Language }) => Promise<void>

/** By its path, and the heading that it has when it is whole. */
const at =
  (path: string, heading: (texts: typeof messages.en) => string | RegExp): Open =>
  async (page, { language }) => {
    await page.goto(path)
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading(messages[language]))
  }

const PAGES: Readonly<Record<string, Open>> = {
  'the front page': at('/', ({ home }) => home.title),
  'the login page': at('/login', ({ login }) => login.title),
  'a login that failed': at('/login?error=credentials', ({ login }) => login.title),
  'an address that is not there': at('/nothing-here', ({ notFound }) => notFound.title),
  'an error of the front itself': at('/user/login//x%2f', () => /./),
  'the account': async (page, to) => {
    await page.request.post('/user/login', { data: to.demo.account })
    await at('/account', ({ account }) => account.greeting(DISPLAY_NAME))(page, to)
  },
  'the status page': async (page, { adminUrl }) => {
    await page.goto(adminUrl)
    await expect(page.locator('#live')).toHaveAttribute('data-live', 'yes')
  },
  'the status page while logins fail': async (page, { demo, adminUrl }) => {
    const addresses = [...demo.alb.listed]
    for (const each of addresses) demo.alb.kill(each)
    await page.request.post('/user/login', { data: demo.account })
    for (const each of addresses) await demo.alb.start(each)
    await page.goto(adminUrl)
    await expect(page.locator('#headline')).toHaveAttribute('data-level', 'bad')
  },
  'the runbook': async (page, { adminUrl }) => {
    await page.goto(new URL('/runbook', adminUrl).href)
    await expect(page.getByRole('heading', { level: 2 }).first()).toBeVisible()
  },
}

/** Each with scripts of its own. */
const THROWING: Readonly<Record<string, Open>> = {
  'a page that throws': async (page, to) => {
    // where a login failed, its message takes the focus
    await page.addInitScript(() => {
      HTMLElement.prototype.focus = () => {
        throw new Error('thrown by a test')
      }
    })
    await at('/login?error=credentials', ({ error }) => error.title)(page, to)
  },
  'a layout that throws': async (page, to) => {
    // a link in the layout's header is observed
    await page.addInitScript(() => {
      IntersectionObserver.prototype.observe = () => {
        throw new Error('thrown by a test')
      }
    })
    await at('/nothing-here', ({ error }) => error.title)(page, to)
    await expect(page.getByRole('banner')).toHaveCount(0)
  },
}

for (const [locale, language] of [
  ['en-US', 'en'],
  ['ja-JP', 'ja'],
] as const) {
  test.describe(`axe finds nothing, in ${language}, light or dark:`, () => {
    test.use({ locale })

    // one for all: a new one compiles the page's scripts and axe anew, two thirds of the time
    let shared: Page
    test.beforeAll(async ({ browser, front }) => {
      shared = await browser.newPage({ locale, baseURL: front.url })
    })
    test.afterAll(() => shared.close())

    async function expectNothing(page: Page, open: Open, to: { demo: DemoBackend; adminUrl: string }) {
      await page.emulateMedia({ reducedMotion: 'reduce' })
      await open(page, { ...to, language })
      await expect(page.locator('html')).toHaveAttribute('lang', language)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        expect(await violations(page), colorScheme).toEqual([])
      }
    }
    for (const [name, open] of Object.entries(PAGES))
      test(name, ({ demo, front: { adminUrl } }) => expectNothing(shared, open, { demo, adminUrl }))
    for (const [name, open] of Object.entries(THROWING))
      test(name, ({ page, demo, front: { adminUrl } }) => expectNothing(page, open, { demo, adminUrl }))
  })
}

/** What breaks a rule, and where. As an expression the script needs no leave of the Content-Security-Policy. */
async function violations(page: Page): Promise<unknown> {
  await page.evaluate(axe.source)
  return page.evaluate(`axe.run().then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(each => id + ': ' + each.html + ' ' + each.failureSummary)))`)
}
