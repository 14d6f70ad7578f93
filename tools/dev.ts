import { type ChildProcess, spawn } from 'node:child_process'
import { watch } from 'node:fs'
import net from 'node:net'
import { z } from 'zod'
import { cannotStart } from '../command/cannot-start.ts'
import { languageOf, textsOf } from '../command/language.ts'
import { takeListening } from '../command/listening.ts'
import { urlBlock } from '../command/urls.ts'
import { listen } from '../lib/front/listen.ts'
import { findFreePorts } from '../lib/front/ports.ts'
import { hasConfigFile } from '../lib/settings/config-file.ts'
import { ConfigError, readConfig } from '../lib/settings/settings.ts'
import { startDemoBackend } from '../testing/backend.ts'

/**
 * `npm run dev`: server.ts with hot reloading, restarted when lib/ changes; with the demo backend unless BACKEND_ORIGIN is
 * set. This process listens on PORT and hands the connections over, so that one that comes during a restart waits for its
 * end. What cannot start ends it; what an edit broke waits for the next edit.
 */
const STARTED = performance.now()
/** An editor writes a file in several steps. */
const SETTLE_MS = 50
/** What the front says when its listeners answer. */
const Ready = z.object({
  host: z.string(),
  adminHost: z.string(),
  adminPort: z.number(),
  egressPort: z.number(),
})
const USAGE = {
  en: 'npm run dev -- [--port PORT] [--hostname HOST]; everything else is set up by environment variables: npm run config\n',
  ja: 'npm run dev -- [--port PORT] [--hostname HOST]。その他はすべて環境変数で設定します（一覧：npm run config）\n',
} as const

const env: Record<string, string | undefined> = { STOP_DELAY: '0s', STOP_TIMEOUT: '1s', ...process.env }
try {
  const { rest, help } = takeListening(process.argv.slice(2), env)
  const usage = USAGE[languageOf(env)]
  if (rest.length > 0)
    throw new Error(`${textsOf(env).unknownOption(rest.join(' '), 'npm run dev -- --help')}\n${usage}`)
  if (help) process.stdout.write(usage)
  else await dev()
} catch (error) {
  const isPlain = error instanceof Error && !(error instanceof ConfigError)
  process.stderr.write(`${isPlain ? error.message.trimEnd() : cannotStart(error)}\n`)
  process.exitCode = 1
}

async function dev() {
  const demo =
    env.BACKEND_ORIGIN?.trim() || hasConfigFile(process.cwd()) ? undefined : await startDemoBackend()
  Object.assign(env, demo?.env)
  try {
    process.exitCode = await serve(demo?.account)
  } finally {
    await demo?.close()
  }
}

/** @returns the exit code */
async function serve(account: { name: string; password: string } | undefined): Promise<number> {
  const { config, taken } = await findFreePorts(readConfig(env), env)
  for (const { setting, wished, port } of taken)
    process.stdout.write(`${textsOf(env).taken(setting, wished, port)}\n`)
  const waiting: net.Socket[] = []
  const door = net.createServer({ pauseOnConnect: true }, socket => {
    waiting.push(socket)
    handOver()
  })
  const port = await listen(door, config.PORT, config.HOST).catch((error: unknown) => {
    throw new Error(cannotStart(error, config))
  })

  let server: ChildProcess
  let isReady = false
  let hasBeenReady = false
  let changed = false
  let stopping = false
  const { promise: ended, resolve: end } = Promise.withResolvers<number>()

  function handOver() {
    if (!isReady) return
    for (const socket of waiting.splice(0))
      server.send('connection', socket, error => error && socket.destroy())
  }

  function start() {
    changed = false
    server = spawn(process.execPath, ['server.ts'], {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      // any free port: what pages ask of themselves goes there
      env: { ...env, NODE_ENV: 'development', PORT: '0' },
    })
    server.on('message', message => {
      // the app is in that process, and may say something of its own
      const { data } = Ready.safeParse(message)
      if (!data) return
      isReady = true
      if (!hasBeenReady)
        process.stdout.write(urlBlock({ ...data, port, ms: performance.now() - STARTED, account }))
      hasBeenReady = true
      // a status page that is open comes back at the same address
      Object.assign(env, { ADMIN_PORT: String(data.adminPort), EGRESS_PORT: String(data.egressPort) })
      handOver()
    })
    server.on('exit', code => {
      isReady = false
      if (stopping || (!changed && (code === 0 || !hasBeenReady))) return end(code ?? 1)
      if (changed) return start()
      process.stderr.write(`server.ts ended with ${code}: it starts again when a file in lib/ changes.\n`)
    })
  }
  const isRunning = () => server.exitCode === null && server.signalCode === null

  let settling: NodeJS.Timeout | undefined
  function restart(name: string) {
    if (name.endsWith('.test.ts')) return
    clearTimeout(settling)
    settling = setTimeout(() => {
      if (stopping) return
      process.stdout.write(`${name} has changed: server.ts starts again\n`)
      isReady = false
      changed = true
      if (isRunning()) server.kill('SIGTERM')
      else start()
    }, SETTLE_MS)
  }
  const watchers = [
    watch('lib', { recursive: true }, (_event, name) => restart(`lib/${name ?? ''}`)),
    watch('server.ts', () => restart('server.ts')),
  ]

  // Ctrl-C reaches the server by itself, in the same process group; this process waits for it
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      stopping = true
      if (!isRunning()) end(0)
      else if (signal === 'SIGTERM') server.kill(signal)
    })
  }
  start()
  const code = await ended
  clearTimeout(settling)
  for (const each of watchers) each.close()
  for (const each of waiting) each.destroy()
  door.close()
  return code
}
