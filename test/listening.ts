import type net from 'node:net'
import { listen } from '../lib/front/listen.ts'

/** Listens on a free port of loopback until the test ends, which closes its connections. */
export async function listening(
  t: { after(end: () => void): void },
  server: net.Server,
  host = '127.0.0.1',
): Promise<number> {
  const sockets = new Set<net.Socket>()
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket.on('error', () => {}))
  })
  t.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return listen(server, 0, host)
}
