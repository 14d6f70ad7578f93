import { Server } from 'node:http'
import type { NextApiRequest, NextApiResponse } from 'next'
import { WebSocketServer } from 'ws'

const sockets = new WebSocketServer({ noServer: true })
sockets.on('connection', client => client.on('message', data => client.send(data)))
let listens = false

/** Listens for WebSockets at Next's own server, as Socket.IO is set up in an API route. */
export default function socket(_req: NextApiRequest, res: NextApiResponse) {
  const server = res.socket && 'server' in res.socket ? res.socket.server : undefined
  if (server instanceof Server && !listens) {
    listens = true
    server.on('upgrade', (req, connection, head) => {
      if (req.url === '/own-socket')
        sockets.handleUpgrade(req, connection, head, client => sockets.emit('connection', client))
    })
  }
  res.json({ listens })
}
