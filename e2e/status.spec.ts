import type { Page } from '@playwright/test'
import { z } from 'zod'
import { startLoad } from '../demo/load.ts'
import { expect, moveAlb, test } from './fixtures.ts'

const { STATUS_PICTURES } = process.env

const State = z.object({ backend: z.object({ listed: z.array(z.string()) }) })
const stateOf = async (adminUrl: string) =>
  State.parse(await (await fetch(new URL('/state', adminUrl))).json()).backend

const looks = [
  { name: 'light-desktop', colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  { name: 'dark-desktop', colorScheme: 'dark', viewport: { width: 1280, height: 900 } },
  { name: 'dark-phone', colorScheme: 'dark', viewport: { width: 360, height: 740 } },
  { name: 'light-phone', colorScheme: 'light', viewport: { width: 360, height: 740 } },
] as const

for (const { name, colorScheme, viewport } of looks) {
  test.describe(`${name}:`, () => {
    test.use({ colorScheme, viewport })

    test('an address change is shown within a second, as the book has it, and nothing is red', async ({
      page,
      demo,
      front,
      problems,
    }) => {
      const load = startLoad(front.url, demo.account, 10)
      try {
        await page.goto(front.adminUrl)
        await expect(page.locator('#live')).toHaveText('live')
        const before = await addressesOn(page)
        expect(before.toSorted()).toEqual([...demo.alb.listed].sort())

        const fresh = await demo.alb.add(1)
        await expect
          .poll(async () => (await stateOf(front.adminUrl)).listed.toSorted(), { intervals: [20] })
          .toEqual([...demo.alb.listed].sort())
        const inTheBookAt = performance.now()
        for (const each of fresh) await expect(box(page, each)).toContainText('in use')
        expect(performance.now() - inTheBookAt).toBeLessThan(1000)
        await expect(page.locator('#events li').first()).toContainText(`${fresh} is new in DNS`)

        await moveAlb(demo.alb)
        await expect
          .poll(async () => (await addressesOn(page)).toSorted())
          .toEqual([...demo.alb.listed].sort())
        await expect(page.locator('#headline-text')).toContainText('Logins are fine')
        await expect(page.locator('#events')).toContainText('left DNS')
        const overhang = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        )
        expect(overhang, 'CSS pixels to the side of the screen').toBe(0)
        expect(problems).toEqual([])
        if (STATUS_PICTURES) await takePicture(page, `${STATUS_PICTURES}/status-${name}.png`)
      } finally {
        await load.stop()
      }
    })
  })
}

const box = (page: Page, address: string) => page.locator('#addresses li', { hasText: address })

/** The addresses whose boxes say that they are in use. */
const addressesOn = (page: Page) => page.locator('#addresses li[data-state=used] strong').allTextContents()

async function takePicture(page: Page, path: string) {
  // a few buckets of the time line
  await page.waitForTimeout(20_000)
  await page.screenshot({ path, fullPage: true })
}
