import { expect, test } from './fixtures.ts'

const TOKEN = 'himitsu-himitsu-himitsu-himitsu-'

test.use({ settings: { ADMIN_TOKEN: TOKEN } })

test.describe('with the token as the password', () => {
  test.use({ httpCredentials: { username: '', password: TOKEN } })

  test('a browser shows the status page, live, with its scripts, styles and the runbook', async ({
    page,
    front,
    problems,
  }) => {
    await page.goto(front.adminUrl)
    await expect(page.locator('#live')).toHaveAttribute('data-live', 'yes')
    await expect(page.locator('#headline')).toHaveAttribute('data-level', 'fine')
    // the question that a browser answers
    expect(problems.filter(each => !/401/.test(each))).toEqual([])
    await page.goto(new URL('/runbook', front.adminUrl).href)
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Runbook')
  })
})

test('without it a browser asks its user, and shows nothing', async ({ page, front }) => {
  // a Chromium that has no window to ask in shows the answer; what Playwright makes of a question that nobody answers
  const asked = page.goto(front.adminUrl).then(
    answer => `${answer?.status()} ${answer?.headers()['www-authenticate']}`,
    (error: unknown) => String(error),
  )
  expect(await asked).toMatch(/^401 .*\bBasic realm|ERR_INVALID_AUTH_CREDENTIALS/s)
  await expect(page.locator('#headline')).toHaveCount(0)
})
