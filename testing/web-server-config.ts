import { fileURLToPath } from 'node:url'
import type { BalancerOptions } from './balancer-options.ts'
import type { FrontOptions } from './front.ts'

export type WebServerOptions = Pick<
  FrontOptions,
  'app' | 'development' | 'settings' | 'config' | 'command'
> & {
  /** Where the app is to listen. */
  port: number
  /** The origin of the API; the demo API if left out. */
  target?: BalancerOptions['target']
}

const PROGRAM = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './web-server.ts' : './testing-web-server.mjs', import.meta.url),
)

/**
 * For `webServer` in playwright.config, where tests exist already and need `baseURL` only: the app under Gatehouse before a load
 * balancer, at a port that is known before.
 */
export function webServer(options: WebServerOptions) {
  return {
    command: `${JSON.stringify(process.execPath)} ${JSON.stringify(PROGRAM)}`,
    env: { GATEHOUSE_TESTING_WEB_SERVER: JSON.stringify(options) },
    // another program than Gatehouse has no health check that is known here
    url: `http://localhost:${options.port}${options.command ? '/' : '/healthz'}`,
    reuseExistingServer: false,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 10_000 } as const,
    stdout: 'ignore',
    stderr: 'pipe',
  } as const
}
