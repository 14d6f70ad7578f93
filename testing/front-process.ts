import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, openSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'

export type FrontProcess = {
  /** where people go: http://localhost:4000 */
  url: string
  adminUrl: string
  egressUrl: string
  /** resolves with the exit code, whoever ended it, when all of its output has been read and is in `logFile` */
  exited: Promise<number | null>
  /** as Ctrl-C does: what is in flight finishes, then it ends */
  stop(): Promise<number | null>
  process: ChildProcess
  /** the last 20,000 lines of its output */
  lines: readonly string[]
}

/** Free ports, and nobody but this machine. */
export const LISTENERS = { HOST: '127.0.0.1', PORT: '0', ADMIN_PORT: '0', EGRESS_PORT: '0' } as const

const KEPT_LINES = 20_000

/**
 * Starts the front in a process of its own and waits until it is ready; any port may be 0.
 * @param logFile where its log goes
 * @param cwd the repository, or a copy of it
 * @param command what starts it, by default from its source
 * @throws with the end of its output when it ends before it is ready
 */
export async function startFrontProcess(
  env: Record<string, string>,
  logFile?: string,
  cwd: string | URL = new URL('..', import.meta.url),
  command: readonly [string, ...string[]] = [process.execPath, 'server.ts'],
): Promise<FrontProcess> {
  const [program, ...args] = command
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, NODE_ENV: 'production', ...env },
    // the channel closes when this process ends, however that happens; the front then stops
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // a group of its own: a terminal's Ctrl-C goes to whoever started it, who then stops it gracefully
    detached: process.platform !== 'win32',
  })
  const log = logFile === undefined ? undefined : createWriteStream(logFile, { fd: openSync(logFile, 'a') })
  const exited = ended(child, log)
  const killAlong = () => child.kill('SIGKILL')
  process.once('exit', killAlong)
  exited.then(() => process.off('exit', killAlong))
  const lines: string[] = []

  const ready = new Promise<{ port: number; adminPort: number; egressPort: number }>(resolve => {
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue
      createInterface({ input: stream }).on('line', line => {
        log?.write(`${line}\n`)
        lines.push(line)
        if (lines.length > KEPT_LINES) lines.splice(0, KEPT_LINES / 10)
        if (line.includes('"msg":"ready"')) resolve(JSON.parse(line))
      })
    }
  })
  const failed = exited.then(code => {
    throw new Error(`Gatehouse ended with ${code} before it was ready:\n${lines.slice(-20).join('\n')}`)
  })
  const { port, adminPort, egressPort } = await Promise.race([ready, failed])
  return {
    url: `http://localhost:${port}`,
    adminUrl: `http://localhost:${adminPort}`,
    egressUrl: `http://127.0.0.1:${egressPort}`,
    exited,
    stop() {
      child.kill('SIGINT')
      return exited
    },
    process: child,
    lines,
  }
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
