import { fork } from 'node:child_process'
import http from 'node:http'
import { extname, resolve } from 'node:path'
import { z } from 'zod'
import { describeError } from '../../http/errors.ts'
import type { Log } from '../../log.ts'
import type { WorkerState } from '../../observe/lifecycle.ts'
import { heapOf, nodeOptions } from '../../settings/memory.ts'
import { ADDED } from '../request-headers.ts'
import type { Self } from '../self.ts'
import type { Share } from './cores.ts'
import { environment } from './environment.ts'
import { forPages, LAST_OWN } from './node-arguments.ts'
import { eachEntry, openSaid } from './output.ts'
import { lowerPriority } from './priority.ts'
import { probeReadiness } from './readiness-probe.ts'
import { LIKE_A_LARGE_HEAP } from './v8-flags.ts'
import type { WorkerTimeouts } from './worker-timeouts.ts'

/** How a worker ended. */
export type Ended = {
  /** by a signal that this process did not send, rather than by what its pages do */
  readonly fromOutside: boolean
}

/** One process that runs Next's standalone server. */
export type PageWorker = {
  readonly number: number
  readonly pid: number | undefined
  readonly port: number
  readonly agent: http.Agent
  /** bytes, the largest head of an answer */
  readonly maxHeader: number
  phase: WorkerState['phase']
  inFlight: number
  /** bytes, as it last said itself */
  rss: number | undefined
  /** bytes, the least of what it said last: buffers that V8 has not freed yet do not count */
  recentMinRss: number
  /** bytes, the least since it has served for a while: what a new one would hold as well */
  baselineRss: number
  /** of performance.now(), from which on it is ready */
  readyAt: number
  /** whoever waits for the last request of a worker that leaves */
  onIdle: (() => void) | undefined
  /** resolves when the process has ended; never rejects */
  readonly exited: Promise<Ended>
  /** resolves when it serves; rejects with the reason when it does not come to that */
  readonly ready: Promise<void>
  /** gets no more requests, finishes those it has, ends */
  leave(): Promise<void>
  /** SIGTERM, then SIGKILL after `ms` */
  stop(ms: number): Promise<void>
}

/** Beside this file, and of its kind: a bundle has it beside itself (tools/bundle.ts). */
const PRELOAD = new URL(`./preload${extname(import.meta.url)}`, import.meta.url).href
/** The front closes an idle connection after the first, Next after KEEP_ALIVE_MS (./environment.ts): no request can cross its close. */
const IDLE_MS = 30_000
/** So many times in a row a worker must have held too much: uploads alone take it there for a second or two. */
const TIMES = 5
/** A worker does one thing at a time; each idle one is a descriptor that a client could have. */
const MOST_IDLE = 32
const MB = 1024 ** 2

export type WorkerOptions = {
  /** Next's standalone server.js */
  readonly script: string
  /** bytes: the end of its heap, and one that holds more is replaced gracefully */
  readonly memory: number
  /** bytes, the largest head of a request or an answer */
  readonly maxHeader: number
  readonly self: Self
  readonly log: Log
}

const Said = z.object({
  port: z.int().min(1).max(65_535).optional(),
  taken: z.literal(true).optional(),
  registered: z.literal(true).optional(),
  rss: z.number().optional(),
})

