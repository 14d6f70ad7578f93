import { fileURLToPath } from 'node:url'
import { messages } from '../app/_messages/messages.ts'
import { type LoginForm, loginPage } from '../testing/login-form.ts'
import { expect, test } from '../testing/playwright.ts'

/** The fixtures that an app gets, on the pages of this repository. */
const { account } = messages.en

test.use({
  gatehouse: { app: fileURLToPath(new URL('..', import.meta.url)) },
  loggedInBy: 'form',
  form: { done: 'h1 >> text=山田' },
})

test('loggedIn is a page whose person is logged in, also after every address has changed', async ({
  loggedIn,
  balancer,
}) => {
  await loggedIn.goto('/account')
  await expect(loggedIn.getByRole('button', { name: account.logOut })).toBeVisible()
  await balancer.replace()
  await loggedIn.reload()
  await expect(loggedIn.getByRole('button', { name: account.logOut })).toBeVisible()
})

test('the login page is used by its usual selectors, and a fault ends with restore', async ({
  page,
  login,
  balancer,
}) => {
  await balancer.kill()
  expect(await login.submit(page)).toBe(502)
  await login.expectFailure(page)
  await balancer.restore()
  await login.logIn(page)
})

test('a fault of the test before is over, and no login is lost while the addresses change', async ({
  balancer,
  expectNoLoginLost,
}) => {
  await expectNoLoginLost(() => balancer.replace({ old: 'drop' }), { perSecond: 5 })
  expect(balancer.seen.executedMoreThanOnce()).toEqual([])
})

test('a login page that is not there, and a login that goes elsewhere, are named with the option that says so', async ({
  page,
  balancer,
}) => {
  const submit = (form: LoginForm) => loginPage(form, balancer.account).submit(page)
  await expect(submit({ page: '/sign-in' })).rejects.toThrow(/GET \/sign-in .*`form\.page`/)
  await expect(submit({ path: '/session' })).rejects.toThrow(
    /no POST \/session .* it has sent POST \/user\/login\. `form\.path`/,
  )
})
