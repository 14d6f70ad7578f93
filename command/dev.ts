import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { startDemoBackend } from '../demo/backend.ts'
import { nextOf } from '../lib/pages/next.ts'
import { hasConfigFile } from '../lib/settings/config-file.ts'
import { FRONT } from './programs.ts'

/** What the front says when its listeners answer. */
const Ready = z.object({ port: z.number(), adminPort: z.number() })

/**
 * The front with the app's pages in its process, hot reloading; with the demo backend unless BACKEND_ORIGIN is set or there is a gatehouse.config.
 * Next prints the requests, so the front only says what is wrong.
 * @returns the exit code
 */
export async function dev(): Promise<number> {
  nextOf(process.cwd(), 'next')
  const demo =
    process.env.BACKEND_ORIGIN || hasConfigFile(process.cwd()) ? undefined : await startDemoBackend()
  if (demo) {
    const { name, password } = demo.account
    process.stdout.write(
      `No BACKEND_ORIGIN: a demo backend is started along. Account: ${name} / ${password}\n`,
    )
  }
  const front = spawn(process.execPath, [fileURLToPath(FRONT)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: {
      LOG_LEVEL: 'warn',
      STOP_DELAY: '0s',
      STOP_TIMEOUT: '1s',
      ...process.env,
      ...demo?.env,
      NODE_ENV: 'development',
    },
  })
  front.on('message', message => {
    // the app is in that process, and may say something of its own
    const { data } = Ready.safeParse(message)
    if (data)
      process.stdout.write(
        `The app: http://localhost:${data.port}, the status page: http://127.0.0.1:${data.adminPort}\n`,
      )
  })
  // Ctrl-C reaches the front by itself, in the same process group; this process waits for it
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => front.kill('SIGTERM'))
  const [code] = await once(front, 'exit')
  await demo?.close()
  return typeof code === 'number' ? code : 1
}
