import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { startDemoBackend } from '../demo/backend.ts'
import { hasConfigFile } from '../lib/settings/config-file.ts'

/** `npm run dev`: server.ts with hot reloading, restarted when lib/ changes; with the demo backend unless BACKEND_ORIGIN is set. */
const demo = process.env.BACKEND_ORIGIN || hasConfigFile(process.cwd()) ? undefined : await startDemoBackend()
if (demo) {
  const { name, password } = demo.account
  process.stdout.write(
    `No BACKEND_ORIGIN: the demo backend is started along. Account: ${name} / ${password}\n`,
  )
}

const watched = ['lib', 'server.ts'].map(path => `--watch-path=${path}`)
const server = spawn(process.execPath, [...watched, '--watch-preserve-output', 'server.ts'], {
  stdio: 'inherit',
  env: { STOP_DELAY: '0s', STOP_TIMEOUT: '1s', ...process.env, ...demo?.env, NODE_ENV: 'development' },
})
// Ctrl-C reaches the server by itself, in the same process group; this process waits for it
process.on('SIGINT', () => {})
process.on('SIGTERM', () => server.kill('SIGTERM'))
const [code] = await once(server, 'exit')
await demo?.close()
process.exit(code ?? 0)
