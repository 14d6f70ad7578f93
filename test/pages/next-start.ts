import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { freePort } from '../../testing/command.ts'

/** Starts `next start` in a folder that is built; resolves when it is ready. */
export async function startNextStart(cwd: string, env: Record<string, string>) {
  const port = await freePort()
  const args = ['node_modules/next/dist/bin/next', 'start', '-p', port]
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const ready = new Promise<void>(resolve => {
    createInterface({ input: child.stdout }).on('line', line => {
      if (line.includes('Ready in')) resolve()
    })
  })
  await Promise.race([
    ready,
    exited.then(([code]) => Promise.reject(new Error(`next start ended with ${code}`))),
  ])
  return {
    port: Number(port),
    async stop() {
      child.kill('SIGKILL')
      await exited
    },
  }
}
