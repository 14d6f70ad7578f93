import http from 'node:http'
import https from 'node:https'
import type { BrowserContext, Page } from '@playwright/test'
import { listen } from '../lib/front/listen.ts'
import { type DemoBackend, startDemoBackend } from '../testing/backend.ts'
import { createAuthority } from '../testing/certificates.ts'
import { LISTENERS, startFrontProcess } from '../testing/front-process.ts'
import { expect, expectSignedIn, submitLogin, test } from './fixtures.ts'

const SITE = 'https://www.dev.jp'

/** What ends TLS for the site and is not the last proxy before the front: its headers are lists. */
async function startTlsProxy(frontUrl: string, extra: http.OutgoingHttpHeaders = {}) {
  const certificate = await (await createAuthority()).issue(['www.dev.jp'])
  const proxy = https.createServer(certificate, (req, res) => {
    const headers = {
      ...req.headers,
      'x-forwarded-for': '203.0.113.7, 127.0.0.9',
      'x-forwarded-proto': 'https, http',
      ...extra,
    }
    const passed = http.request(
      frontUrl,
      { method: req.method, path: req.url, headers, agent: false },
      answer => {
        res.writeHead(answer.statusCode ?? 0, answer.rawHeaders)
        answer.pipe(res)
      },
    )
    passed.on('error', () => res.destroy())
    req.pipe(passed)
  })
  return { proxy, port: await listen(proxy, 0, '127.0.0.1') }
}

type Site = { demo: DemoBackend; context: BrowserContext }

type Setting = { cookieDomain: string; env: Record<string, string> }

/** The site as a browser sees it: www.dev.jp at its usual port, before an API whose cookies have a domain. */
const siteTest = test.extend<{ setting: Setting; site: Site }>({
  setting: [{ cookieDomain: 'api.dev.jp', env: {} }, { option: true }],
  site: async ({ playwright, launchOptions, setting: { cookieDomain, env } }, use, testInfo) => {
    const demo = await startDemoBackend({ scryptCost: 2 ** 12, cookieDomain })
    const front = await startFrontProcess(
      { ...demo.env, ...LISTENERS, ...env },
      testInfo.outputPath('front.log'),
    )
    const { proxy, port } = await startTlsProxy(front.url, { 'x-forwarded-host': 'evil.example' })
    const others = (launchOptions.args ?? []).filter(each => !each.startsWith('--host-resolver-rules'))
    const rules = `--host-resolver-rules=MAP www.dev.jp:443 127.0.0.1:${port}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1`
    const browser = await playwright.chromium.launch({ ...launchOptions, args: [...others, rules] })
    const context = await browser.newContext({ baseURL: SITE, ignoreHTTPSErrors: true, locale: 'en-US' })
    await use({ demo, context })
    await browser.close()
    proxy.close()
    proxy.closeAllConnections()
    await front.stop()
    await demo.close()
  },
})

/** @param domain of its cookie */
async function expectSessionAt({ context }: Site, page: Page, domain: string) {
  await expect(page).toHaveURL(`${SITE}/account`)
  await expectSignedIn(page)
  const session = (await context.cookies()).find(({ name }) => name === 'session')
  expect(session).toMatchObject({ domain, secure: true, httpOnly: true, sameSite: 'Lax' })
}

// which domain a cookie keeps, with PUBLIC_ORIGIN and without: lib/proxy/translate.test.ts
for (const [words, env, cookieDomain, domain] of [
  ['with PUBLIC_ORIGIN', { PUBLIC_ORIGIN: SITE }, '.dev.jp', '.dev.jp'],
  ['without PUBLIC_ORIGIN, by what the proxy says', {}, 'api.dev.jp', 'www.dev.jp'],
] as const) {
  siteTest.describe(`at www.dev.jp ${words}`, () => {
    siteTest.use({ setting: { cookieDomain, env } })

    siteTest(`a person logs in, though the API sets its cookies for ${cookieDomain}`, async ({ site }) => {
      const page = await site.context.newPage()
      await page.goto('/login')
      await submitLogin(page, site.demo.account)
      await expectSessionAt(site, page, domain)

      await page.reload()
      await expectSignedIn(page)
    })
  })
}

siteTest.describe('a form without JavaScript', () => {
  siteTest.use({ setting: { cookieDomain: 'api.dev.jp', env: { PUBLIC_ORIGIN: SITE } } })

  siteTest('leads back to www.dev.jp, not to the API and not to http', async ({ site }) => {
    const page = await site.context.newPage()
    await page.goto('/healthz')
    const { name, password } = site.demo.account
    await page.setContent(
      `<form method="post" action="/user/login"><input name="name" value="${name}"><input name="password" value="${password}"><button>go</button></form>`,
    )
    await page.getByRole('button').click()
    await expectSessionAt(site, page, 'www.dev.jp')
  })
})
