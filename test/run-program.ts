import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { BARE_ENV } from './bare-env.ts'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
/** Free ports, so that nothing fails for another program's sake. */
const ANY = { HOST: '127.0.0.1', PORT: '0', ADMIN_PORT: '0', EGRESS_PORT: '0', NEXT_TELEMETRY_DISABLED: '1' }

/** Runs a program of this repository until it ends by itself; with no settings but those. */
export async function runProgram(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...BARE_ENV, NODE_ENV: 'production', ...ANY, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 50_000,
  })
  const [out, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { out, errors, code }
}
