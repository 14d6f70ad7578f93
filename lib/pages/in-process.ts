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
import { keepToLength } from './workers/announced-length.ts'

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
  // the bundler of `gatehouse dev --webpack` (command/dev.ts). Without a value Next sets TURBOPACK, which `next start` does not: a build by webpack
  // would get the contexts of another runtime (next/error without its title)
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
  // a server action that redirects or is forwarded makes a request to its own server. It must not go through the front, which does not trust its
  // X-Forwarded-Host
  process.env.__NEXT_PRIVATE_ORIGIN = `http://${own}`
  return {
    handle(req, res, record) {
      if (dev) record.isPrinted = true
      keepStatus(res)
      // a load balancer's connection serves several visitors
      keepToLength(res)
      // only here: where one is set, Node's writeHead takes each header of a page worker's answer three times in place of once
      res.setHeader('X-Request-Id', String(req.headers['x-request-id']))
      const { socket } = req
      res.once('close', () => drainBody(req, socket))
      // a rewrite to another server passes that one's `Connection` on, over what the front says of its own
      if (!res.shouldKeepAlive) res.once('finish', () => socket.destroySoon())
      // leaves room for the front's own listeners: an app with cacheComponents comes close to Node's warning at ten
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

/**
 * Asks for a restart when the heap is nearly full, as Next's own server does: in development compiled code stays in memory, and the process would end in
 * the middle of a request.
 */
function tellWhereFull() {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics()
  if (used > 0.8 * limit) process.send?.({ heap: 'full' })
}

/** Keeps the status that was sent. Where proxy.ts throws, Next sets another one after its answer, and the log would have that. */
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
 * Makes Next attach its upgrade listener, which it does with the first request. After a restart the first request is often the upgrade of an open page's
 * hot reloader: without the listener that browser would wait for ever, with old code.
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
