import { once } from 'node:events'
import net from 'node:net'

/**
 * Listens, and resolves to the port that was taken.
 * @param held what holds the port by now, in place of a new listener
 * @throws the listen error: a taken port, an address that is not this host's
 */
export async function listen(server: net.Server, port: number, host: string, held?: net.Server) {
  if (held) server.listen(held)
  else server.listen(port, host)
  await once(server, 'listening')
  return portOf(server) ?? port
}

/**
 * Takes any free port for a server that is yet to come: with PORT=0, pages must know the front's port before it listens.
 * Whoever connects meanwhile is closed at once; the port is not announced yet.
 */
export async function holdPort(host: string): Promise<{ readonly port: number; readonly held: net.Server }> {
  const held = net.createServer(socket => socket.destroy())
  held.listen(0, host)
  await once(held, 'listening')
  return { port: portOf(held) ?? 0, held }
}

function portOf(server: net.Server): number | undefined {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : undefined
}
