import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { z } from 'zod'
import type { Alb } from '../testing/alb.ts'
import { startLoad } from '../testing/load.ts'
import { expect, moveAlb, test } from './fixtures.ts'

/** A folder: pictures for the docs are put there, after some minutes of address changes. */
const { STATUS_PICTURES } = process.env

// a login that reaches no address fails after twice this; on a busy machine a TLS handshake takes its time
test.use({ settings: { CONNECT_TIMEOUT: '3s' } })

const State = z.object({ backend: z.object({ listed: z.array(z.string()) }) })
const listedBy = async (adminUrl: string) =>
  State.parse(await (await fetch(new URL('/state', adminUrl))).json()).backend.listed.toSorted()

const headline = (page: Page) => page.locator('#headline-text')
const box = (page: Page, address: string) => page.locator('#addresses li', { hasText: address })

/** The addresses whose boxes say that they are in use. */
const addressesOn = async (page: Page) =>
  (await page.locator('#addresses li[data-state=used] strong').allTextContents()).toSorted()

async function open(page: Page, adminUrl: string) {
  await page.goto(adminUrl)
  await expect(page.locator('#live')).toHaveText('live')
}

/** Other nodes in DNS; the old ones serve on for as long as somebody comes, and no login fails. */
async function replaceAll(alb: Alb) {
  const old = [...alb.listed]
  await alb.add(old.length)
  for (const each of old) alb.drain(each)
}

/** Bounds of the page beyond the screen, in CSS pixels to the side. */
const overhang = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

const screens = [
  { name: 'light-desktop', colorScheme: 'light', viewport: { width: 1280, height: 900 }, pictureAfter: 8 },
  { name: 'dark-phone', colorScheme: 'dark', viewport: { width: 360, height: 740 }, pictureAfter: 4 },
] as const

for (const { name, colorScheme, viewport, pictureAfter } of screens) {
  test.describe(`${name}:`, () => {
    test.use({ colorScheme, viewport })

    test('an address change is shown without a reload, and nothing is red', async ({
      page,
      demo,
      front,
      problems,
    }) => {
      const { alb } = demo
      const load = startLoad(front.url, demo.account, 10)
      try {
        await open(page, front.adminUrl)
        await expect.poll(() => addressesOn(page)).toEqual([...alb.listed].sort())
        const [fresh = ''] = await alb.add(1)
        await expect.poll(() => listedBy(front.adminUrl), { intervals: [20] }).toEqual([...alb.listed].sort())
        await expect(box(page, fresh)).toContainText('in use')
        // on a busy machine a login's retry may be told above it
        await expect(page.locator('#events')).toContainText(`${fresh} is new in DNS`)

        await replaceAll(alb)
        await expect.poll(() => addressesOn(page)).toEqual([...alb.listed].sort())
        await expect(page.locator('#events')).toContainText(`${fresh} left DNS`)
        await expect(headline(page)).toHaveText('Logins are fine.')
        await expect(page.locator('#time-summary')).toContainText(/: [\d,]+ logins, 0 failed/)
        expect(await overhang(page)).toBe(0)
        const ground = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
        expect(Number(/\d+/.exec(ground)?.[0]) > 128 ? 'light' : 'dark').toBe(colorScheme.split('-')[0])
        expect(problems).toEqual([])
        if (STATUS_PICTURES) {
          test.setTimeout(600_000)
          const wrong = startLoad(front.url, { name: 'hanako', password: 'wrong' }, 1)
          for (let i = 0; i < pictureAfter; i++) {
            if (i > 0) await replaceAll(alb)
            await page.waitForTimeout(20_000)
          }
          await wrong.stop()
          await page.screenshot({ path: `${STATUS_PICTURES}/status-${name}.png`, fullPage: true })
        }
      } finally {
        await load.stop()
      }
    })
  })
}

