import { MessageChannel } from 'node:worker_threads'

/**
 * `passed` resolves when what the kernel had before has been read: by a message, which goes through the kernel too, sent when the round of
 * reading that asked is over, and the next one: a thread that wakes the event loop meanwhile (a file, a worker) delivers a message before what
 * stands behind its wake-up.
 * Not in setImmediate itself: what is written there is known to be written only after the next round, and httpxy
 * takes an answer that comes in it for an early one and drops the connection (a TLS handshake a request, measured).
 */
export function createPollBarrier() {
  const { port1, port2 } = new MessageChannel()
  let waiting: (() => void)[] = []
  /** their message is on its way */
  let sent: (() => void)[] = []
  const send = () => {
    sent = waiting
    waiting = []
    port2.postMessage(null)
  }
  port1.on('message', () => {
    const all = sent
    sent = []
    if (waiting.length > 0) setImmediate(setImmediate, send)
    for (const resolve of all) resolve()
  })
  port1.unref()
  return {
    passed: () =>
      new Promise<void>(resolve => {
        waiting.push(resolve)
        if (waiting.length === 1 && sent.length === 0) setImmediate(setImmediate, send)
      }),
    close: () => port1.close(),
  }
}
