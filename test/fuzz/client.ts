import { once } from 'node:events'
import net from 'node:net'
import { setImmediate } from 'node:timers/promises'

/** A connection that sends what it is told to and keeps what it receives. Text is latin1. */
export type Client = {
  /** everything received so far */
  readonly received: string
  /** the peer has ended the connection; `cut`: by a reset */
  readonly over: boolean
  readonly cut: boolean
  /** Writes the pieces, each in a turn of its own; a peer that is gone is no error. */
  send(pieces: readonly string[]): Promise<void>
  /** Resolves to whether `look` came true; false once the connection is over without it, or after so many ms. */
  until(look: () => boolean, patienceMs: number): Promise<boolean>
  /** Sends FIN and goes on reading. */
  halfClose(): void
  /** Resets the connection. */
  abort(): void
  destroy(): void
}

export async function connect(port: number): Promise<Client> {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
  await once(socket, 'connect')
  const chunks: string[] = []
  let over = false
  let cut = false
  let noticed = () => {}
  const end = () => {
    over = true
    noticed()
  }
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk.toString('latin1'))
    noticed()
  })
  socket.on('end', end).on('close', end)
  socket.on('error', () => {
    // what comes after FIN is a reset of our own late bytes: the peer had ended in order
    cut = !over
    end()
  })

  return {
    get received() {
      const text = chunks.join('')
      chunks.splice(0, chunks.length, text)
      return text
    },
    get over() {
      return over
    },
    get cut() {
      return cut
    },
    async send(pieces) {
      for (const piece of pieces) {
        // not waited for until it is through: a peer may have stopped reading
        if (socket.writable) socket.write(piece, 'latin1')
        await setImmediate()
      }
    },
    async until(look, patienceMs) {
      const deadline = performance.now() + patienceMs
      while (!look()) {
        const left = deadline - performance.now()
        if (over || left <= 0) return false
        await new Promise<void>(resolve => {
          const timer = setTimeout(resolve, left)
          noticed = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      return true
    },
    halfClose: () => void socket.end(),
    abort: () => void socket.resetAndDestroy(),
    destroy: () => void socket.destroy(),
  }
}
