import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import { listen } from '../../lib/front/listen.ts'
import { authority } from '../backend.ts'

type Close = () => void

/**
 * TLS before servers on loopback, as a load balancer of TCP has it, and a wire of some length before that: each direction takes
 * half of `roundTripMs`, and a new connection carries nothing for one, as TCP takes to set it up. A close takes the same way.
 * @param name for the certificate
 * @param hosts where the servers are, and where the relay listens
 * @param to their port
 */
export async function openRelay(...how: Parameters<typeof openOnce>) {
  for (let tries = 1; ; tries++) {
    try {
      return await openOnce(...how)
    } catch (error) {
      // the first host's port may be taken at the second
      if (tries === 10) throw error
    }
  }
}

async function openOnce(name: string, hosts: readonly string[], to: number, roundTripMs: number) {
  const certificate = await authority.issue([name])
  const closes: Close[] = []
  let count = 0
  let port = 0
  const close = () => {
    for (const each of closes) each()
  }
  for (const host of hosts) {
    const terminator = tls.createServer({ ...certificate, allowHalfOpen: true, noDelay: true }, client => {
      const backend = net.connect({ host, port: to, allowHalfOpen: true, noDelay: true })
      for (const [one, other] of [
        [client, backend],
        [backend, client],
      ] as const)
        one
          .on('error', () => {})
          // what was written before has to arrive: a 100 that a close overtakes would be a lie
          .once('close', () => other.destroySoon())
          .pipe(other)
    })
    const inner = await listenFor(terminator, host, 0, closes)
    const wire = net.createServer({ allowHalfOpen: true, noDelay: true }, client => {
      count++
      const readyAt = performance.now() + roundTripMs
      const backend = net.connect({ host, port: inner, allowHalfOpen: true, noDelay: true })
      for (const each of [client, backend]) each.on('error', () => {})
      pass(client, backend, readyAt, roundTripMs / 2)
      pass(backend, client, readyAt, roundTripMs / 2)
    })
    port = await listenFor(wire, host, port, closes).catch(error => {
      close()
      throw error
    })
  }
  return {
    port,
    /** so far, the probes' included */
    connections: () => count,
    close,
  }
}

async function listenFor(server: net.Server, host: string, port: number, closes: Close[]): Promise<number> {
  const open = new Set<net.Socket>()
  server.on('connection', (socket: net.Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  closes.push(() => {
    server.close()
    for (const socket of open) socket.destroy()
  })
  return listen(server, port, host)
}

/** In order, each of them late. */
function pass(from: net.Socket, to: net.Socket, readyAt: number, ms: number) {
  let last: Promise<unknown> = Promise.resolve()
  const later = (act: () => unknown) => {
    const due = Math.max(performance.now(), readyAt) + ms
    last = last.then(() => sleep(Math.max(due - performance.now(), 0))).then(act)
  }
  from
    .on('data', bytes => later(() => to.write(bytes)))
    .once('end', () => later(() => to.end()))
    .once('close', () => later(() => to.destroySoon()))
}
