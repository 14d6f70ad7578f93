import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, unwatchFile, watch, watchFile } from 'node:fs'
import inspector from 'node:inspector'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { nextOf } from '../lib/pages/next.ts'
import { CONFIG_FILES, hasConfigFile } from '../lib/settings/config-file.ts'
import { availableMemory, heapOf } from '../lib/settings/memory.ts'
import { startDemoBackend } from '../testing/backend.ts'
import { textsOf } from './language.ts'
import { FRONT } from './programs.ts'
import { urlBlock } from './urls.ts'

/** What the front says when its listeners answer. */
const Ready = z.object({ host: z.string(), port: z.number(), adminHost: z.string(), adminPort: z.number() })
/** What the pages say when their heap is nearly full (lib/pages/in-process.ts). */
const Full = z.object({ heap: z.literal('full') })
/** The exit code of Next where its developer tools, or a page of an error, ask for a restart (next/dist/server/lib/utils.js). */
const RESTART = 77
/** A front that has got a Ctrl-C has ended by then: STOP_TIMEOUT below, and what is left to close. */
const STOPPED_MS = 3500
/** What Next has built so far, and goes on to read. */
const BUILT = '.next/dev'

/**
 * The front with the app's pages in its process, hot reloading; with the demo backend unless BACKEND_ORIGIN is set or there is a gatehouse.config.
 * It starts again where a configuration changes, and for `npm run dev` where its own sources do.
 * Next prints the requests, so the front only says what is wrong.
 * @param args of `next dev`, as far as they have a meaning here
 * @returns the exit code
 * @throws where there is no Next.js, or at an argument that has no meaning here
 */
export async function dev(args: readonly string[]): Promise<number> {
  const started = performance.now()
  nextOf(process.cwd(), 'next')
  const { env: named, flags } = readArguments(args)
  const texts = textsOf(process.env)
  // NODE_OPTIONS=--inspect is meant for the pages, which are in the front: it could not have the port while this process does
  if (inspector.url() !== undefined) inspector.close()
  const demo =
    process.env.BACKEND_ORIGIN || hasConfigFile(process.cwd()) ? undefined : await startDemoBackend()
  const env = () =>
    ({
      LOG_LEVEL: 'warn',
      STOP_DELAY: '0s',
      STOP_TIMEOUT: '1s',
      ...process.env,
      // routes in a file that has been made since then say where the API is
      ...(!hasConfigFile(process.cwd()) && demo?.env),
      ...named,
      NODE_ENV: 'development',
    }) as const
  let isReady = false
  let ports: Record<string, string> = {}
  function start(): ChildProcess {
    isReady = false
    const front = spawn(process.execPath, [...heapFlags(), ...flags, fileURLToPath(FRONT)], {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      env: { ...env(), ...ports },
    })
    front.on('message', message => {
      // the app is in that process, and may say something of its own
      if (Full.safeParse(message).success) restart(texts.full)
      const { data } = Ready.safeParse(message)
      if (!data) return
      const ms = performance.now() - started
      if (Object.keys(ports).length === 0)
        process.stdout.write(urlBlock({ ...data, ms, account: demo?.account }))
      isReady = true
      // the same again after a change of a configuration
      ports = { PORT: String(data.port), ADMIN_PORT: String(data.adminPort) }
    })
    return front
  }

  let front = start()
  let change = Promise.withResolvers<boolean>()
  function restart(why: string, signal: NodeJS.Signals = 'SIGTERM') {
    process.stdout.write(`${why}\n`)
    change.resolve(true)
    front.kill(signal)
  }
  const changed = (name: string) => restart(texts.changed(name))
  const watchers = [watchConfigs(process.cwd(), changed), ...SOURCES.map(each => watchSources(each, changed))]
  // each page would be 500 from then on. At once: Turbopack would write the rest of its cache as it ends, and the next start stumble over that
  let isGone = false
  watchFile(BUILT, { interval: 500 }, (now, before) => {
    // `before` stays what it was while there is nothing
    const wasThere = !isGone && before.ino !== 0
    isGone = now.ino === 0
    if (wasThere && now.ino !== before.ino) restart(texts.deleted(BUILT), 'SIGKILL')
  })
  const stop = () => change.resolve(false)
  // Ctrl-C reaches the front by itself, in the same process group; where it is sent to this process alone, it does not
  process.on('SIGINT', () => {
    stop()
    setTimeout(() => front.kill('SIGTERM'), STOPPED_MS).unref()
  })
  process.on('SIGTERM', () => {
    stop()
    front.kill('SIGTERM')
  })
  for (;;) {
    const [code] = await once(front, 'exit')
    if (code === RESTART) {
      process.stdout.write(`${texts.asked}\n`)
      change.resolve(true)
    }
    // a configuration with a mistake in it waits for the next change
    const isBroken = !isReady && Object.keys(ports).length > 0
    const again = await Promise.race([change.promise, ...(isBroken ? [] : [setImmediate(false)])])
    if (again) {
      change = Promise.withResolvers()
      front = start()
      continue
    }
    for (const each of watchers) each.close()
    unwatchFile(BUILT)
    await demo?.close()
    return typeof code === 'number' ? code : 1
  }
}

