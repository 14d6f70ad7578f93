import { type Logger, pino } from 'pino'
import { type BackendUrls, type Front, openFront } from '../lib/front/open.ts'
import type { Pages } from '../lib/pages/pages.ts'
import type { Config } from '../lib/settings/settings.ts'

type Options = {
  readonly config: Config
  /** none is written by default */
  readonly log?: Logger
  readonly pages: Pick<Pages, 'handle' | 'state'>
  /** `false`: DNS is not waited for */
  readonly resolved?: boolean
}

/** A front within this process, and where its pages find the APIs; `stop` waits for no client. */
export async function startFront({
  config,
  log = pino({ level: 'silent' }),
  pages,
  resolved = true,
}: Options) {
  let urls: BackendUrls = {}
  const front: Front = await openFront({
    config,
    log,
    openPages: async each => {
      urls = each
      return { ...pages, close: async () => {} }
    },
    ...(!resolved && { firstAnswerMs: 0 }),
  })
  const { listener, admin } = front
  async function stop() {
    listener.server.close()
    listener.closeAllConnections()
    await front.close(0)
    admin.server.closeAllConnections()
  }
  return { ...front, urls, stop }
}
