import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, openSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'

export type Child = {
  readonly process: ChildProcess
  /** the last 20,000 lines of its output */
  readonly lines: readonly string[]
  /** resolves with the exit code, whoever ended it, when all of its output has been read and is in `logFile` */
  readonly exited: Promise<number | null>
  /** rejects when it ends, with the end of its output: for a race with what tells that it is ready */
  readonly failed: Promise<never>
}

type Options = Pick<SpawnOptions, 'cwd' | 'env' | 'detached'> & {
  /** for an error's message */
  readonly name: string
  /** where its output goes */
  readonly logFile?: string | undefined
  readonly onLine?: (line: string) => void
}

const KEPT_LINES = 20_000

/** Starts a program that ends with this process at the latest. */
export function startChild(
  [program, ...args]: readonly [string, ...string[]],
  { name, logFile, onLine, ...options }: Options,
): Child {
  // the channel closes when this process ends, however that happens; a front then stops
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  const log = logFile === undefined ? undefined : createWriteStream(logFile, { fd: openSync(logFile, 'a') })
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue
    createInterface({ input: stream }).on('line', line => {
      log?.write(`${line}\n`)
      lines.push(line)
      if (lines.length > KEPT_LINES) lines.splice(0, KEPT_LINES / 10)
      onLine?.(line)
    })
  }
  const killAlong = () => child.kill('SIGKILL')
  process.once('exit', killAlong)
  const exited = ended(child, log)
  const failed = exited.then(code => {
    process.off('exit', killAlong)
    throw new Error(`${name} ended with ${code} before it was ready:\n${lines.slice(-20).join('\n')}`)
  })
  failed.catch(() => {})
  return { process: child, lines, exited, failed }
}

/** `exit` comes before the last lines have been read; `close` after. */
async function ended(child: ChildProcess, log?: Writable): Promise<number | null> {
  const [code] = await once(child, 'close')
  if (log) {
    log.end()
    await finished(log)
  }
  return code
}
