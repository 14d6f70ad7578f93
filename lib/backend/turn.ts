import { MessageChannel } from 'node:worker_threads'

/**
 * `next` resolves when what the kernel had before has been read: it goes through the kernel itself, which reports in
 * order, but for a wake-up that was under way already. Not setImmediate: what is written there is known to be written only after the next round of reading, and httpxy
 * takes an answer that comes in it for an early one and drops the connection (a TLS handshake a request, measured).
 */
export function createTurn() {
  const { port1, port2 } = new MessageChannel()
  let waiting: (() => void)[] = []
  /** came while a message was on its way already, which what they wait for may be behind */
  let late: (() => void)[] = []
  port1.on('message', () => {
    const all = waiting
    waiting = late
    late = []
    if (waiting.length > 0) port2.postMessage(null)
    for (const resolve of all) resolve()
  })
  port1.unref()
  return {
    next: () =>
      new Promise<void>(resolve => {
        if (waiting.length > 0) return void late.push(resolve)
        waiting.push(resolve)
        port2.postMessage(null)
      }),
    close: () => port1.close(),
  }
}
