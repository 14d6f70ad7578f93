import { mkdir, rm } from 'node:fs/promises'
import http from 'node:http'
import { join } from 'node:path'
import {
  type BrowserContextOptions,
  test as base,
  expect,
  type Page,
  type PlaywrightTestArgs,
  type PlaywrightTestOptions,
  type PlaywrightWorkerArgs,
  type PlaywrightWorkerOptions,
  type TestInfo,
  type TestType,
} from '@playwright/test'
import { type Balancer, startBalancer } from './balancer.ts'
import type { BalancerOptions } from './balancer-options.ts'
import { expectNoLoginLost } from './expect-no-login-lost.ts'
import { explain, type Sent } from './explain.ts'
import { type Front, type FrontOptions, startFront } from './front.ts'
import { type LoginRequest, logInByRequest } from './login.ts'
import { type LoginForm, type LoginPage, loginPage } from './login-form.ts'

export { chromiumHere } from './browser.ts'
export type { LoginForm, LoginPage } from './login-form.ts'
export { type WebServerOptions, webServer } from './web-server-config.ts'
export { expect }

type StorageState = Exclude<BrowserContextOptions['storageState'], string | undefined>

/** Options of the fixtures, for `use` in playwright.config: `defineConfig<object, GatehouseOptions>({ … })`. */
export type GatehouseOptions = {
  /** What is started: the app as `gatehouse build` has made it, or in development. */
  gatehouse: Omit<FrontOptions, 'balancer' | 'settings' | 'logFile'> & {
    /** Further settings; a function where they need the balancer. */
    settings?: FrontOptions['settings'] | ((balancer: Balancer) => Record<string, string>)
  }
  /** Where the API is: `{ target: 'http://localhost:8080' }`; the demo API if left out. */
  api: BalancerOptions
  /** How a person logs in. */
  form: LoginForm
  /** How a login is sent without a browser. */
  loginRequest: LoginRequest
  /** How `loggedIn` logs in, once for each worker. */
  loggedInBy: 'request' | 'form'
}

export type GatehouseFixtures = {
  /** Steps at the app's login page. */
  login: LoginPage
  /** A page whose person is logged in already. */
  loggedIn: Page
  /** Logs in at a steady rate while something happens, and fails if one of these logins does. */
  expectNoLoginLost(during: () => Promise<unknown>, options?: { perSecond?: number }): Promise<void>
  /** What failed in this test, as its pages saw it. */
  failedRequests: Sent[]
  reportFailure: undefined
}

export type GatehouseWorkerFixtures = GatehouseOptions & {
  /** The app under Gatehouse. */
  front: Front
  /** The load balancer before the API; each test finds it without a fault. */
  balancer: Balancer
  /** Of one login, for `storageState`. */
  loggedInState: StorageState
}

/** Playwright's `test` with the app under Gatehouse, before a load balancer whose addresses a test can change. */
export const test: TestType<
  PlaywrightTestArgs & PlaywrightTestOptions & GatehouseFixtures,
  PlaywrightWorkerArgs & PlaywrightWorkerOptions & GatehouseWorkerFixtures
