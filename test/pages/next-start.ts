import { here, start } from '../../bench/programs.ts'
import { freePort } from '../../testing/command.ts'

/** Starts `next start` in a folder that is built; resolves when it is ready. */
export async function startNextStart(cwd: string, env: Record<string, string>) {
  const port = await freePort()
  const args = ['node_modules/next/dist/bin/next', 'start', '-p', port]
  const next = start(here, 'front', process.execPath, args, { cwd, env, patienceMs: 100_000 })
  await next.says('Ready in')
  return { port: Number(port), stop: next.kill }
}
