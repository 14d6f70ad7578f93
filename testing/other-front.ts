import { setTimeout as sleep } from 'node:timers/promises'
import { startChild } from './child.ts'
import { freePort } from './command.ts'

type OtherFront = {
  readonly url: string
  /** It has no admin listener that is known here. */
  readonly adminUrl?: undefined
  readonly lines: readonly string[]
  stop(): Promise<number | null>
}

const READY_WITHIN_MS = 60_000

/**
 * Starts a Node.js program in place of Gatehouse, and waits until it answers at its port.
 * @param args for Node.js: the program, and its own
 * @throws with the end of its output where it ends before, or does not answer within a minute
 */
export async function startOther(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string,
  logFile?: string,
): Promise<OtherFront> {
  const port = await freePort()
  const child = startChild([process.execPath, ...args], {
    name: args.join(' '),
    cwd,
    env: { ...process.env, ...env, PORT: port },
    logFile,
  })
  await Promise.race([answers(`http://127.0.0.1:${port}`), child.failed])
  return {
    url: `http://localhost:${port}`,
    lines: child.lines,
    stop() {
      child.process.kill('SIGTERM')
      return child.exited
    },
  }
}

async function answers(url: string): Promise<void> {
  const signal = AbortSignal.timeout(READY_WITHIN_MS)
  for (;;) {
    try {
      const { body } = await fetch(url, { signal, redirect: 'manual' })
      return await body?.cancel()
    } catch {
      signal.throwIfAborted()
      await sleep(50)
    }
  }
}
