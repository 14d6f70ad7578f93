import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { processesBelow } from './usage.ts'

/** Which of the three a program is: they may be on different hosts, or pinned to different cores. */
export type Side = 'client' | 'front' | 'backend'

/** Starts a command on a side; it must become the command, so that the pid is the command's. */
export type SpawnAt = (
  side: Side,
  command: string,
  args: readonly string[],
  options: SpawnOptions,
) => ChildProcess

export type Program = {
  pid: number
  /** The first line of its output with these words. */
  says(words: string): Promise<string>
  /** Its output, the last lines of it at least, when it has ended by itself; throws where it ends with an error. */
  result(): Promise<string>
  /** Kills it and everything below it. */
  kill(): Promise<void>
}

const PATIENCE_MS = 30_000
const KEPT_LINES = 100

export const here: SpawnAt = (_side, command, args, options) => spawn(command, args, options)

/** The same with each side kept to one core. */
export const pinned =
  (cores: Record<Side, number>): SpawnAt =>
  (side, command, args, options) =>
    spawn('taskset', ['-c', `${cores[side]}`, command, ...args], options)

type Options = { cwd?: string; env?: Readonly<Record<string, string>>; patienceMs?: number }

/**
 * Starts a program that ends with this process at the latest.
 * @param options `env`: what it has in its environment beside this process's own
 */
export function start(
  spawnAt: SpawnAt,
  side: Side,
  command: string,
  args: readonly string[],
  options: Options = {},
): Program {
  const { cwd, env, patienceMs = PATIENCE_MS } = options
  const child = spawnAt(side, command, args, {
    cwd,
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { pid, stdout, stderr } = child
  child.on('error', () => {})
  if (pid === undefined || !stdout || !stderr) throw new Error(`${command} cannot be started`)
  const lines: string[] = []
  const ended = once(child, 'close')
  const fail = (what: string) =>
    new Error(`${child.spawnargs.join(' ')} ${what}:\n${lines.slice(-20).join('\n')}`)
  const late = () =>
    sleep(patienceMs, undefined, { ref: false }).then(() => {
      throw fail('takes too long')
    })
  let look = (_line: string) => {}
  for (const input of [stdout, stderr])
    createInterface({ input }).on('line', line => {
      lines.push(line)
      if (lines.length > KEPT_LINES) lines.shift()
      look(line)
    })
  // not only the program itself: of a killed nginx the workers would go on
  const killAll = () => {
    for (const each of processesBelow(pid)) kill(each)
  }
  process.once('exit', killAll)
  ended.then(() => process.off('exit', killAll))

  return {
    pid,
    says(words) {
      const said = new Promise<string>(resolve => {
        look = line => {
          if (line.includes(words)) resolve(line)
        }
        for (const line of lines) look(line)
      })
      const gone = ended.then(() => {
        throw fail('has ended')
      })
      return Promise.race([said, gone, late()])
    },
    async result() {
      const [code] = await Promise.race([ended, late()])
      if (code !== 0) throw fail(`ended with ${code}`)
      return lines.join('\n')
    },
    async kill() {
      killAll()
      await ended
    },
  }
}

function kill(pid: number) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it has ended by itself
  }
}
