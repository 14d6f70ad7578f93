import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

export type Command = ReturnType<typeof startCommand>

/** Next asks the npm registry for its newest version when a page connects; here that ends at a closed port. */
const NOTHING_BUT_LOOPBACK = {
  NODE_USE_ENV_PROXY: '1',
  HTTP_PROXY: 'http://127.0.0.1:9',
  HTTPS_PROXY: 'http://127.0.0.1:9',
  NO_PROXY: 'localhost,127.0.0.1',
}

const SAYS_WITHIN_MS = 100_000
const ENDS_WITHIN_MS = 30_000

/** Starts a command as a terminal would: in a process group of its own. */
export function startCommand(words: string[], { cwd, env }: { cwd: string; env: Record<string, string> }) {
  const [file = '', ...args] = words
  const child = spawn(file, args, {
    cwd,
    env: { ...process.env, ...NOTHING_BUT_LOOPBACK, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  /** All lines so far, of both its outputs. */
  const output: string[] = []
  const waiting = new Set<(line: string) => void>()
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', line => {
      output.push(line)
      for (const look of waiting) look(line)
    })
  }
  const fail = (what: string) => {
    throw new Error(`${words.join(' ')} ${what}:\n${output.slice(-40).join('\n')}`)
  }
  // not `exit`, which comes before the last lines have been read
  const ended = once(child, 'close').then(([code, signal]) => fail(`ended with ${code ?? signal}`))
  ended.catch(() => {})
  const killAlong = () => signalGroup(child, 'SIGKILL')
  process.once('exit', killAlong)
  async function gone() {
    try {
      await groupGone(child)
    } finally {
      killAlong()
      process.off('exit', killAlong)
    }
  }

  return {
    output,
    /** Resolves at the next line with these words; rejects with the output when that does not come. */
    async says(words: string) {
      const said = new Promise<void>(resolve => {
        const look = (line: string) => {
          if (!line.includes(words)) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
      })
      const late = sleep(SAYS_WITHIN_MS, undefined, { ref: false }).then(() => fail(`did not say ${words}`))
      await Promise.race([said, ended, late])
    },
    /** Ctrl-C, which its whole process group gets; resolves when none of the group is left. Throws after 30 s. */
    interrupt() {
      signalGroup(child, 'SIGINT')
      return gone()
    },
    /** The same by a signal that it alone gets. */
    interruptAlone() {
      child.kill('SIGINT')
      return gone()
    },
  }
}

/** False where none of the group is left. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  try {
    return pid !== undefined && process.kill(-pid, signal)
  } catch {
    return false
  }
}

/** No event tells that a group has ended, of which only the first process is a child of this one. */
async function groupGone(child: ChildProcess): Promise<void> {
  const deadline = Date.now() + ENDS_WITHIN_MS
  while (signalGroup(child, 0)) {
    if (Date.now() > deadline) throw new Error(`of ${child.spawnargs.join(' ')} something still runs`)
    await sleep(50)
  }
}

/**
 * A port that was free a moment ago, for what cannot be told to take any. Below those that systems give to outgoing
 * connections (Linux from 32768, others from 49152 on): one of them would have it by the time it is listened on.
 */
export async function freePort(): Promise<string> {
  for (;;) {
    const port = randomInt(20_000, 32_000)
    const server = createServer()
    try {
      await once(server.listen(port, '127.0.0.1'), 'listening')
    } catch {
      continue
    }
    server.close()
    await once(server, 'close')
    return String(port)
  }
}
