import { Writable } from 'node:stream'
import { pino } from 'pino'
import { openFront } from '../../lib/front/open.ts'
import type { Pages } from '../../lib/pages/pages.ts'
import { loadConfigFile } from '../../lib/settings/config-file.ts'
import { readConfig } from '../../lib/settings/settings.ts'
import { LISTENERS } from '../../testing/front-process.ts'

/**
 * A front with an environment, and with the gatehouse.config.ts of a folder where there is one: loaded as `npm start` does.
 * @param handle the pages
 */
export async function startFront(
  folder: string,
  env: Readonly<Record<string, string>>,
  handle: Pages['handle'],
): Promise<{ port: number; close(): Promise<void> }> {
  const file = await loadConfigFile(folder)
  const config = readConfig({ ...env, ...LISTENERS, LOG_LEVEL: 'silent' }, file)
  const log = pino({ level: 'silent' }, new Writable({ write: (_line, _encoding, done) => done() }))
  const front = await openFront({
    config,
    log,
    openPages: async () => ({ handle, close: async () => {} }),
    firstAnswerMs: 2000,
  })
  return {
    port: front.ports.port,
    async close() {
      front.listener.server.close()
      front.listener.cutOff()
      await front.close(0)
      front.admin.server.closeAllConnections()
    },
  }
}
