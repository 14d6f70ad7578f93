import type { Server } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAdmin } from '../admin/admin.ts'
import { openBackends, serverNameAt } from '../backend/backends.ts'
import type { Log } from '../log.ts'
import { createLoginLimit } from '../login/limits/limit.ts'
import { createRouteHandler, type Handler, withLoginLimit } from '../login/login.ts'
import { createBounds } from '../observe/bounds.ts'
import { logMetrics } from '../observe/emf.ts'
import { createHistory } from '../observe/history.ts'
import type { Lifecycle } from '../observe/lifecycle.ts'
import { logOutcomes } from '../observe/log-line.ts'
import { createMetrics } from '../observe/metrics.ts'
import type { Observed } from '../observe/observed.ts'
import { type OnOutcome, toAll } from '../observe/outcome.ts'
import type { BeginSpans } from '../observe/spans.ts'
import { countInto, createTallies } from '../observe/tally.ts'
import { openTraces } from '../observe/traces/traces.ts'
import type { Pages } from '../pages/pages.ts'
import { openProxy } from '../proxy/proxy.ts'
import { createUpgrade } from '../proxy/upgrade.ts'
import { createTableAtOrigin, wholeOf } from '../routes/at-origin.ts'
import { createTable } from '../routes/table.ts'
import type { Config } from '../settings/settings.ts'
import { mostConnections } from './descriptors.ts'
import { createEgress } from './egress.ts'
import { warnOfKeepAlive } from './keep-alive.ts'
import { holdPort, listen } from './listen.ts'
import { createListener } from './listener.ts'
import { closeAndAwaitEvents } from './stopping.ts'

/** Where pages reach each backend, by the name of the environment. */
export type BackendUrls = Readonly<Record<string, string>>

type Options = {
  readonly config: Config
  readonly log: Log
  /**
   * Called once the backend can be reached from pages.
   * @param urls where, by the name of the environment: BACKEND_URL, BACKEND_URL_REPORTS
   * @param port that the front will listen on
   */
  readonly openPages: (urls: BackendUrls, port: number) => Promise<Pages>
  /** how long the first answer of DNS is waited for, in ms; without one the front listens all the same */
  readonly firstAnswerMs?: number
}

/** A front that listens: its parts, and what is observed of it, for whoever stops it or looks into it. */
export type Front = Awaited<ReturnType<typeof openFront>>

const FIRST_ANSWER_MS = 3000

/**
 * Opens the front of production, development and tests from its settings, and resolves when it is ready.
 * @throws what a listener throws (a taken port), or what keeps the pages from being served
 */
export async function openFront({ config, log, openPages, firstAnswerMs = FIRST_ANSWER_MS }: Options) {
  warnOfKeepAlive(config, log)
  const lifecycle: Lifecycle = { phase: 'starting' }
  const bounds = createBounds(config, mostConnections())
  const backends = openBackends(config, log)
  // with few descriptors a burst to one API must not leave them in its pool: clients of another need them
  const mostIdle = Math.ceil(bounds.connections.most / 16 / backends.all.length)
  for (const { agent } of backends.all) agent.maxFreeSockets = Math.min(agent.maxFreeSockets, mostIdle)
  const firstAnswer = Promise.all(backends.all.map(each => each.cache.refresh()))
  const limit = await createLoginLimit(config, log)

  let pages: Pages | undefined
  const [tallies, history] = [createTallies(), createHistory()]
  const observed: Observed = {
    config,
    lifecycle,
    backend: backends.main,
    backends: backends.all,
    tallies,
    bounds,
    limit: limit?.tally,
    history,
    workers: () => pages?.state?.(),
  }
  const metrics = createMetrics(observed)
  const admin = createAdmin({ ...observed, metrics, log })
  logMetrics(observed, log)
  await Promise.race([firstAnswer, sleep(firstAnswerMs)])
  const traces = await openTraces(config, backends.all, log)
  const onOutcome = toAll(
    logOutcomes(log, config.LOG_REQUESTS),
    metrics.count,
    history.count,
    countInto(tallies),
    traces?.end,
  )

  const spans = traces?.begin
  const { proxy, prepare } = openProxy({ config, backends, bounds, log })
  const send = withLoginLimit(proxy, limit)
  const { servers, egressPort, urls } = await openEgress({ config, log, send, onOutcome, spans })
  const adminPort = await listen(admin.server, config.ADMIN_PORT, config.ADMIN_HOST)
  const { port: ownPort, held } =
    config.PORT === 0 ? await holdPort(config.HOST) : { port: config.PORT, held: undefined }
  pages = await openPages(urls, ownPort)
  const listener = createListener({
    config,
    log,
    lifecycle,
    open: bounds.connections,
    find: createTable(config.routes),
    api: createRouteHandler(config, send),
    upgrade: createUpgrade(prepare, config, history.recent.opened),
    pages,
    onOutcome,
    spans,
  })
  const port = await listen(listener.server, ownPort, config.HOST, held)
  lifecycle.phase = 'ready'

  return {
    ...observed,
    metrics,
    traces,
    listener,
    admin,
    ports: { port, adminPort, egressPort },
    /** Replaces every page worker gracefully; absent where there are none. */
    reload: pages.reload,
    /**
     * Closes everything but the public listener, which is closed before.
     * @param ms what pages have to finish behind their answers
     */
    async close(ms: number) {
      await pages?.close(ms)
      for (const each of servers) each.close()
      await closeAndAwaitEvents(() => {
        for (const each of servers) each.closeAllConnections()
      })
      await traces?.close()
      admin.close()
      backends.close()
      limit?.close()
    },
  }
}

type EgressParts = Pick<Options, 'config' | 'log'> & {
  readonly send: Handler
  readonly onOutcome: OnOutcome
  readonly spans?: BeginSpans | undefined
}

/** The listeners by which pages call the backends, one for each that has a name; that of BACKEND_URL, at `egressPort`, first. */
export async function openEgress({ config, log, send, onOutcome, spans }: EgressParts) {
  const servers: Server[] = []
  const urls: Record<string, string> = {}
  // each has another behind it, to the backend; what clients leave is enough for so many (docs/decisions/0024)
  const most = Math.ceil(mostConnections() / 6 / (config.backends.length + 1))
  const defaults = { timeout: config.BACKEND_TIMEOUT, maxBody: config.MAX_BODY }
  const open = async (variable: string, origin: URL, port: number) => {
    const find = createTableAtOrigin(
      config.routes.filter(each => each.origin.origin === origin.origin),
      wholeOf(origin, defaults, serverNameAt(origin, config.routes)),
    )
    const server = createEgress({ config, most, log, find, send, onOutcome, spans })
    const taken = await listen(server, port, '127.0.0.1')
    servers.push(server)
    urls[variable] = urlOf(taken)
    return taken
  }
  const egressPort = await open('BACKEND_URL', config.BACKEND_ORIGIN, config.EGRESS_PORT)
  for (const { variable, origin } of config.backends) await open(variable, origin, 0)
  return { servers, egressPort, urls }
}

export const urlOf = (egressPort: number): string => `http://127.0.0.1:${egressPort}`
