import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import type { Duplex } from 'node:stream'

/** What is seen of one node of the ALB; the counts go on through faults, stops and new starts. */
export type Node = {
  address: string
  /** TCP connections that are open now. */
  connections: number
  /** TCP connections accepted in all. */
  accepted: number
  /** Requests whose header has arrived. */
  requests: number
}

/** Whatever stands at the address of a node now: a server, or a fault. */
export type NodeListener = {
  port: number
  /** Listener gone, idle connections closed, resolves when what is in flight has been answered. */
  stop(): Promise<void>
  /** Listener gone and every connection reset before this returns; resolves when the port is free. */
  kill(): Promise<void>
  /** Listener gone; open connections stay and are silent from now on. */
  freeze(): void
  closeIdle(): void
  keepAlive(timeout: number): void
}

/** Called for a request that asks to switch protocols; without one it is a request like any other. */
export type UpgradeListener = (request: http.IncomingMessage, socket: Duplex) => void

export type Certificate = { key: string; cert: string }

/**
 * Serves HTTP, or HTTPS with a certificate, at the node's address the way an ALB does: TLS 1.2 and 1.3, as Node has it, an
 * idle timeout that responses do not announce. Throws what `listen` throws, EADDRINUSE for one.
 */
export async function serve(
  node: Node,
  options: {
    port: number
    handler: http.RequestListener
    upgrade?: UpgradeListener | undefined
    certificate: Certificate | undefined
    keepAliveTimeout: number
  },
): Promise<NodeListener> {
  const inFlight = new Set<http.ServerResponse>()
  let stopping = false
  let frozen = false
  const { certificate } = options
  // Without the buffer Node closes a second later than keepAliveTimeout says.
  const timeouts = {
    keepAliveTimeout: options.keepAliveTimeout,
    keepAliveTimeoutBuffer: 0,
    // as AWS says of an ALB: 64 KB of headers
    maxHeaderSize: 128 * 1024,
  }
  const server = certificate
    ? https.createServer({ ...timeouts, ...certificate }, onRequest)
    : http.createServer(timeouts, onRequest)
  const { upgrade } = options
  if (upgrade)
    server.on('upgrade', (request: http.IncomingMessage, socket: Duplex) => {
      node.requests++
      upgrade(request, socket)
    })
  const listener = await listen(server, node, options.port)

  function onRequest(request: http.IncomingMessage, response: http.ServerResponse) {
    if (frozen) return
    // the front's question about 100, which Node has answered: no handler serves its path (lib/backend/probe.ts)
    if (request.url?.includes('-gatehouse-probe-')) return void response.writeHead(404).end()
    node.requests++
    inFlight.add(response)
    response.on('close', () => {
      inFlight.delete(response)
      if (stopping) closeIdle()
    })
    // Said outright, or Node adds `Keep-Alive: timeout=…`, which an ALB does not, and which hides from a client's
    // pool the race between its next request and the close.
    if (response.shouldKeepAlive) response.setHeader('Connection', stopping ? 'close' : 'keep-alive')
    options.handler(request, response)
  }

  // Node's own closeIdleConnections leaves out those that have not had a request yet.
  function closeIdle() {
    const busy = new Set([...inFlight].map(response => peer(response.req.socket)))
    for (const socket of listener.sockets) if (!busy.has(peer(socket))) socket.destroy()
  }

  return {
    port: listener.port,
    closeIdle,
    kill: listener.kill,
    freeze() {
      frozen = true
      listener.freeze()
    },
    keepAlive(timeout) {
      server.keepAliveTimeout = timeout
    },
    async stop() {
      stopping = true
      const closed = once(server, 'close')
      server.close()
      for (const response of inFlight) if (!response.headersSent) response.setHeader('Connection', 'close')
      closeIdle()
      await closed
    },
  }
}

/** Listens for a node and counts its connections; `sockets` are the TCP ones, below TLS. */
export async function listen(server: net.Server, node: Node, port: number) {
  const sockets = new Set<net.Socket>()
  /** TLS on top of them, by the client's port */
  const secured = new Map<number | undefined, net.Socket>()
  server.on('secureConnection', (socket: net.Socket) => secured.set(socket.remotePort, socket))
  server.on('connection', socket => {
    const { remotePort } = socket
    node.accepted++
    node.connections++
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      node.connections--
      sockets.delete(socket)
      secured.delete(remotePort)
    })
  })
  await once(server.listen(port, node.address), 'listening')
  const bound = server.address()
  return {
    port: typeof bound === 'object' && bound ? bound.port : port,
    sockets,
    freeze() {
      // not the server's own, which closes idle connections as well
      net.Server.prototype.close.call(server)
      for (const socket of sockets) {
        const outer = secured.get(socket.remotePort) ?? socket
        // held back in this process: neither an answer nor `100 Continue` leaves, nor the end of an idle connection
        outer.cork()
        // the end of a response uncorks its socket whatever the count is (Node's OutgoingMessage.end)
        outer.uncork = () => {}
        outer.setTimeout(0)
      }
    },
    async kill() {
      const closed = server.listening || sockets.size > 0 ? once(server, 'close') : undefined
      server.close()
      // one that is ending already cannot be reset: Node 26 would never exit (EINVAL, then a spin at exit)
      for (const socket of sockets)
        if ((secured.get(socket.remotePort) ?? socket).writableEnded) socket.destroy()
        else socket.resetAndDestroy()
      await closed
    },
  }
}

function peer(socket: net.Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`
}
