import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Balancer } from './balancer.ts'
import { LISTENERS, startFrontProcess } from './front-process.ts'
import { startOther } from './other-front.ts'

export type FrontOptions = {
  /** The folder of the Next.js app; if left out, the current one, or the nearest above it that has a package.json. */
  app?: string
  /** The app as `next dev` has it; false: as `gatehouse build` has made it. If left out: as built where there is a build. */
  development?: boolean
  /** Where the API is: its settings are the front's. */
  balancer?: Pick<Balancer, 'settings'>
  /** Further settings, as environment variables; docs/settings.md has them all. */
  settings?: Readonly<Record<string, string>>
  /** What a `gatehouse.config` would export, in place of the app's own. */
  config?: { readonly routes: readonly object[]; readonly backends?: Readonly<Record<string, string>> }
  /**
   * A Node.js program that is started in place of Gatehouse, to see the same tests against it: `['server.mjs']`. It gets HOST,
   * PORT and the balancer's settings in its environment, and looks names up as a system with the balancer's DNS server does.
   */
  command?: readonly string[]
  /** A file that gets its log as well. */
  logFile?: string
}

/** The app under Gatehouse, as a process of its own. */
export type Front = {
  /** `http://localhost:41234` */
  readonly url: string
  /** Its output, the last 20,000 lines; Gatehouse's own are JSON. */
  readonly log: readonly string[]
  /** The lines of the log that have a request's id. */
  logOf(id: string): string[]
  /** What the status page shows, as JSON; undefined with `command`. */
  status(): Promise<unknown>
  /** The metrics in Prometheus' format; empty with `command`. */
  metrics(): Promise<string>
  /** Ends it gracefully. @returns its exit code; null where a signal has ended it */
  stop(): Promise<number | null>
  [Symbol.asyncDispose](): Promise<void>
}

/** In the package it lies beside this file (tools/pack.ts). */
const PROGRAM = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../server.ts' : './front.mjs', import.meta.url),
)
/** In each process, page workers included. */
const PRELOADED = new URL(
  import.meta.url.endsWith('.ts') ? './preload.ts' : './testing-preload.mjs',
  import.meta.url,
).href
const STANDALONE = '.next/standalone'
const CONFIG_NAMES = ['ts', 'js', 'mjs'].map(each => `gatehouse.config.${each}`)

/** Playwright starts a `webServer` in the folder of its configuration, which may be one of the app's. */
function appAbove(folder: string): string {
  for (let above = folder; ; above = dirname(above)) {
    if (existsSync(join(above, 'package.json'))) return above
    if (above === dirname(above)) return folder
  }
}

/**
 * Starts an app under Gatehouse on free ports of 127.0.0.1, and waits until it is ready. It ends with `stop`, and with this process,
 * however that ends.
 * @throws with the end of its output where it ends before it is ready
 */
export async function startFront(options: FrontOptions = {}): Promise<Front> {
  const { app = appAbove(process.cwd()), balancer, settings = {}, config, command, logFile } = options
  const { development = !command && !existsSync(join(app, STANDALONE)) } = options
  if (development && !existsSync(join(app, 'package.json')))
    throw new Error(
      `There is no package.json in ${resolve(app)}: \`app\` has to be the folder of the Next.js app`,
    )
  const file = config && writeConfig(config)
  const hasRoutes = file !== undefined || CONFIG_NAMES.some(each => existsSync(join(app, each)))
  const { BACKEND_ORIGIN, ...reach } = balancer?.settings ?? {}
  const env = {
    ...LISTENERS,
    NODE_ENV: development ? 'development' : 'production',
    PAGE_WORKERS: '1',
    STOP_DELAY: '0s',
    STOP_TIMEOUT: '3s',
    NEXT_TELEMETRY_DISABLED: '1',
    ...reach,
    NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${PRELOADED}`.trim(),
    GATEHOUSE_TESTING_PARENT: String(process.pid),
    // the pages, and what is tested in place of Gatehouse, look names up by the system, which has to know the balancer's
    ...(BACKEND_ORIGIN !== undefined && {
      GATEHOUSE_TESTING_NAME: new URL(BACKEND_ORIGIN).hostname,
      GATEHOUSE_TESTING_DNS: reach.DNS_SERVERS ?? '',
    }),
    // routes in a file have origins of their own
    ...(BACKEND_ORIGIN !== undefined && !hasRoutes && { BACKEND_ORIGIN }),
    ...(file && { GATEHOUSE_CONFIG: file.path }),
    ...settings,
  }
  const started = command
    ? await startOther(command, { ...env, BACKEND_ORIGIN: BACKEND_ORIGIN ?? '' }, app, logFile)
    : await startFrontProcess(env, logFile, app, [process.execPath, PROGRAM]).catch(error => {
        file?.remove()
        throw error
      })
  const { url, lines, adminUrl } = started
  const ask = async (path: string) => {
    const answer = await fetch(new URL(path, adminUrl), { headers: { Accept: '*/*' } })
    return answer.text()
  }
  async function stop() {
    const code = await started.stop()
    file?.remove()
    return code
  }
  return {
    url,
    log: lines,
    logOf: id => lines.filter(line => line.includes(id)),
    status: async () => (adminUrl === undefined ? undefined : JSON.parse(await ask('/state'))),
    metrics: async () => (adminUrl === undefined ? '' : ask('/metrics')),
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
    },
  }
}

function writeConfig(config: object): { readonly path: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-testing-'))
  const path = join(folder, 'gatehouse.config.mjs')
  writeFileSync(path, `export default ${JSON.stringify(config)}\n`)
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  return {
    path,
    remove() {
      process.off('exit', remove)
      remove()
    },
  }
}
