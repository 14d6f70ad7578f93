import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Resolves when a program that was started listens on a port of 127.0.0.1.
 * @throws where it ends before
 */
export async function untilOpen(program: ChildProcess, port: number): Promise<void> {
  for (;;) {
    if (program.exitCode !== null)
      throw new Error(`${program.spawnfile} ended with ${program.exitCode} before it listened`)
    const socket = net.connect(port, '127.0.0.1')
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (isOpen) return
    await sleep(20)
  }
}
