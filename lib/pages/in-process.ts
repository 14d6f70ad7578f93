import { once } from 'node:events'
import http from 'node:http'
import { Socket } from 'node:net'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { getHeapStatistics } from 'node:v8'
import type * as Next from 'next'
import { type Config, HAVE_SECRETS } from '../settings/settings.ts'
import { nextOf } from './next.ts'
import { offerUpgrades } from './offer-upgrades.ts'
import type { Pages } from './pages.ts'
import { passHandshake } from './pass-handshake.ts'
import { registered } from './registered.ts'
import { ADDED } from './request-headers.ts'
import { nameInUrl, selfOf } from './self.ts'
import { drainBody } from './unread-body.ts'

/**
 * Next.js in this process: with hot reloading in development, on the production build otherwise.
 * @param PORT the front's own, not 0
 */
export async function openPagesInProcess(dev: boolean, { HOST, PORT, MAX_HEADER }: Config): Promise<Pages> {
  const { default: next }: typeof Next = await import(pathToFileURL(nextOf(process.cwd(), 'next')).href)
  const self = selfOf(HOST, PORT)
  // as with page workers, so that an app whose own variable has such a name meets it in development
  for (const name of HAVE_SECRETS) delete process.env[name]
  // as Next's own server does: pages read it
  process.env.PORT = String(PORT)
  process.env.NEXT_RUNTIME = 'nodejs'
  // Next attaches its upgrade listener to this server, which never listens: only what the front hands over gets there
  const hotReloads = http.createServer()
  // as `gatehouse dev --webpack` says (command/dev.ts). Told nothing, Next sets TURBOPACK; `next start` does not, and what webpack has built
  // would get contexts of another runtime: next/error without its title
  const webpack = !dev || process.env.GATEHOUSE_BUNDLER === 'webpack'
  const app = next({ dev, webpack, ...self, httpServer: hotReloads })
  await app.prepare()
  if (!dev) await registered(resolve('package.json'))
  const handle = app.getRequestHandler()
  if (dev) attachUpgrades(handle)
  let own = ''
  const inner = http.createServer({ maxHeaderSize: MAX_HEADER + ADDED }, (req, res) => {
    if (req.headers.host === own) req.headers.host = nameInUrl(self)
    void handle(req, res)
  })
  // Next's own server has it, and no type says so
  const take: unknown = Reflect.get(app, 'upgradeHandler')
  if (typeof take === 'function') offerUpgrades(inner, (...upgrade) => take(...upgrade))
  const port = await listening(inner)
  own = `127.0.0.1:${port}`
  // what a server action asks that redirects or is forwarded: past the front, which would take X-Forwarded-Host for a stranger's
  process.env.__NEXT_PRIVATE_ORIGIN = `http://${own}`
  return {
    handle(req, res, record) {
      if (dev) record.isPrinted = true
      keepStatus(res)
      // only here: where one is set, Node's writeHead takes each header of a page worker's answer three times in place of once
      res.setHeader('X-Request-Id', String(req.headers['x-request-id']))
      const { socket } = req
      res.once('close', () => drainBody(req, socket))
      // a rewrite to another server passes that one's `Connection` on, over what the front says of its own
      if (!res.shouldKeepAlive) res.once('finish', () => socket.destroySoon())
      // the front's own are none that Node is to warn of: an app with cacheComponents comes close to ten
      res.setMaxListeners(res.getMaxListeners() + res.listenerCount('close'))
      void handle(req, res).finally(dev ? tellWhereFull : undefined)
    },
    upgrade: (req, asking, record) => passHandshake(port, req, asking, MAX_HEADER, record),
    ...(dev && { hotReloader: (req, socket, head) => void hotReloads.emit('upgrade', req, socket, head) }),
    async close(ms) {
      inner.close()
      inner.closeAllConnections()
      await Promise.race([app.close(), sleep(ms, undefined, { ref: false })])
    },
  }
}

/** As Next's own server looks at it in development, where what is compiled stays: the process would end in the middle of a request. */
function tellWhereFull() {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics()
  if (used > 0.8 * limit) process.send?.({ heap: 'full' })
}

/** As it was sent: where proxy.ts throws, Next sets another one behind its answer, which the log would have. */
function keepStatus(res: http.ServerResponse) {
  let { statusCode } = res
  Object.defineProperty(res, 'statusCode', {
    configurable: true,
    enumerable: true,
    get: () => statusCode,
    set(status: number) {
      if (!res.headersSent) statusCode = status
    },
  })
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

/** Where a server listens from now on: on loopback, as a page worker does. */
async function listening(server: http.Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const bound = server.address()
  return typeof bound === 'object' && bound ? bound.port : 0
}
