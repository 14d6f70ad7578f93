import { fileURLToPath } from 'node:url'
import { messages } from '../app/_messages/messages.ts'
import { expect, test } from '../testing/playwright.ts'

// an option of a worker is set for a whole file
test.use({ gatehouse: { app: fileURLToPath(new URL('..', import.meta.url)) }, loggedInBy: 'request' })

test('loggedIn by a request is a page whose person is logged in', async ({ loggedIn }) => {
  await loggedIn.goto('/account')
  await expect(loggedIn.getByRole('button', { name: messages.en.account.logOut })).toBeVisible()
})
