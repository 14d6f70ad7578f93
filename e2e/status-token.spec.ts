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
    await page.goto(new URL('/runbook', front.adminUrl).href)
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Runbook')
    // the question that a browser answers
    expect(problems.filter(each => !/401/.test(each))).toEqual([])
  })
})

test('without it a browser is asked, and sees nothing', async ({ page, front }) => {
  const answer = await page.goto(front.adminUrl)
  expect(answer?.status()).toBe(401)
  await expect(page.getByText('The token in ADMIN_TOKEN is needed')).toBeVisible()
})
