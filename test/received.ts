import { EventEmitter, once } from 'node:events'
import type net from 'node:net'

export type Received = ReturnType<typeof receive>

/** What comes over a connection, as latin1. A reset is an end as well: what matters is what had come before it. */
export function receive(socket: net.Socket) {
  const changes = new EventEmitter()
  let text = ''
  let over = false
  let cut = false
  const end = () => {
    over = true
    changes.emit('change')
  }
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
    changes.emit('change')
  })
  socket.on('end', end).on('close', end)
  socket.on('error', () => {
    // what comes after FIN is a reset of our own late bytes: the peer had ended gracefully
    cut = !over
    end()
  })
  return {
    /** all that nobody has taken */
    get text() {
      return text
    },
    /** the peer has ended the connection; `cut`: by a reset */
    get over() {
      return over
    },
    get cut() {
      return cut
    },
    take(length: number) {
      text = text.slice(length)
    },
    /** Resolves to what `look` finds; to undefined once the connection is over without it, or `signal` has come. */
    async until<T>(look: (text: string) => T | undefined, signal?: AbortSignal): Promise<T | undefined> {
      for (;;) {
        const found = look(text)
        if (found !== undefined || over || signal?.aborted) return found
        await once(changes, 'change', signal && { signal }).catch(() => {})
      }
    },
  }
}
