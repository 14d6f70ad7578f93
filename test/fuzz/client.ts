import { once } from 'node:events'
import net from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { receive } from '../received.ts'

export type Client = Awaited<ReturnType<typeof connect>>

/** A connection that sends what it is told to and keeps what it receives. Text is latin1. */
export async function connect(port: number) {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
  await once(socket, 'connect')
  return {
    input: receive(socket),
    /** Writes the pieces, each in a turn of its own; a peer that is gone is no error. */
    async send(pieces: readonly string[]) {
      for (const piece of pieces) {
        // not waited for until it is through: a peer may have stopped reading
        if (socket.writable) socket.write(piece, 'latin1')
        await setImmediate()
      }
    },
    /** Sends FIN and goes on reading. */
    halfClose: () => void socket.end(),
    /** Resets the connection. */
    abort: () => void socket.resetAndDestroy(),
    destroy: () => void socket.destroy(),
  }
}
