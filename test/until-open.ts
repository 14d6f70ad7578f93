import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Resolves when a program that was started listens on a port of 127.0.0.1.
 * @throws where it ends before, or does not listen within a minute
 */
export async function untilOpen(program: ChildProcess, port: number): Promise<void> {
  const signal = AbortSignal.timeout(60_000)
  for (;;) {
    if (program.exitCode !== null)
      throw new Error(`${program.spawnfile} ended with ${program.exitCode} before it listened`)
    if (await isOpen(port)) return
    if (signal.aborted) throw new Error(`${program.spawnfile} does not listen on ${port}`)
    await sleep(20)
  }
}

/** Whether something listens on a port of 127.0.0.1. */
export async function isOpen(port: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
