import { type Child, startChild } from './child.ts'

export type FrontProcess = Child & {
  /** where people go: http://localhost:4000 */
  readonly url: string
  readonly adminUrl: string
  readonly egressUrl: string
  /** as Ctrl-C does: what is in flight finishes, then it ends */
  stop(): Promise<number | null>
}

/** Free ports, and nobody but this machine. */
export const LISTENERS = { HOST: '127.0.0.1', PORT: '0', ADMIN_PORT: '0', EGRESS_PORT: '0' } as const

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
  const { promise: ready, resolve } =
    Promise.withResolvers<Record<'port' | 'adminPort' | 'egressPort', number>>()
  const child = startChild(command, {
    name: 'Gatehouse',
    cwd,
    env: { ...process.env, NODE_ENV: 'production', ...env },
    // a group of its own: a terminal's Ctrl-C goes to whoever started it, who then stops it gracefully
    detached: process.platform !== 'win32',
    logFile,
    onLine(line) {
      if (line.includes('"msg":"ready"')) resolve(JSON.parse(line))
    },
  })
  const { port, adminPort, egressPort } = await Promise.race([ready, child.failed])
  return {
    ...child,
    url: `http://localhost:${port}`,
    adminUrl: `http://localhost:${adminPort}`,
    egressUrl: `http://127.0.0.1:${egressPort}`,
    stop() {
      child.process.kill('SIGINT')
      return child.exited
    },
  }
}
