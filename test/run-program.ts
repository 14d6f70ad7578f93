import { type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
/** What the program needs itself; no setting that this process may have. */
const { PATH, NODE_COMPILE_CACHE } = process.env
/** Free ports, so that nothing fails for another program's sake. */
const ANY = { HOST: '127.0.0.1', PORT: '0', ADMIN_PORT: '0', EGRESS_PORT: '0', NEXT_TELEMETRY_DISABLED: '1' }

/** Runs a program of this repository until it ends by itself; with no settings but those. */
export const runProgram = (args: readonly string[], env: Record<string, string> = {}, cwd = ROOT) =>
  runCommand([process.execPath, ...args], {
    cwd,
    env: { PATH, NODE_COMPILE_CACHE, NODE_ENV: 'production', ...ANY, ...env },
    timeout: 50_000,
  })

/** Runs a command until it ends by itself; what this process serves meanwhile goes on. */
export async function runCommand(
  [file = '', ...args]: readonly string[],
  options: Omit<SpawnOptions, 'stdio'> = {},
) {
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { out, errors, code }
}
