import type { Page } from '@playwright/test'
import { messages } from '../app/_messages/messages.ts'
import { expect, expectSignedIn, submitLogin, test } from './fixtures.ts'

test('a person’s way through the pages leaves nothing red in the console or the network panel', async ({
  page,
  demo,
  problems,
}) => {
  await page.goto('/', { waitUntil: 'networkidle' })
  await page.getByRole('link', { name: messages.en.home.logIn }).click()
  await page.waitForURL('/login')
  await submitLogin(page, demo.account)
  await expectSignedIn(page)
  await page.waitForLoadState('networkidle')
  await page.getByRole('button', { name: messages.en.account.logOut }).click()
  await page.waitForURL('/login')
  await page.waitForLoadState('networkidle')
  expect(problems).toEqual([])
})

test('an address that is not there has a page that leads back', async ({ page }) => {
  const answer = await page.goto('/user/loginX')
  expect(answer?.status()).toBe(404)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(messages.en.notFound.title)
  await page.getByRole('link', { name: messages.en.notFound.home }).click()
  await expect(page).toHaveURL('/')
})

test('every page carries its security headers, and its icon is there', async ({ page, request }) => {
  for (const path of ['/', '/login', '/nothing-here']) {
    const headers = (await page.goto(path))?.headers() ?? {}
    expect(headers['content-security-policy']).toContain("default-src 'none'")
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['x-powered-by']).toBeUndefined()
  }
  const icon = await page.locator('link[rel=icon][type="image/svg+xml"]').getAttribute('href')
  expect((await request.get(icon ?? '')).headers()['content-type']).toBe('image/svg+xml')
  expect((await request.get('/favicon.ico')).headers()['content-type']).toBe('image/x-icon')
  expect(await (await request.get('/robots.txt')).text()).toContain('Disallow: /account')
  expect(await page.locator('meta[name=description]').getAttribute('content')).toBe(messages.en.description)
})

const telephones = [
  { colorScheme: 'light', locale: 'ja-JP' },
  { colorScheme: 'dark', locale: 'en-US' },
] as const

for (const { colorScheme, locale } of telephones) {
  test.describe(`on a telephone, ${colorScheme}, ${locale},`, () => {
    test.use({ colorScheme, locale, viewport: { width: 360, height: 740 } })

    test('no page has to be scrolled sideways', async ({ page, demo }) => {
      for (const path of [
        '/',
        '/login',
        '/login?error=credentials',
        '/login?error=locked',
        '/nothing-here',
        // an error of the front itself
        '/user/login//x%2f',
      ]) {
        await page.goto(path)
        expect(await overhang(page), path).toBe(0)
        await expect(page.locator('html'), path).toHaveAttribute('lang', locale.slice(0, 2))
      }
      await page.request.post('/user/login', { data: demo.account })
      await page.goto('/account')
      await expect(page.getByRole('definition').first()).toHaveText(demo.account.name)
      expect(await overhang(page), '/account').toBe(0)
      expect(await background(page)).toBe(colorScheme)
    })
  })
}

/** In CSS pixels, how much wider the page is than the screen. */
const overhang = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

async function background(page: Page): Promise<'light' | 'dark'> {
  const color = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
  const [red = 0] = color.match(/\d+/g)?.map(Number) ?? []
  return red > 128 ? 'light' : 'dark'
}
