import { existsSync } from 'node:fs'
import inspector from 'node:inspector'
import type { Log } from '../log.ts'
import type { Config } from '../settings/settings.ts'
import { assertBuilt, readBuild } from './build.ts'
import type { Pages } from './pages.ts'
import { selfOf } from './self.ts'
import { openStaticFiles } from './static/static.ts'
import { isInspected, workerTimeouts } from './workers/worker-timeouts.ts'

const NO_HANDLER =
  'each page worker has a cache of its own: after a revalidation the others go on with the old page. Set PAGE_WORKERS=1, or a cacheHandler in next.config (docs/caches.md)'

/** In an image there is what the build has made, and no more. */
const noApp = (setting: string) =>
  `${setting} needs the app's folder with its node_modules, and there is no package.json here: unset it, and what \`gatehouse build\` has made is served`

/**
 * Opens the pages, and resolves when they can be served. Both ways are loaded only where they are taken: a front with
 * workers has no use for Next in its own memory.
 * @param config PORT is the front's own, not 0
 * @throws where there is no build, or what runs it does not start
 */
export async function openPages(dev: boolean, config: Config, log: Log): Promise<Pages> {
  async function inProcess() {
    if (!existsSync('package.json')) throw new Error(noApp(dev ? 'NODE_ENV=development' : 'PAGE_WORKERS=0'))
    return (await import('./in-process.ts')).openPagesInProcess(dev, config)
  }
  if (dev) return inProcess()
  const build = readBuild('.')
  if (config.PAGE_WORKERS > 1 && !build.hasCacheHandler)
    log.warn({ workers: config.PAGE_WORKERS }, NO_HANDLER)
  const openWorkers = async () => {
    assertBuilt('.', build)
    // it is meant for the pages, and they could not have the port while the front does
    if (isInspected(process.env.NODE_OPTIONS)) inspector.close()
    const { openPageWorkers } = await import('./workers/dispatch.ts')
    const options = {
      script: build.script,
      count: config.PAGE_WORKERS,
      memory: config.PAGE_MEMORY,
      maxHeader: config.MAX_HEADER,
      self: selfOf(config.HOST, config.PORT),
      log,
    }
    return openPageWorkers(options, workerTimeouts(config, process.env.NODE_OPTIONS))
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
