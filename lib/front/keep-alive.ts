import type { Log } from '../log.ts'
import type { Config } from '../settings/settings.ts'

/** An ALB's own idle timeout, in ms. */
const ALB_IDLE_MS = 60_000

type Times = Pick<Config, 'KEEP_ALIVE_TIMEOUT' | 'BACKEND_TIMEOUT'> & {
  readonly routes: readonly Pick<Config['routes'][number], 'timeout'>[]
}

/**
 * Whoever lets an API be silent for longer has raised the idle timeout of the ALB before the front above that, or the ALB would
 * answer first; then the front must not close an idle connection before the ALB does.
 */
export function warnOfKeepAlive({ KEEP_ALIVE_TIMEOUT: ms, BACKEND_TIMEOUT, routes }: Times, log: Log): void {
  const least = Math.max(ALB_IDLE_MS, BACKEND_TIMEOUT, ...routes.map(({ timeout }) => timeout))
  if (ms <= least)
    log.warn(
      { keepAliveSeconds: ms / 1000, leastSeconds: least / 1000 },
      'KEEP_ALIVE_TIMEOUT is too short: an ALB sends requests over connections that Gatehouse is closing, and answers them with 502. Set it above the idle timeout of the ALB',
    )
}
