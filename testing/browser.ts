import { existsSync } from 'node:fs'
import { chromium, type LaunchOptions } from '@playwright/test'

/** Where systems have a Chromium of their own. */
const SYSTEMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome-stable']

/**
 * For `use.launchOptions`: the browser in CHROMIUM_PATH, else the one that `npx playwright install` has put there, else the
 * system's own.
 */
export function chromiumHere(): LaunchOptions {
  const { CHROMIUM_PATH } = process.env
  if (CHROMIUM_PATH) return { executablePath: CHROMIUM_PATH }
  if (existsSync(chromium.executablePath())) return {}
  const executablePath = SYSTEMS.find(each => existsSync(each))
  return executablePath === undefined ? {} : { executablePath }
}
