import { messages } from '../app/_messages/messages.ts'
import { ERRORS } from '../lib/http/errors.ts'
import { expect, expectSignedIn, failureOn, moveAlb, openLogin, submitLogin, test } from './fixtures.ts'

const { failure, account } = messages.en

// more than a login takes on a busy machine, less than a person or a test waits
test.use({ settings: { BACKEND_TIMEOUT: '3s' } })

test('a person logs in though every address of the ALB changed while the page was open', async ({
  page,
  demo,
}) => {
  await openLogin(page)
  await moveAlb(demo.alb)
  await submitLogin(page, demo.account)
  await expectSignedIn(page)

  await moveAlb(demo.alb)
  await page.reload()
  await expectSignedIn(page)
})

test('with the backend away the page says that it is safe to try again; back again, the next try works', async ({
  page,
  demo,
}) => {
  await openLogin(page)
  const addresses = [...demo.alb.listed]
  for (const address of addresses) demo.alb.kill(address)
  await submitLogin(page, demo.account)
  await expect(failureOn(page)).toContainText(`${failure.badGateway}${failure.safe}`)
  await expect(failureOn(page)).toBeFocused()

  for (const address of addresses) await demo.alb.start(address)
  await submitLogin(page, demo.account)
  await expectSignedIn(page)
})

test('with the backend away a person is not logged out, and sees the account when it is back', async ({
  page,
  demo,
}) => {
  await openLogin(page)
  await submitLogin(page, demo.account)
  await expectSignedIn(page)
  const addresses = [...demo.alb.listed]
  for (const address of addresses) demo.alb.kill(address)
  await page.reload()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(account.unknown)

  for (const address of addresses) await demo.alb.start(address)
  await page.getByRole('link', { name: account.again }).click()
  await expectSignedIn(page)
})

test('with a silent backend the page says that the login may have happened, and where to look', async ({
  page,
  demo,
}) => {
  await openLogin(page)
  for (const address of demo.alb.listed) await demo.alb.fault(address, 'silent')
  const answer = page.waitForResponse('/user/login')
  await submitLogin(page, demo.account)
  expect((await answer).status()).toBe(504)
  await expect(failureOn(page)).toContainText(`${failure.timeout}${failure.unsure}`)
  await expect(failureOn(page)).toBeFocused()

  for (const address of demo.alb.listed) await demo.alb.heal(address)
  await page.getByRole('link', { name: failure.account }).click()
  await expect(page, 'it had not happened').toHaveURL('/login')
})

const withoutJavaScript = [
  { locale: 'en-US', lang: 'en' },
  { locale: 'ja-JP', lang: 'ja' },
] as const

for (const { locale, lang } of withoutJavaScript) {
  test.describe(`without JavaScript, in ${lang},`, () => {
    test.use({ javaScriptEnabled: false, locale })

    test('a small page says that the backend is away; its link leads back, and the next try works', async ({
      page,
      demo,
    }) => {
      await page.goto('/login')
      const addresses = [...demo.alb.listed]
      for (const address of addresses) demo.alb.kill(address)
      await submitLogin(page, demo.account, messages[lang])
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(ERRORS.BACKEND_UNREACHABLE[lang])
      await expect(page.locator('html')).toHaveAttribute('lang', lang)
      await expect(page).toHaveTitle(/^\S.+ \(502\)$/)

      for (const address of addresses) await demo.alb.start(address)
      await page.getByRole('main').getByRole('link').click()
      await expect(page).toHaveURL('/login')
      await submitLogin(page, demo.account, messages[lang])
      await expectSignedIn(page, messages[lang])
    })
  })
}
