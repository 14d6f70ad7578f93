import http from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { listen } from '../../lib/front/listen.ts'
import { acceptOf, switched } from '../../testing/sockets.ts'

export type Elsewhere = Awaited<ReturnType<typeof startElsewhere>>

/**
 * Another server, to which rewrites lead: any page, and WebSockets that send back what they get. Below `/refuses` it refuses the handshake,
 * below `/odd` it accepts another one.
 */
export async function startElsewhere() {
  const sockets = new WebSocketServer({ noServer: true })
  /** those that came, by path, with their Origin */
  const upgrades: string[] = []
  const open = new Set<Duplex>()
  const server = http.createServer((_req, res) => res.end('from elsewhere'))
  server.on('upgrade', (req, socket, head) => {
    const { url = '', headers } = req
    open.add(socket.on('error', () => socket.destroy()).once('close', () => open.delete(socket)))
    upgrades.push(`${url} ${headers.origin}`)
    if (url.startsWith('/refuses'))
      return void socket.end('HTTP/1.1 401 Unauthorized\r\nX-Why: no\r\nContent-Length: 6\r\n\r\nno one')
    if (url.startsWith('/odd')) return void socket.resume().write(switched(acceptOf('another key')))
    sockets.handleUpgrade(req, socket, head, client =>
      client.on('message', (data, isBinary) => client.send(data, { binary: isBinary })),
    )
  })
  const port = await listen(server, 0, '127.0.0.1')
  return {
    origin: `http://127.0.0.1:${port}`,
    upgrades,
    /** WebSockets that are open */
    clients: sockets.clients,
    close() {
      for (const each of open) each.destroy()
      server.close()
      server.closeAllConnections()
    },
  }
}
