import { once } from 'node:events'
import net from 'node:net'
import { constants } from 'node:os'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { isatty } from 'node:tty'
import closeWithGrace from 'close-with-grace'
import { describeError } from '../http/errors.ts'
import type { Log } from '../log.ts'
import type { Config } from '../settings/settings.ts'
import type { Listener } from './listener.ts'
import type { Front } from './open.ts'

type Parts = {
  readonly config: Pick<Config, 'STOP_DELAY' | 'STOP_TIMEOUT'>
  /** whether pages run in this process: what they leave uncaught is logged, as Next does, and ends nothing */
  readonly pagesHere?: boolean
  readonly log: Log
  /** its listener is closed first, then the rest, egress as well: a page that works on behind its answer may ask the API yet */
  readonly front: Pick<Front, 'lifecycle' | 'listener' | 'reload' | 'close'>
}

/** Past STOP_DELAY and STOP_TIMEOUT, what is left to close has this long, in ms. */
const LAST_MS = 2000
/** What page workers have where the requests took all of STOP_TIMEOUT. */
const LEAST_FOR_PAGES_MS = 1000
const SWEEP_MS = 100

const SIGNALS = ['SIGTERM', 'SIGINT'] as const
const endAtOnce = (signal: NodeJS.Signals) => process.exit(128 + constants.signals[signal])

/**
 * Call before the front is opened: until `stopGracefully` these signals end the process, as they do by themselves. But the kernel
 * drops a signal to process 1, a container's command, that nobody handles there (pid_namespaces(7)): ECS would wait for stopTimeout.
 */
export function endAtSignals(): void {
  if (process.pid === 1) for (const signal of SIGNALS) process.on(signal, endAtOnce)
}

/**
 * Stops gracefully. On SIGTERM `/readyz` says 503 and responses say `Connection: close`. For STOP_DELAY everything is served, until the public ALB sends
 * no more requests. Then new connections are refused, and requests in flight have STOP_TIMEOUT; what is left of that is for the pages' `after()` and
 * SIGTERM handlers.
 * SIGINT (Ctrl-C) skips the delay; so does SIGHUP where the terminal was closed. An uncaught exception begins the same shutdown and exits with 1. A
 * second signal ends the process at once.
 */
export function stopGracefully({ config, log, front, pagesHere = false }: Parts): void {
  const { lifecycle, listener, reload } = front
  for (const signal of SIGNALS) process.off(signal, endAtOnce)
  const hasTerminal = isatty(0)
  let isClosed = false
  const hangUp = () => {
    if (!hasTerminal || isatty(0)) return reload?.()
    // the shell sends one more, and a second SIGINT would end at once
    if (!isClosed) process.kill(process.pid, 'SIGINT')
    isClosed = true
  }
  // without it SIGHUP stops, too
  if (reload) process.on('SIGHUP', hangUp)
  const delay = config.STOP_DELAY + config.STOP_TIMEOUT + LAST_MS
  const ofPages = pagesHere ? (['uncaughtException', 'unhandledRejection'] as const) : []
  for (const event of ofPages)
    process.on(event, (error: unknown) =>
      log.error(
        { cause: describeError(error), ...(error instanceof Error && { stack: error.stack }) },
        `${event} of a page`,
      ),
    )
  const skip = [...(reload ? (['SIGHUP'] as const) : []), ...ofPages]
  closeWithGrace({ delay, logger: false, skip }, async ({ signal, err }) => {
    if (err) log.fatal({ cause: describeError(err), stack: err.stack }, 'uncaught exception: stopping')
    else log.info({ signal }, 'stopping')
    lifecycle.phase = 'stopping'
    if (signal !== 'SIGINT') await sleep(config.STOP_DELAY)
    log.info('no new connections')
    const until = performance.now() + config.STOP_TIMEOUT
    await Promise.race([closed(listener), sleep(config.STOP_TIMEOUT)])
    await closeAndAwaitEvents(listener.closeAllConnections)
    await front.close(Math.max(until - performance.now(), LEAST_FOR_PAGES_MS))
    log.info('stopped')
  })
}

/** Calls what closes connections with requests under way, and resolves when these have emitted `close`, at the end of this turn. */
export async function closeAndAwaitEvents(close: () => void): Promise<void> {
  close()
  for (let turns = 0; turns < 2; turns++) await turn()
}

/** Takes no new connections, and resolves when the last has ended. One whose last answer was still under way turns idle later, and would stay for its keep-alive time. */
export async function closed({ server, connections }: Omit<Listener, 'closeAllConnections'>): Promise<void> {
  const { closeIdle } = connections
  // http.Server's own goes by its closeIdleConnections, which cuts off the tail of an answer
  net.Server.prototype.close.call(server)
  closeIdle()
  const sweep = setInterval(closeIdle, SWEEP_MS)
  await once(server, 'close')
  clearInterval(sweep)
}