/** Starts a worker. */
export function startWorker(
  number: number,
  { script, memory, maxHeader, self, log }: WorkerOptions,
  share: Share,
  timeouts: WorkerTimeouts,
): PageWorker {
  const path = resolve(script)
  const child = fork(path, [], {
    execArgv: [
      ...(heapOf(nodeOptions()) === undefined ? [`--max-old-space-size=${Math.ceil(memory / MB)}`] : []),
      ...LIKE_A_LARGE_HEAP,
      ...share.flags,
      `${LAST_OWN}${maxHeader + ADDED}`,
      ...forPages(process.execArgv),
      `--import=${PRELOAD}`,
    ],
    env: environment(self),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const ended = Promise.withResolvers<Ended>()
  const serving = Promise.withResolvers<void>()
  serving.promise.catch(() => {})
  let port = 0
  let silent = 0
  const recentRss: number[] = []
  let boundProbe: ((ms: number) => void) | undefined
  let pingTimer: NodeJS.Timeout | undefined
  let why: string | undefined

  const worker: PageWorker = {
    number,
    pid: child.pid,
    get port() {
      return port
    },
    maxHeader,
    agent: new http.Agent({
      keepAlive: true,
      maxFreeSockets: MOST_IDLE,
      scheduling: 'lifo',
      timeout: IDLE_MS,
    }),
    phase: 'starting',
    inFlight: 0,
    rss: undefined,
    recentMinRss: 0,
    baselineRss: Number.POSITIVE_INFINITY,
    readyAt: Number.POSITIVE_INFINITY,
    onIdle: undefined,
    exited: ended.promise,
    ready: serving.promise,
    async leave() {
      worker.phase = 'leaving'
      const idle = new Promise<void>(resolve => {
        worker.onIdle = resolve
      })
      const late = setTimeout(() => worker.onIdle?.(), timeouts.drain)
      if (worker.inFlight > 0) await Promise.race([idle, ended.promise])
      clearTimeout(late)
      await worker.stop(timeouts.term)
    },
    async stop(ms) {
      if (worker.phase !== 'gone') worker.phase = 'leaving'
      why ??= 'stopped'
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), ms)
      await ended.promise
      clearTimeout(late)
    },
  }

  function kill(reason: string) {
    why ??= reason
    child.kill('SIGKILL')
  }

  function gone(how: string, signal?: NodeJS.Signals | null) {
    if (worker.phase === 'gone') return
    const reason = why === undefined ? how : `${why} (${how})`
    const planned = worker.phase === 'leaving'
    worker.phase = 'gone'
    clearInterval(pingTimer)
    clearTimeout(starting)
    worker.agent.destroy()
    log[planned ? 'info' : 'warn']({ worker: number, pid: child.pid, reason }, 'page worker ended')
    serving.reject(new Error(`page worker ${number}: ${reason}`))
    ended.resolve({ fromOutside: why === undefined && (signal === 'SIGKILL' || signal === 'SIGTERM') })
  }

  const starting = setTimeout(() => kill(`not ready within ${timeouts.start} ms`), timeouts.start)

  function probe() {
    // Next has as long again to load the rest
    starting.refresh()
    const late = () =>
      log.warn(
        { worker: number, ms: timeouts.probe },
        'page worker does not answer, and counts as ready all the same',
      )
    boundProbe = probeReadiness(worker, { failed: kill, late })
  }

  function serve() {
    if (worker.phase !== 'starting') return
    clearTimeout(starting)
    worker.phase = 'ready'
    worker.readyAt = performance.now()
    pingTimer = setInterval(ping, timeouts.ping)
    log.info({ worker: number, pid: child.pid }, 'page worker ready')
    serving.resolve()
  }

  /** Counted in turns of this timer, not in time: a front that stood still itself must not blame the workers. */
  function ping() {
    if (silent++ === timeouts.silentPings)
      kill(`its event loop has not turned for ${timeouts.silentPings * timeouts.ping} ms`)
    // once until it answers: it would answer all of them in one turn, and what it holds then would count as often
    if (silent === 1) child.send('?', () => {})
  }

  child.on('message', message => {
    // a page may send what it likes, and as often
    if (typeof message !== 'object' || message === null) return
    if (!('rss' in message || 'port' in message || 'taken' in message || 'registered' in message)) return
    const { success, data } = Said.safeParse(message)
    if (!success) return
    if (data.rss !== undefined) {
      silent = 0
      worker.rss = data.rss
      if (recentRss.push(data.rss) > TIMES) recentRss.shift()
      if (recentRss.length === TIMES) worker.recentMinRss = Math.min(...recentRss)
      if (performance.now() - worker.readyAt >= timeouts.steady)
        worker.baselineRss = Math.min(worker.baselineRss, data.rss)
    }
    if (data.port !== undefined && port === 0) {
      port = data.port
      probe()
    }
    if (data.taken && boundProbe) {
      // and so have the answer and the app's register()
      starting.refresh()
      boundProbe(timeouts.probe)
      boundProbe = undefined
    }
    if (data.registered) serve()
  })
  child.on('error', error => {
    if (child.pid === undefined) gone(describeError(error))
  })
  child.on('exit', (code, signal) => gone(signal ?? `code ${code}`, signal))
  const said = openSaid(log, number)
  const tooMuch = (characters: number) =>
    log.warn({ worker: number, characters }, 'page worker printed too much text at once: it was left out')
  if (child.stdout) eachEntry(child.stdout, entry => said('info', entry), tooMuch)
  if (child.stderr) eachEntry(child.stderr, entry => said('warn', entry), tooMuch)
  if (child.pid !== undefined) lowerPriority(child.pid, share.nice, log)
  log.info({ worker: number, pid: child.pid }, 'page worker started')
  return worker
}
