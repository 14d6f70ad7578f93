import type { Server } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Admin, createAdmin } from '../admin/admin.ts'
import { type Backend, openBackend } from '../backend/backend.ts'
import type { Log } from '../log.ts'
import { createLoginLimit, type LoginLimit } from '../login/limits/limit.ts'
import { createLogin } from '../login/login.ts'
import { logMetrics } from '../observe/emf.ts'
import { createHistory, type History } from '../observe/history.ts'
import type { Life } from '../observe/life.ts'
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
  readonly life: Life
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
  /**
   * Closes everything but the public listener, which is closed before.
   * @param ms what pages have to finish behind their answers
   */
  close(ms: number): Promise<void>
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
  const life: Life = { phase: 'starting', turnedAway: 0 }
  const backend = openBackend(config, log)
  const firstAnswer = backend.book.refresh()
  const { LOGIN_LIMIT: perAddress, LOGIN_LIMIT_ACCOUNT: perAccount, LIMIT_STORE: store } = config
  const limit = await createLoginLimit({ perAddress, perAccount, store, log })

  let pages: Pages | undefined
  const [tallies, history] = [createTallies(), createHistory()]
  const state = {
    config,
    life,
    backend,
    tallies,
    limit: limit?.tally,
    workers: () => pages?.state?.(),
    history,
  }
  const metrics = createMetrics(state)
  const admin = createAdmin({ ...state, metrics, log })
  logMetrics(state, log)
  await Promise.race([firstAnswer, sleep(firstAnswerMs)])
  const traces = await openTraces(config, backend.dials, log)
  const tell = toAll(logOutcomes(log), metrics.count, history.count, countInto(tallies), traces?.end)

  const { proxy, egress, egressPort } = await openEgress({ config, log, backend, tell, spans: traces?.begin })
  const adminPort = await listen(admin.server, config.ADMIN_PORT, config.ADMIN_HOST)
  const { port: ownPort, held } =
    config.PORT === 0 ? await holdPort(config.HOST) : { port: config.PORT, held: undefined }
  pages = await openPages(urlOf(egressPort), ownPort)
  const login = createLogin({ config, proxy, limit })
  const listener = createFront({ config, life, login, pages, tell, spans: traces?.begin })
  const port = await listen(listener.server, ownPort, config.HOST, held)
  life.phase = 'ready'

  return {
    life,
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
    async close(ms) {
      await pages?.close(ms)
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
  readonly tell: OnOutcome
  readonly spans?: BeginSpans | undefined
}

/** What reaches the backend: the proxy, and the listener by which pages call it. A plain `next dev` has no more than this. */
export async function openEgress({ config, log, backend, tell, spans }: EgressParts): Promise<{
  readonly proxy: BackendProxy
  readonly egress: Server
  readonly egressPort: number
}> {
  const proxy = createProxy({ config, agent: backend.agent, log })
  const egress = createEgress({ config, proxy, tell, spans })
  return { proxy, egress, egressPort: await listen(egress, config.EGRESS_PORT, '127.0.0.1') }
}

/** BACKEND_URL of a port. */
export const urlOf = (egressPort: number): string => `http://127.0.0.1:${egressPort}`
