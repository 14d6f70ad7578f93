import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import next from 'next'

/** Whatever serves the pages. */
export type Pages = {
  handle(req: IncomingMessage, res: ServerResponse): void
  /** absent where pages take no upgrades; development uses one for hot reloading */
  upgrade?(req: IncomingMessage, socket: Duplex, head: Buffer): void
  close(): Promise<void>
}

/** Next.js in this process: with hot reloading in development, on the production build otherwise. */
export async function openPagesInProcess(dev: boolean, hostname: string, port: number): Promise<Pages> {
  // Next attaches its upgrade listener to this server, which never listens: only what the front hands over gets there
  const upgrades = http.createServer()
  const app = next({ dev, hostname, port, httpServer: upgrades })
  await app.prepare()
  const handle = app.getRequestHandler()
  return {
    handle: (req, res) => void handle(req, res),
    ...(dev && { upgrade: (req, socket, head) => void upgrades.emit('upgrade', req, socket, head) }),
    close: () => app.close(),
  }
}
