import { expect, type Page, type Request } from '@playwright/test'
import { LOGIN_PATH } from './login.ts'

/** How a person logs in; each has a default that fits many login pages. */
export type LoginForm = {
  /** The login page, `/login`. */
  page?: string
  /** Where the login is sent to, `/user/login`. */
  path?: string
  /** Who logs in; the demo API's account. */
  account?: { readonly name: string; readonly password: string }
  /** The selector of the field for the name. */
  name?: string
  /** The selector of the field for the password. */
  password?: string
  /** The selector of the button. */
  submit?: string
  /** The selector of what a person sees after the login; if left out, that another page is open. */
  done?: string
  /** The selector of what says that a login failed: an alert of the page, or the heading of Gatehouse's error page. */
  failure?: string
}

export type Account = { readonly name: string; readonly password: string }

/** What a test does with the login page. */
export type LoginPage = {
  /** Opens the login page, fills the form in, sends it, and waits until the person is logged in. */
  logIn(page: Page): Promise<void>
  /** The same without the last step. @returns the status that the login was answered with */
  submit(page: Page): Promise<number>
  /** Waits until the page says that the login failed. */
  expectFailure(page: Page): Promise<void>
}

/** A page that runs its script first, in development, takes some seconds. */
const SENT_WITHIN_MS = 15_000

const NAME = ['name', 'username', 'user', 'email', 'login'].map(each => `input[name="${each}"]`)
// not one that shows the password, which may come before it
const SUBMIT = 'form button:not([type="button"], [type="reset"]), form input[type="submit"]'
// an alert of Next's own is empty
const FAILURE = '[role="alert"]:not(:empty):visible, main > h1:visible'

export function loginPage(form: LoginForm, demo: Account): LoginPage {
  const { page: open = '/login', path = LOGIN_PATH, account = demo } = form

  async function submit(page: Page): Promise<number> {
    const opened = await page.goto(open)
    expect(
      opened?.status() ?? 200,
      `GET ${open} is answered with the login page (\`form.page\`)`,
    ).toBeLessThan(400)
    await page
      .locator(form.name ?? NAME.join(', '))
      .first()
      .fill(account.name)
    await page.locator(form.password ?? 'input[type="password"]').fill(account.password)
    const button = page.locator(form.submit ?? SUBMIT).first()
    const posted: string[] = []
    const note = (request: Request) => {
      if (request.method() === 'POST') posted.push(new URL(request.url()).pathname)
    }
    page.on('request', note)
    const isLogin = (request: Request) =>
      request.method() === 'POST' && new URL(request.url()).pathname === path
    const answered = page.waitForResponse(each => isLogin(each.request()))
    // what comes of it is awaited below
    answered.catch(() => {})
    const sent = page.waitForRequest(isLogin, { timeout: SENT_WITHIN_MS }).catch(() => {
      const others = posted.length > 0 ? `POST ${posted.join(', POST ')}` : 'no POST'
      throw new Error(
        `The page has sent no POST ${path} within ${SENT_WITHIN_MS / 1000} s of the click on \`form.submit\`; it has sent ${others}. \`form.path\` says where the login goes, as the browser sends it.`,
      )
    })
    await Promise.all([sent, button.click()])
    page.off('request', note)
    return (await answered).status()
  }

  return {
    submit,
    async logIn(page) {
      const status = await submit(page)
      expect(status, `POST ${path} is answered as a login that worked`).toBeLessThan(400)
      if (form.done !== undefined) return expect(page.locator(form.done).first()).toBeVisible()
      await expect(
        page,
        'another page is open after the login (where it stays open: `form.done`)',
      ).not.toHaveURL(url => url.pathname.replace(/\/$/, '') === open.replace(/\/$/, ''))
    },
    async expectFailure(page) {
      await expect(
        page.locator(form.failure ?? FAILURE).first(),
        'the page says that the login failed (`form.failure`)',
      ).toHaveText(/\S/)
    },
  }
}
