import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { startDemoBackend } from '../demo/backend.ts'
import { nextOf } from '../lib/pages/next.ts'
import { FRONT } from './programs.ts'
import { urlBlock } from './urls.ts'

/** What the front says when its listeners answer. */
const Ready = z.object({ port: z.number(), adminPort: z.number() })

/**
 * The front with the app's pages in its process, hot reloading; with the demo backend unless BACKEND_ORIGIN is set.
 * Next prints the requests, so the front only says what is wrong.
 * @returns the exit code
 * @throws where there is no Next.js, or an argument is not known
 */
export async function dev(args: readonly string[]): Promise<number> {
  if (args.length > 0) throw new Error(`it does not know ${args.join(' ')}; see gatehouse dev --help`)
  const started = performance.now()
  nextOf(process.cwd(), 'next')
  const demo = process.env.BACKEND_ORIGIN ? undefined : await startDemoBackend()
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
      process.stdout.write(urlBlock({ ...data, ms: performance.now() - started, account: demo?.account }))
  })
  // Ctrl-C reaches the front by itself, in the same process group; this process waits for it
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => front.kill('SIGTERM'))
  const [code] = await once(front, 'exit')
  await demo?.close()
  return typeof code === 'number' ? code : 1
}
