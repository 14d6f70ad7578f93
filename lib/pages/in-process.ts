import http from 'node:http'
import { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type * as Next from 'next'
import type { Config } from '../settings/settings.ts'
import { nextOf } from './next.ts'
import type { Pages } from './open.ts'
import { originOf, selfOf } from './self.ts'
import { drainBody } from './unread-body.ts'

/**
 * Next.js in this process: with hot reloading in development, on the production build otherwise.
 * @param PORT the front's own, not 0
 */
export async function openPagesInProcess(dev: boolean, { HOST, PORT }: Config): Promise<Pages> {
  const { default: next }: typeof Next = await import(pathToFileURL(nextOf(process.cwd(), 'next')).href)
  // as Next's own server does: pages read the first, and a server action that redirects or is forwarded asks the second
  process.env.PORT = String(PORT)
  process.env.__NEXT_PRIVATE_ORIGIN = originOf(HOST, PORT)
  // Next attaches its upgrade listener to this server, which never listens: only what the front hands over gets there
  const upgrades = http.createServer()
  // as `gatehouse dev --webpack` says (command/dev.ts)
  const webpack = dev && process.env.GATEHOUSE_BUNDLER === 'webpack'
  const app = next({ dev, ...(webpack && { webpack }), ...selfOf(HOST, PORT), httpServer: upgrades })
  await app.prepare()
  const handle = app.getRequestHandler()
  if (dev) attachUpgrades(handle)
  return {
    handle(req, res, record) {
      if (dev) record.isPrinted = true
      res.once('close', () => drainBody(req))
      void handle(req, res)
    },
    ...(dev && { upgrade: (req, socket, head) => void upgrades.emit('upgrade', req, socket, head) }),
    close: ms => Promise.race([app.close(), sleep(ms, undefined, { ref: false })]),
  }
}

/**
 * Next attaches its upgrade listener when its first request comes. After a restart the first to come is the hot reloader
 * of a page that is open, an upgrade: without a listener its browser would wait for ever, on the code of before.
 */
function attachUpgrades(handle: ReturnType<ReturnType<typeof Next.default>['getRequestHandler']>) {
  const nobody = new http.IncomingMessage(new Socket())
  Object.assign(nobody, { method: 'GET', url: '/_next/static/' })
  void handle(nobody, new http.ServerResponse(nobody))
}
