import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
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
  const lines: string[] = []
  const log = logFile === undefined ? undefined : createWriteStream(logFile, { flags: 'a' })
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env, PORT: port },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue
    createInterface({ input: stream }).on('line', line => {
      log?.write(`${line}\n`)
      lines.push(line)
    })
  }
  const killAlong = () => void child.kill('SIGKILL')
  process.once('exit', killAlong)
  const exited = once(child, 'close').then(([code]): number | null => {
    process.off('exit', killAlong)
    log?.end()
    return typeof code === 'number' ? code : null
  })
  const url = `http://localhost:${port}`
  const failed = exited.then(code => {
    throw new Error(
      `${args.join(' ')} ended with ${code} before it answered:\n${lines.slice(-20).join('\n')}`,
    )
  })
  failed.catch(() => {})
  await Promise.race([answers(`http://127.0.0.1:${port}`), failed])
  return {
    url,
    lines,
    stop() {
      child.kill('SIGTERM')
      return exited
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
