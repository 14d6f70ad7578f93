import { spawn } from 'node:child_process'
import { once } from 'node:events'
import inspector from 'node:inspector'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { nextOf } from '../lib/pages/next.ts'
import { hasConfigFile } from '../lib/settings/config-file.ts'
import { startDemoBackend } from '../testing/backend.ts'
import { FRONT } from './programs.ts'
import { urlBlock } from './urls.ts'

/** What the front says when its listeners answer. */
const Ready = z.object({ port: z.number(), adminPort: z.number() })

/**
 * The front with the app's pages in its process, hot reloading; with the demo backend unless BACKEND_ORIGIN is set or there is a gatehouse.config.
 * Next prints the requests, so the front only says what is wrong.
 * @param args of `next dev`, as far as they have a meaning here
 * @returns the exit code
 * @throws where there is no Next.js, or at an argument that has no meaning here
 */
export async function dev(args: readonly string[]): Promise<number> {
  const started = performance.now()
  nextOf(process.cwd(), 'next')
  const { env: named, flags } = readArguments(args)
  // NODE_OPTIONS=--inspect is meant for the pages, which are in the front: it could not have the port while this process does
  if (inspector.url() !== undefined) inspector.close()
  const demo =
    process.env.BACKEND_ORIGIN || hasConfigFile(process.cwd()) ? undefined : await startDemoBackend()
  const front = spawn(process.execPath, [...flags, fileURLToPath(FRONT)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: {
      LOG_LEVEL: 'warn',
      STOP_DELAY: '0s',
      STOP_TIMEOUT: '1s',
      ...process.env,
      ...demo?.env,
      ...named,
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

/** What `next dev` is told by arguments, as the front is told it. */
function readArguments(args: readonly string[]): { env: Record<string, string>; flags: string[] } {
  // an address behind --inspect is optional, which parseArgs does not know
  const inspect = args.findLast(each => /^--inspect(=|$)/.test(each))
  const { values } = parseArgs({
    args: args.filter(each => each !== inspect),
    options: {
      webpack: { type: 'boolean' },
      turbo: { type: 'boolean' },
      turbopack: { type: 'boolean' },
      port: { type: 'string', short: 'p' },
      hostname: { type: 'string', short: 'H' },
    },
  })
  return {
    env: {
      ...(values.webpack && { GATEHOUSE_BUNDLER: 'webpack' }),
      ...(values.port !== undefined && { PORT: values.port }),
      ...(values.hostname !== undefined && { HOST: values.hostname }),
    },
    flags: inspect === undefined ? [] : [inspect],
  }
}
