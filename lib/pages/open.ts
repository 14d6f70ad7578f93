import type { IncomingMessage, ServerResponse } from 'node:http'
import inspector from 'node:inspector'
import type { Duplex } from 'node:stream'
import type { Log } from '../log.ts'
import type { WorkerState } from '../observe/lifecycle.ts'
import type { RequestRecord } from '../observe/outcome.ts'
import type { Asking } from '../proxy/handshake.ts'
import type { Config } from '../settings/settings.ts'
import { assertBuilt, readBuild } from './build.ts'
import { selfOf } from './self.ts'
import { openStaticFiles } from './static/static.ts'
import { PACE } from './workers/pace.ts'

/** Whatever serves the pages. */
export type Pages = {
  handle(req: IncomingMessage, res: ServerResponse, record: RequestRecord): void
  /**
   * Takes the handshake of a WebSocket that is no API's: Next passes on what a rewrite to another server takes, and answers the plain
   * request that each other one also is. Resolves when the tunnel stands, or the answer has begun.
   * @throws GatewayError where no answer can be passed on
   */
  upgrade?(req: IncomingMessage, asking: Asking, record: RequestRecord): Promise<void>
  /** Next's own WebSocket; absent but in development */
  hotReloader?(req: IncomingMessage, socket: Duplex, head: Buffer): void
  /** replaces every worker gracefully, one after the other; absent where there are none */
  reload?(): void
  /** for the status page; absent where there are no workers */
  state?(): readonly WorkerState[]
  /**
   * Call when no page is asked for any more.
   * @param ms what `after()` and the pages' own SIGTERM handlers have
   */
  close(ms: number): Promise<void>
}

const NO_HANDLER =
  'each page worker has a cache of its own: after a revalidation the others go on with the old page. Set PAGE_WORKERS=1, or a cacheHandler in next.config (docs/caches.md)'

/**
 * Opens the pages, and resolves when they can be served. Both ways are loaded only where they are taken: a front with
 * workers has no use for Next in its own memory.
 * @param config PORT is the front's own, not 0
 * @throws where there is no build, or what runs it does not start
 */
export async function openPages(dev: boolean, config: Config, log: Log): Promise<Pages> {
  const inProcess = async () => (await import('./in-process.ts')).openPagesInProcess(dev, config)
  if (dev) return inProcess()
  const build = readBuild('.')
  if (config.PAGE_WORKERS > 1 && !build.hasCacheHandler)
    log.warn({ workers: config.PAGE_WORKERS }, NO_HANDLER)
  const openWorkers = async () => {
    assertBuilt('.', build)
    // it is meant for the pages, and they could not have the port while the front does
    if (process.env.NODE_OPTIONS?.includes('--inspect')) inspector.close()
    const { openPageWorkers } = await import('./workers/dispatch.ts')
    const options = {
      script: build.script,
      count: config.PAGE_WORKERS,
      memory: config.PAGE_MEMORY,
      maxHeader: config.MAX_HEADER,
      self: selfOf(config.HOST, config.PORT),
      log,
    }
    return openPageWorkers(options, { ...PACE, silence: config.PAGE_TIMEOUT, term: config.STOP_TIMEOUT })
  }
  const [answerStatic, pages] = await Promise.all([
    openStaticFiles('.', build),
    config.PAGE_WORKERS === 0 ? inProcess() : openWorkers(),
  ])
  return {
    ...pages,
    handle(req, res, record) {
      if (!answerStatic(req, res, record)) pages.handle(req, res, record)
    },
    async upgrade(req, asking, record) {
      if (!answerStatic(req, asking.res, record)) await pages.upgrade?.(req, asking, record)
    },
  }
}