/** The first four as Next names them (next/dist/shared/lib/constants.js). */
const CONFIGS = ['next.config.js', 'next.config.mjs', 'next.config.ts', 'next.config.mts', ...CONFIG_FILES]
/** An editor writes a file in several steps. */
const SETTLE_MS = 100

/** @param changed called with its name once its text is another, as it may be again */
function watchConfigs(root: string, changed: (name: string) => void) {
  const textOf = (name: string) =>
    existsSync(join(root, name)) ? readFileSync(join(root, name), 'utf8') : undefined
  const before = new Map(CONFIGS.map(name => [name, textOf(name)]))
  let settling: NodeJS.Timeout | undefined
  return watch(root, (_event, name) => {
    if (name === null || !before.has(name)) return
    clearTimeout(settling)
    settling = setTimeout(() => {
      const text = textOf(name)
      if (text === before.get(name)) return
      before.set(name, text)
      changed(name)
    }, SETTLE_MS)
  })
}

/** Gatehouse's own sources, where it runs from them and not from a bundle: in this repository, by `npm run dev`. */
const SOURCES = import.meta.url.endsWith('.ts')
  ? ['../server.ts', '../lib'].map(each => fileURLToPath(new URL(each, import.meta.url)))
  : []

function watchSources(path: string, changed: (name: string) => void) {
  let settling: NodeJS.Timeout | undefined
  return watch(path, { recursive: true }, (_event, name) => {
    if (name === null || name.endsWith('.test.ts')) return
    clearTimeout(settling)
    settling = setTimeout(changed, SETTLE_MS, name)
  })
}

/** Half of the memory, as `next dev` has it: with Node's own 4 GB a large app that webpack builds comes to an end. */
const heapFlags = () =>
  heapOf(process.env.NODE_OPTIONS) !== undefined || process.env.NEXT_DISABLE_MEM_OVERRIDE
    ? []
    : [`--max-old-space-size=${Math.floor(availableMemory() / 2 / 1024 ** 2)}`]

/** What `next dev` is told by arguments, as the front is told it; a port and a host are in the environment by now (command.ts). */
function readArguments(args: readonly string[]): { env: Record<string, string>; flags: string[] } {
  // an address behind --inspect is optional, which parseArgs does not know
  const inspect = args.findLast(each => /^--inspect(=|$)/.test(each))
  const { values } = parseArgs({
    args: args.filter(each => each !== inspect),
    options: {
      webpack: { type: 'boolean' },
      turbo: { type: 'boolean' },
      turbopack: { type: 'boolean' },
    },
  })
  return {
    env: values.webpack ? { GATEHOUSE_BUNDLER: 'webpack' } : {},
    flags: inspect === undefined ? [] : [inspect],
  }
}