test.describe('a browser that asks for ja-JP', () => {
  test.use({ locale: 'ja-JP', viewport: { width: 360, height: 740 } })

  test('gets the status page in Japanese, and the headline leads to the runbook', async ({
    page,
    front,
    demo,
    problems,
  }) => {
    await page.goto(front.adminUrl)
    await expect(page.locator('#live')).toHaveText('更新中')
    await expect(headline(page)).toContainText(/[ぁ-ん]/)
    await expect(page.locator('html')).toHaveAttribute('lang', 'ja')
    expect(await overhang(page)).toBe(0)
    // what the front or a person wrote as data is left out
    const words = await page.evaluate(() => {
      for (const data of document.querySelectorAll('#settings, #origin, code, .cause, script, noscript'))
        data.remove()
      return document.body.textContent
    })
    expect(words).not.toMatch(/[a-z]{3,} [a-z]{3,}/)
    expect(problems).toEqual([])

    demo.dns.behave('servfail')
    await page.getByRole('link', { name: '対処方法' }).click()
    await expect(page).toHaveURL(/\/runbook#dns-is-stale$/)
    await expect(page.getByRole('heading', { name: 'DNS の情報が古い' })).toBeVisible()
    demo.dns.behave('answer')
  })
})

test('the keyboard reaches everything that can be changed or scrolled', async ({ page, front, demo }) => {
  const load = startLoad(front.url, demo.account, 10)
  await open(page, front.adminUrl)
  await expect(page.locator('#p50')).not.toHaveText('–')
  await expect(page.locator('#time-summary')).not.toContainText(' 0 logins')
  await load.stop()
  const reached: string[] = []
  // events of a busy machine have links, too
  while (reached.at(-1) !== '/metrics' && reached.length < 200) {
    await page.keyboard.press('Tab')
    reached.push(
      await page.evaluate(() => {
        const { activeElement } = document
        if (activeElement instanceof HTMLInputElement) return activeElement.name
        return activeElement?.id || activeElement?.textContent || ''
      }),
    )
    if (reached.at(-1) === 'span') {
      await page.keyboard.press('ArrowRight')
      await expect(page.getByLabel('15 min')).toBeChecked()
    }
    if (reached.at(-1) === 'rates') {
      await page.keyboard.press('ArrowLeft')
      await expect(page.locator('#rates .u-value').first()).toHaveText(/^\d\d:\d\d:\d\d$/)
    }
    if (reached.at(-1)?.startsWith('Show all')) await page.keyboard.press('Enter')
  }
  const wanted = ['span', 'rates', 'durations', expect.stringContaining('Show all'), '/state', '/metrics']
  expect(reached).toEqual(expect.arrayContaining(wanted))
  await expect(page.locator('#settings')).toContainText(demo.alb.origin)
})

test('it says when DNS gives no answer, and when it does again', async ({ page, front, demo }) => {
  await open(page, front.adminUrl)
  demo.dns.behave('servfail')
  await expect(headline(page)).toHaveText('DNS gives no answer: the last addresses stay in use.')
  await expect(page.locator('#dns')).toContainText('ESERVFAIL')
  await expect.poll(() => addressesOn(page)).toEqual([...demo.alb.listed].sort())
  demo.dns.behave('answer')
  await expect(page.locator('#dns')).toContainText('DNS answer')
  await expect(page.locator('#events li').first()).toContainText('DNS answers')
})

test('an address that left stays on the page until what is busy there has finished', async ({
  page,
  front,
  demo: { alb, account },
}) => {
  await open(page, front.adminUrl)
  const [old = '', ...others] = alb.listed
  for (const each of others) alb.drain(each)
  await alb.fault(old, 'silent')
  await expect.poll(() => addressesOn(page)).toEqual([old])
  // until the others have left for good, a login may still go there
  await expect(page.locator('#addresses li[data-state=missing]')).toHaveCount(0)
  const login = page.request.post(`${front.url}/user/login`, { data: account })
  await expect(box(page, old).locator('.count')).toHaveText('1 busy, 0 idle')
  await alb.add(2)
  alb.drain(old)
  await expect(box(page, old)).toHaveAttribute('data-state', 'leaving')
  await expect(page.locator('#events')).toContainText(`${old} left DNS: 1 busy finishes`)
  await expect.poll(() => addressesOn(page)).toEqual([...alb.listed].sort())
  alb.kill(old)
  await login
  await expect(box(page, old)).toHaveCount(0)
})

test('it says that logins fail, and why', async ({ page, front, demo }) => {
  await open(page, front.adminUrl)
  const addresses = [...demo.alb.listed]
  // those that left DNS as well: they are the last resort
  for (const each of [...demo.alb.nodes.keys()]) demo.alb.kill(each)
  await page.request.post(`${front.url}/user/login`, { data: demo.account })
  await expect(headline(page)).toContainText(/fails?: no address can be reached\.$/)
  await expect(page.locator('#headline')).toHaveAttribute('data-level', 'bad')
  await expect(page).toHaveTitle(/Failing/)
  for (const each of addresses) await demo.alb.start(each)
})

test('a login during an address change can be followed by its id: page, log and metrics', async ({
  page,
  front,
  demo,
}) => {
  await open(page, front.adminUrl)
  await moveAlb(demo.alb)
  const answer = await page.request.post(`${front.url}/user/login`, {
    data: demo.account,
    headers: { 'X-Request-Id': 'the-login-of-tonight' },
  })
  expect(answer.status()).toBe(200)
  expect(answer.headers()['x-request-id']).toBe('the-login-of-tonight')
  const row = page.locator('#logins li', { hasText: 'the-login-of-tonight' })
  await expect(row).toContainText('new connection · 200')
  const lines = async () =>
    (await readFile(front.log, 'utf8')).split('\n').filter(each => each.includes(`"id":"the-`))
  await expect.poll(async () => (await lines()).length).toBe(1)
  const { address } = z.object({ address: z.string() }).parse(JSON.parse((await lines())[0] ?? ''))
  await expect(row).toContainText(address)
  expect(demo.alb.listed).toContain(address)
  const headers = { Accept: 'application/openmetrics-text' }
  const metrics = await (await fetch(new URL('/metrics', front.adminUrl), { headers })).text()
  expect(metrics).toMatch(
    /_bucket\{.*route="login",status="2xx"\} \d+ # \{request_id="the-login-of-tonight"\}/,
  )
})

test('an open page does not hold up the front’s stop, and says that it is not live', async ({
  page,
  front,
}) => {
  await open(page, front.adminUrl)
  expect(await front.stop()).toBe(0)
  await expect(headline(page)).toHaveText('Not live: Gatehouse does not answer this page.')
  await expect(page.locator('#live')).toContainText('not live since')
})
