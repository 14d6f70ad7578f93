import { once } from 'node:events'
import type { Server } from 'node:http'

/**
 * Listens, and resolves to the port that was taken.
 * @throws the listen error: a taken port, an address that is not this host's
 */
export async function listen(server: Server, port: number, host: string): Promise<number> {
  server.listen(port, host)
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address ? address.port : port
}
