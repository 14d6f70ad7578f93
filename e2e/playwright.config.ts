import { defineConfig } from '@playwright/test'
import { chromiumHere } from '../testing/browser.ts'

const { E2E_REPORT } = process.env
process.env.NEXT_TELEMETRY_DISABLED = '1'

export default defineConfig({
  outputDir: '../test-results',
  workers: 2,
  retries: 0,
  forbidOnly: true,
  reporter: [['list'], ...(E2E_REPORT ? [['json', { outputFile: E2E_REPORT }] as const] : [])],
  projects: [
    {
      // a dev server compiles a page on its first visit, on a busy machine for a minute; begun first, it ends last
      name: 'development',
      testMatch: 'dev.spec.ts',
      timeout: 300_000,
      expect: { timeout: 100_000 },
    },
    { name: 'production', testIgnore: 'dev.spec.ts', timeout: 60_000, expect: { timeout: 20_000 } },
  ],
  use: {
    locale: 'en-US',
    // pictures of every step cost more processor time than two cores have to give
    trace: { mode: 'retain-on-failure', screenshots: false },
    launchOptions: {
      ...chromiumHere(),
      args: [
        // nothing but this machine is dialled, whatever a browser likes to ask for
        '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--disable-quic',
        '--disable-gpu',
        '--no-first-run',
      ],
    },
  },
})
