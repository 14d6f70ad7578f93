import { messages } from '../app/_messages/messages.ts'
import { expect, expectSignedIn, failureOn, openLogin, submitLogin, test } from './fixtures.ts'

const { login, failure, account, home } = messages.en

test('a person logs in, sees who is logged in, and logs out', async ({ page, context, demo }) => {
  await page.goto('/')
  await page.getByRole('link', { name: home.logIn }).click()
  await submitLogin(page, demo.account)
  await expectSignedIn(page)
  await expect(page.getByRole('definition').first()).toHaveText(demo.account.name)

  const cookies = await context.cookies()
  const session = cookies.find(cookie => cookie.name === 'session')
  expect(session, 'ends with the browser, and no script can read it').toMatchObject({
    httpOnly: true,
    sameSite: 'Lax',
    path: '/',
    expires: -1,
  })
  expect(await page.evaluate(() => document.cookie)).not.toContain('session')

  await page.getByRole('link', { name: 'Gatehouse' }).click()
  await page.getByRole('link', { name: home.account }).click()
  await page.getByRole('button', { name: account.logOut }).click()
  await expect(page).toHaveURL('/login')
  expect(await context.cookies()).toEqual([])

  // whoever copied the cookie has nothing: the session is over at the API, too
  await context.addCookies(cookies)
  await page.goto('/account')
  await expect(page).toHaveURL('/login')
})

test('a wrong password is said in words, the name is kept, and the right one then works', async ({
  page,
  demo,
}) => {
  await openLogin(page)
  await submitLogin(page, { ...demo.account, password: 'not it' })
  await expect(failureOn(page)).toHaveText(failure.credentials)
  await expect(failureOn(page)).toBeFocused()
  await expect(page.getByLabel(login.name)).toHaveValue(demo.account.name)
  await expect(page.getByLabel(login.name)).toHaveAccessibleDescription(failure.credentials)

  await page.getByRole('textbox', { name: login.password }).fill(demo.account.password)
  await page.getByRole('button', { name: login.submit, exact: true }).click()
  await expectSignedIn(page)
})

test('after five wrong passwords the page says for how long no other is taken', async ({ page }) => {
  await openLogin(page)
  const guess = (password: number) => submitLogin(page, { name: 'hanako', password: `guess ${password}` })
  for (let guessed = 1; guessed <= 5; guessed++) {
    const answer = page.waitForResponse('/user/login')
    await guess(guessed)
    expect((await answer).status()).toBe(401)
    await expect(failureOn(page)).toHaveText(failure.credentials)
  }
  await guess(6)
  await expect(failureOn(page)).toHaveText(/too many attempts.* try again in (\d+ seconds?|1 minute)\./)
  await expect(failureOn(page)).toBeFocused()
})

test('while a login is pending the button keeps the focus, and the wait is announced', async ({
  page,
  demo,
}) => {
  await openLogin(page)
  let answer = () => {}
  const held = new Promise<void>(resolve => {
    answer = resolve
  })
  let sent = 0
  await page.route('/user/login', async route => {
    sent++
    await held
    await route.continue()
  })
  await submitLogin(page, demo.account)
  const button = page.getByRole('button', { name: login.pending })
  await expect(button).toBeFocused()
  await expect(page.getByRole('status').filter({ hasText: login.pending })).toHaveCount(1)
  await page.keyboard.press('Enter')
  answer()
  await expectSignedIn(page)
  expect(sent, 'once, however often it is pressed').toBe(1)
})

test('whoever is logged in is taken from the login page to the account', async ({ page, demo }) => {
  await openLogin(page)
  await submitLogin(page, demo.account)
  await expectSignedIn(page)
  await page.goto('/login')
  await expectSignedIn(page)
})

test('a login that the front takes for another site’s is no matter of the account', async ({
  page,
  demo,
}) => {
  await openLogin(page)
  // a browser lets no script say where a request comes from; the answer is the front's own to such a one
  await page.route('/user/login', async route => {
    const url = new URL(route.request().url())
    const answer = await fetch(url, { method: 'POST', headers: { 'Sec-Fetch-Site': 'cross-site' } })
    await route.fulfill({ status: answer.status, body: await answer.text() })
  })
  await submitLogin(page, demo.account)
  await expect(failureOn(page)).toHaveText(failure.crossSite)
})

test('the password can be looked at while it is typed', async ({ page }) => {
  await openLogin(page)
  const password = page.getByRole('textbox', { name: login.password })
  const show = page.getByRole('button', { name: login.showPassword })
  await password.fill('himitsu')
  await expect(password).toHaveAttribute('type', 'password')
  await show.click()
  await expect(password).toHaveAttribute('type', 'text')
  await expect(show).toHaveAttribute('aria-pressed', 'true')
})

test('with the keyboard alone a person logs in and out', async ({ page, demo }) => {
  await openLogin(page)
  const focusable = [
    page.getByRole('link', { name: 'Gatehouse' }),
    page.getByLabel(login.name),
    page.getByRole('textbox', { name: login.password }),
    page.getByRole('button', { name: login.showPassword }),
    page.getByRole('button', { name: login.submit, exact: true }),
  ]
  for (const each of focusable) {
    await page.keyboard.press('Tab')
    await expect(each).toBeFocused()
  }
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.type(demo.account.password)
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.type(demo.account.name)
  await page.keyboard.press('Enter')
  await expectSignedIn(page)

  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: account.data })).toBeFocused()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('button', { name: account.logOut })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL('/login')
})

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })

  test('a person logs in after a wrong password, and logs out', async ({ page, context, demo }) => {
    await page.goto('/login')
    await submitLogin(page, { ...demo.account, password: 'not it' })
    await expect(failureOn(page)).toHaveText(failure.credentials)
    await expect(failureOn(page)).toBeFocused()

    await submitLogin(page, demo.account)
    await expectSignedIn(page)
    await page.getByRole('button', { name: account.logOut }).click()
    await expect(page).toHaveURL('/login')
    expect(await context.cookies()).toEqual([])
  })
})

const languages = [
  { locale: 'ja-JP', lang: 'ja', heading: 'ログイン' },
  { locale: 'en-GB', lang: 'en', heading: 'Log in' },
] as const

for (const { locale, lang, heading } of languages) {
  test.describe(`a browser that asks for ${locale}`, () => {
    test.use({ locale })

    test('is answered in its language, before and after the login', async ({ page, demo }) => {
      await page.goto('/login')
      await expect(page.locator('html')).toHaveAttribute('lang', lang)
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading)
      await submitLogin(page, demo.account, messages[lang])
      await expectSignedIn(page, messages[lang])
    })
  })
}
