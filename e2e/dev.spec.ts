import type { Page, TestInfo } from '@playwright/test'
import { messages } from '../app/_messages/messages.ts'
import { ERRORS } from '../lib/http/errors.ts'
import { type Command, freePort, startCommand } from '../testing/command.ts'
import {
  test as base,
  DISPLAY_NAME,
  expect,
  expectSignedIn,
  failureOn,
  moveAlb,
  openLogin,
  submitLogin,
} from './fixtures.ts'
import { editFile } from './working-copy.ts'

type Server = Command & { url: string }

base.describe('npx next dev, by somebody who knows nothing of server.ts,', () => {
  const test = base.extend<{ backend: 'not set' | 'set'; next: Server }>({
    backend: ['not set', { option: true }],
    next: async ({ copy, demo, backend }, use) => {
      const port = await freePort()
      const next = startCommand(['npx', 'next', 'dev', '--hostname', '127.0.0.1', '--port', port], {
        cwd: copy,
        env: {
          npm_config_update_notifier: 'false',
          BACKEND_ORIGIN: '',
          ...(backend === 'set' && demo.env),
        },
      })
      await next.says('Ready in')
      await use({ ...next, url: `http://localhost:${port}` })
      await next.interrupt()
    },
    baseURL: async ({ next }, use, testInfo) => {
      await use(next.url)
      await keepOutput(next, testInfo)
    },
  })

  test('starts a backend along, and a login goes there', async ({ request, demo }) => {
    const answer = await request.post('/user/login', { data: demo.account })
    expect(await answer.json()).toEqual({ name: demo.account.name, displayName: DISPLAY_NAME })
  })

  test.describe('with a backend set,', () => {
    test.use({ backend: 'set' })

    test('logs in after an address change, and says 502 in words while the backend is away', async ({
      page,
      demo,
      problems,
    }) => {
      await openLogin(page)
      await moveAlb(demo.alb)
      await submitLogin(page, demo.account)
      await expectSignedIn(page)
      await moveAlb(demo.alb)
      await page.reload()
      await expectSignedIn(page)
      expect(problems).toEqual([])

      // whoever is logged in is taken from the login page to the account
      await page.context().clearCookies()
      await openLogin(page)
      const addresses = [...demo.alb.listed]
      for (const address of addresses) demo.alb.kill(address)
      const answer = page.waitForResponse('/user/login')
      await submitLogin(page, demo.account)
      expect((await answer).status()).toBe(502)
      await expect(failureOn(page)).toContainText(
        `${messages.en.failure.badGateway}${messages.en.failure.safe}`,
      )

      for (const address of addresses) await demo.alb.start(address)
      await submitLogin(page, demo.account)
      await expectSignedIn(page)
    })
  })
})

base.describe('npm run dev', () => {
  type Account = { name: string; password: string }
  const test = base.extend<object, { dev: Server & { account: Account } }>({
    dev: [
      async ({ copy }, use) => {
        // a fixed one: the page must be at the same address after a restart
        const PORT = await freePort()
        const env = {
          BACKEND_ORIGIN: '',
          HOST: '127.0.0.1',
          PORT,
          ADMIN_PORT: '0',
          EGRESS_PORT: '0',
          LOG_LEVEL: 'info',
        }
        const command = [process.execPath, 'tools/ready.mjs', 'command/gatehouse.ts', 'dev']
        const dev = startCommand(command, { cwd: copy, env })
        await dev.says('Account:')
        const [, name = '', password = ''] = /Account: +(\S+) \/ (\S+)/.exec(dev.output.join('\n')) ?? []
        await use({ ...dev, url: `http://localhost:${PORT}`, account: { name, password } })
        await dev.interrupt()
      },
      { scope: 'worker', timeout: 120_000 },
    ],
    baseURL: async ({ dev }, use, testInfo) => {
      await use(dev.url)
      await keepOutput(dev, testInfo)
    },
  })

  test('prints an account, and a person logs in with it', async ({ page, dev, problems }) => {
    await openLogin(page)
    await submitLogin(page, dev.account)
    await expectSignedIn(page)
    expect(problems).toEqual([])
  })

  test('shows an edit of a page at once: nothing is reloaded, what was typed stays', async ({
    page,
    copy,
  }) => {
    const connected = hotReloading(page)
    await openLogin(page)
    await connected
    await page.getByLabel(messages.en.login.name).fill('jiro')
    await page.evaluate(() => Object.assign(window, { sameDocument: true }))

    const { title, name } = messages.en.login
    await editFile(copy, 'app/login/page.tsx', '<h1>{login.title}</h1>', '<h1>{login.title}, please</h1>')
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(`${title}, please`)
    await editFile(copy, 'app/login/form.tsx', '{login.name}</label>', '{login.name}?</label>')
    await expect(page.getByLabel(`${name}?`)).toHaveValue('jiro')
    await editFile(copy, 'app/style.css', 'html {', 'html {\n  letter-spacing: 3px;')
    await expect(page.getByRole('heading', { level: 1 })).toHaveCSS('letter-spacing', '3px')
    expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true)
  })

  test('restarts the server when lib/ changes: the page comes again, and logins work', async ({
    page,
    copy,
    dev,
    request,
  }) => {
    const connected = hotReloading(page)
    await openLogin(page)
    await connected

    const restarted = dev.says('"msg":"ready"')
    const reloaded = page.waitForEvent('load')
    await editFile(copy, 'lib/http/errors.ts', ERRORS.BODY_TOO_LARGE.en, 'That was a lot.')
    await restarted
    await reloaded
    const refused = await request.post('/user/login', { data: 'x'.repeat(1024 ** 2 + 1) })
    expect(await refused.json()).toMatchObject({ error: { message: 'That was a lot.' } })

    const answer = page.waitForResponse('/user/login')
    await submitLogin(page, dev.account)
    expect((await answer).status()).toBe(200)
  })
})

/** Resolves when the next page hears from the dev server. */
async function hotReloading(page: Page): Promise<void> {
  const socket = await page.waitForEvent('websocket')
  await socket.waitForEvent('framereceived')
}

async function keepOutput({ output }: Command, testInfo: TestInfo) {
  if (testInfo.status !== testInfo.expectedStatus)
    await testInfo.attach('output.log', { body: output.join('\n') })
}
