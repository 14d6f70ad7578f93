import type { Server } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Admin, createAdmin } from '../admin/admin.ts'
import { type Backend, openBackend } from '../backend/backend.ts'
import type { Log } from '../log.ts'
import { createLoginLimit, type LoginLimit } from '../login/limits/limit.ts'
import { createLogin } from '../login/login.ts'
import { logMetrics } from '../observe/emf.ts'
import { createHistory, type History } from '../observe/history.ts'
import type { Lifecycle } from '../observe/lifecycle.ts'
import { logOutcomes } from '../observe/log-line.ts'
import { createMetrics, type Metrics } from '../observe/metrics.ts'
import { type OnOutcome, toAll } from '../observe/outcome.ts'
import type { BeginSpans } from '../observe/spans.ts'
import { countInto, createTallies, type Tallies } from '../observe/tally.ts'
import { openTraces, type Traces } from '../observe/traces/traces.ts'
import type { Pages } from '../pages/open.ts'
import { type BackendProxy, createProxy } from '../proxy/proxy.ts'
import type { Config } from '../settings/settings.ts'
import { createEgress } from './egress.ts'
import { holdPort, listen } from './listen.ts'
import { createFront, type Listener } from './listener.ts'
import { cutOff } from './stopping.ts'

type Options = {
  readonly config: Config
  readonly log: Log
  /**
   * Called once the backend can be reached from pages.
   * @param backendUrl where, BACKEND_URL
   * @param port that the front will listen on
   */
  readonly openPages: (backendUrl: string, port: number) => Promise<Pages>
  /** how long the first answer of DNS is waited for, in ms; without one the front listens all the same */
  readonly firstAnswerMs?: number
}

/** A front that listens: all its parts, for whoever stops it or looks into it. */
export type Front = {
  readonly lifecycle: Lifecycle
  readonly backend: Backend
  readonly tallies: Tallies
  readonly limit: LoginLimit | undefined
  readonly history: History
  readonly metrics: Metrics
  readonly traces: Traces | undefined
  readonly listener: Listener
  readonly admin: Admin
  readonly egress: Server
  readonly ports: { readonly port: number; readonly adminPort: number; readonly egressPort: number }
  /** replaces every page worker gracefully; absent where there are none */
  readonly reload: (() => void) | undefined
  /** Closes everything but the public listener, which is closed before. */
  close(): Promise<void>
}

const FIRST_ANSWER_MS = 3000

/**
 * Opens the front of production, development and tests from its settings, and resolves when it is ready.
 * @throws what a listener throws (a taken port), or what keeps the pages from being served
 */
export async function openFront({
  config,
  log,
  openPages,
  firstAnswerMs = FIRST_ANSWER_MS,
}: Options): Promise<Front> {
  warnOfKeepAlive(config, log)
  const lifecycle: Lifecycle = { phase: 'starting', turnedAway: 0 }
  const backend = openBackend(config, log)
  const firstAnswer = backend.cache.refresh()
  const { LOGIN_LIMIT: perAddress, LOGIN_LIMIT_ACCOUNT: perAccount, LIMIT_STORE: store } = config
  const limit = await createLoginLimit({ perAddress, perAccount, store, log })

  let pages: Pages | undefined
  const [tallies, history] = [createTallies(), createHistory()]
  const state = {
    config,
    lifecycle,
    backend,
    tallies,
    limit: limit?.tally,
    workers: () => pages?.state?.(),
    history,
  }
  const metrics = createMetrics(state)
  const admin = createAdmin({ ...state, metrics, log })
  const countForCloudWatch = logMetrics(state, log)
  await Promise.race([firstAnswer, sleep(firstAnswerMs)])
  const traces = await openTraces(config, backend.dials, log)
  const onOutcome = toAll(
    logOutcomes(log),
    metrics.count,
    history.count,
    countInto(tallies),
    countForCloudWatch,
    traces?.end,
  )

  const { proxy, egress, egressPort } = await openEgress({
    config,
    log,
    backend,
    onOutcome,
    spans: traces?.begin,
  })
  const adminPort = await listen(admin.server, config.ADMIN_PORT, config.ADMIN_HOST)
  const { port: ownPort, held } =
    config.PORT === 0 ? await holdPort(config.HOST) : { port: config.PORT, held: undefined }
  pages = await openPages(urlOf(egressPort), ownPort)
  const login = createLogin({ config, proxy, limit })
  const listener = createFront({ config, lifecycle, login, pages, onOutcome, spans: traces?.begin })
  const port = await listen(listener.server, ownPort, config.HOST, held)
  lifecycle.phase = 'ready'

  return {
    lifecycle,
    backend,
    tallies,
    limit,
    history,
    metrics,
    traces,
    listener,
    admin,
    egress,
    ports: { port, adminPort, egressPort },
    reload: pages.reload,
    async close() {
      await pages?.close()
      await cutOff(() => egress.closeAllConnections())
      await traces?.close()
      admin.close()
      backend.close()
      limit?.close()
    },
  }
}

type EgressParts = Pick<Options, 'config' | 'log'> & {
  readonly backend: Backend
  readonly onOutcome: OnOutcome
  readonly spans?: BeginSpans | undefined
}

/** What reaches the backend: the proxy, and the listener by which pages call it. A plain `next dev` has no more than this. */
export async function openEgress({ config, log, backend, onOutcome, spans }: EgressParts): Promise<{
  readonly proxy: BackendProxy
  readonly egress: Server
  readonly egressPort: number
}> {
  const proxy = createProxy({ config, agent: backend.agent, log })
  const egress = createEgress({ config, proxy, onOutcome, spans })
  return { proxy, egress, egressPort: await listen(egress, config.EGRESS_PORT, '127.0.0.1') }
}

/** An ALB's own idle timeout, in ms. */
const ALB_IDLE_MS = 60_000

/**
 * Whoever raised BACKEND_TIMEOUT has raised the idle timeout of the ALB before the front above it, or the ALB would answer
 * first; then the front must not close an idle connection before the ALB does.
 */
function warnOfKeepAlive({ KEEP_ALIVE_TIMEOUT: ms, BACKEND_TIMEOUT }: Config, log: Log) {
  const least = Math.max(ALB_IDLE_MS, BACKEND_TIMEOUT)
  if (ms <= least)
    log.warn(
      { keepAliveSeconds: ms / 1000, leastSeconds: least / 1000 },
      'KEEP_ALIVE_TIMEOUT is too short: an ALB sends requests over connections that the front is closing, and answers them with 502. Set it above the idle timeout of the ALB',
    )
}

/** BACKEND_URL of a port. */
export const urlOf = (egressPort: number): string => `http://127.0.0.1:${egressPort}`