> = base.extend<GatehouseFixtures, GatehouseWorkerFixtures>({
  gatehouse: [{}, { scope: 'worker', option: true }],
  api: [{}, { scope: 'worker', option: true }],
  form: [{}, { scope: 'worker', option: true }],
  loginRequest: [{}, { scope: 'worker', option: true }],
  loggedInBy: ['request', { scope: 'worker', option: true }],

  balancer: [
    async ({ api }, use) => {
      await using balancer = await startBalancer(api)
      await use(balancer)
    },
    { scope: 'worker' },
  ],
  front: [
    async ({ gatehouse, balancer }, use, { project, workerIndex }) => {
      const { settings, ...rest } = gatehouse
      const folder = join(project.outputDir, `gatehouse-${workerIndex}`)
      await mkdir(folder, { recursive: true })
      await using front = await startFront({
        ...rest,
        balancer,
        logFile: join(folder, 'front.log'),
        ...(settings && { settings: typeof settings === 'function' ? settings(balancer) : settings }),
      })
      await use(front)
      await rm(folder, { recursive: true, force: true })
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  loggedInState: [
    async ({ front, balancer, browser, form, loginRequest, loggedInBy }, use) => {
      const account = form.account ?? balancer.account
      if (loggedInBy === 'request') {
        const agent = new http.Agent()
        const { isLoggedIn, answer, error } = await logInByRequest(front.url, agent, {
          fields: { ...account },
          ...loginRequest,
        })
        expect(isLoggedIn, `the login of loggedIn worked; it got ${answer?.status ?? error}`).toBe(true)
        return use({ cookies: cookiesOf(answer?.headers['set-cookie'] ?? []), origins: [] })
      }
      const context = await browser.newContext({ baseURL: front.url })
      await loginPage(form, account).logIn(await context.newPage())
      const state = await context.storageState()
      await context.close()
      await use(state)
    },
    { scope: 'worker' },
  ],

  baseURL: async ({ front }, use) => use(front.url),
  login: async ({ form, balancer }, use) => use(loginPage(form, balancer.account)),
  loggedIn: async ({ browser, baseURL, loggedInState, failedRequests }, use) => {
    const context = await browser.newContext({ ...(baseURL && { baseURL }), storageState: loggedInState })
    const page = await context.newPage()
    watch(page, failedRequests)
    await use(page)
    await context.close()
  },
  page: async ({ page, failedRequests }, use) => {
    watch(page, failedRequests)
    await use(page)
  },
  // Playwright reads the names of what a fixture needs from a pattern
  failedRequests: async ({ browserName: _ }, use) => use([]),
  expectNoLoginLost: async ({ front, balancer, form, loginRequest }, use) =>
    use(async (during, { perSecond } = {}) => {
      const fields = form.account && { ...form.account }
      const login = { ...(form.path && { path: form.path }), ...(fields && { fields }), ...loginRequest }
      await expectNoLoginLost(during, { front, balancer, login, ...(perSecond && { perSecond }) })
    }),
  reportFailure: [
    async ({ front, balancer, failedRequests }, use, testInfo) => {
      const since = Date.now()
      const seen = balancer.events.length
      const lines = front.log.length
      await use(undefined)
      const isFailed = testInfo.status !== testInfo.expectedStatus
      const why = isFailed ? await explain({ front, balancer, since, sent: failedRequests }) : []
      if (isFailed) {
        await attach(testInfo, 'front.log', front.log.slice(lines).join('\n'))
        await attach(testInfo, 'balancer.txt', account(balancer, seen))
      }
      await balancer.restore()
      // an error of its own: a terminal shows 300 characters of an attachment
      const [first] = why
      if (first !== undefined && !testInfo.error?.message?.includes(first)) throw reason(why)
    },
    { auto: true },
  ],
})

const attach = (testInfo: TestInfo, name: string, body: string) =>
  testInfo.attach(name, { body, contentType: 'text/plain' })

/** Without a stack: it is about what the test saw, not about a line of this file. */
function reason(why: readonly string[]): Error {
  // a report does not break lines
  const lines = why.map(each => `- ${each}`.replaceAll(/(.{1,90})(?:\s+|$)/g, '$1\n  ').trimEnd())
  const message = ['Why it failed:', ...lines].join('\n')
  return Object.assign(new Error(message), { stack: message })
}

/** What was done to the balancer in a test, and what its nodes got. */
function account({ events, seen, addresses }: Balancer, from: number): string {
  return [
    ...events.slice(from).map(({ at, what }) => `${new Date(at).toISOString()} ${what}`),
    `DNS lists ${addresses.join(', ')}`,
    ...Object.entries(seen.byNode()).map(
      ([node, count]) => `${node} has got ${count} ${count === 1 ? 'request' : 'requests'} in all`,
    ),
  ].join('\n')
}

/** Notes what fails: a person's reads are retried by hand, so these count less than what is sent. */
function watch(page: Page, failed: Sent[]) {
  page.on('response', response => {
    const request = response.request()
    if (response.status() < 400 || request.method() === 'GET') return
    failed.push({
      id: response.headers()['x-request-id'],
      method: request.method(),
      path: new URL(request.url()).pathname,
      status: response.status(),
    })
  })
  page.on('requestfailed', request => {
    if (request.method() === 'GET') return
    const error = request.failure()?.errorText
    failed.push({ method: request.method(), path: new URL(request.url()).pathname, error })
  })
}

/** As a browser would keep them; Playwright wants every part. */
function cookiesOf(lines: readonly string[]): StorageState['cookies'] {
  return lines.map(line => {
    const [pair = '', ...attributes] = line.split(';').map(each => each.trim())
    const has = new Map(
      attributes.map(each => [each.split('=', 1)[0]?.toLowerCase(), each.split('=')[1] ?? '']),
    )
    const sameSite = has.get('samesite')?.toLowerCase()
    return {
      name: pair.slice(0, pair.indexOf('=')),
      value: pair.slice(pair.indexOf('=') + 1),
      domain: 'localhost',
      path: has.get('path') ?? '/',
      expires: has.has('max-age') ? Date.now() / 1000 + Number(has.get('max-age')) : -1,
      httpOnly: has.has('httponly'),
      secure: has.has('secure'),
      sameSite: sameSite === 'strict' ? 'Strict' : sameSite === 'none' ? 'None' : 'Lax',
    }
  })
}
