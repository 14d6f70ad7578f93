import { setTimeout as sleep } from 'node:timers/promises'

/** Sends at a steady rate, whether or not what was sent earlier is done; `dueAt` is in ms, monotonic. */
export function openLoop(perSecond: number, send: (dueAt: number) => Promise<void>) {
  const pending = new Set<Promise<void>>()
  const startedAt = performance.now()
  let sent = 0
  let stopped = false
  let held: Promise<void> | undefined

  async function run() {
    while (!stopped) {
      const due = startedAt + (sent * 1000) / perSecond
      const wait = due - performance.now()
      if (wait > 0) await sleep(wait)
      else if (held) await held
      else {
        sent++
        const done = send(due)
        pending.add(done)
        void done.finally(() => pending.delete(done))
      }
    }
  }
  const running = run()

  /** Sends nothing for now; resolves when nothing is under way, to what lets it go on. */
  async function hold(): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    held = promise
    await Promise.all(pending)
    return () => {
      held = undefined
      resolve()
    }
  }

  return {
    hold,
    /** Resolves at a moment when nothing is under way; what is due meanwhile is sent a moment later. */
    async quiet() {
      const goOn = await hold()
      setImmediate(goOn)
    },
    /** Sends nothing more, and resolves when the last one is done. */
    async stop() {
      stopped = true
      await running
      await Promise.all(pending)
    },
  }
}
