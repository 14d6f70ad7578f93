import { setTimeout as sleep } from 'node:timers/promises'
import { answerError } from '../../http/error-answer.ts'
import { GatewayError, systemErrorCode } from '../../http/errors.ts'
import { IDEMPOTENT } from '../../http/methods.ts'
import { noteFailure } from '../../observe/outcome.ts'
import type { Pages } from '../pages.ts'
import { passHandshake } from '../pass-handshake.ts'
import { hasBody, type PageRequest, passOn } from './forward.ts'
import { openPool, type PoolOptions } from './pool.ts'
import type { PageWorker } from './process.ts'
import type { WorkerTimeouts } from './worker-timeouts.ts'

/** So many requests wait for a worker at most. */
const MOST_WAITING = 1000
/** Attempts for a request: one more each time that its worker was killed from outside, or refused it because it was about to end. */
const MOST_TRIES = 4

/**
 * Pages by processes of their own, so that a render never delays a login. Resolves when the first of them serves.
 * @throws where no process comes so far
 */
export async function openPageWorkers(options: PoolOptions, timeouts: WorkerTimeouts): Promise<Pages> {
  const pool = await openPool(options, timeouts)
  /** those under way, each of which knows its index here. Not a Set, which would keep them for longer: lib/proxy/attempt.ts */
  const pageRequests: PageRequest[] = []
  let waiting = 0

  /** Gives it to a worker, and to another one as long as it may be sent again. */
  async function send(pageRequest: PageRequest) {
    const { res } = pageRequest
    for (let tries = 1; ; tries++) {
      const worker = pool.least(pageRequest.mayHaveRun) ?? (await waitForOne(pageRequest))
      if (res.destroyed) return
      if (!worker) return fail(pageRequest)
      pageRequest.movedAt = performance.now()
      const error = await passOn(worker, pageRequest)
      if (error === undefined) return
      if (!(await mayGoAgain(pageRequest, worker, error, tries))) return fail(pageRequest, error)
    }
  }

  async function waitForOne({ res, mayHaveRun }: PageRequest): Promise<PageWorker | undefined> {
    if (waiting >= MOST_WAITING) return undefined
    const until = performance.now() + timeouts.wait
    const left = new Promise<void>(resolve => res.once('close', resolve))
    let worker: PageWorker | undefined
    waiting++
    while (!worker && !res.destroyed && performance.now() < until) {
      await Promise.race([pool.change(), left, sleep(until - performance.now(), undefined, { ref: false })])
      worker = pool.least(mayHaveRun)
    }
    waiting--
    return worker
  }

  /**
   * Whether a request may go to another worker: no worker took it, or its worker was killed from outside, and the method is harmless. Never to the last
   * worker that is left, since the request may have ended this one. A worker that lives and does not answer has executed the request: it closes no idle
   * connection before the front does.
   */
  async function mayGoAgain(pageRequest: PageRequest, worker: PageWorker, error: unknown, tries: number) {
    const { req, res, mayHaveRun } = pageRequest
    const refused = systemErrorCode(error) === 'ECONNREFUSED'
    const mayHarm = !refused && (mayHaveRun || !IDEMPOTENT.has(req.method ?? ''))
    pageRequest.mayHaveRun ||= !refused
    const isOver = res.destroyed || res.headersSent || error instanceof GatewayError || tries === MOST_TRIES
    if (isOver || mayHarm || hasBody(req)) return false
    // the end of a process is told a moment after that of its connections
    const ended = await Promise.race([worker.exited, sleep(timeouts.ping, undefined, { ref: false })])
    return res.destroyed || refused || ended?.fromOutside === true
  }

  function fail({ req, res, record, mayHaveRun }: PageRequest, error?: unknown) {
    if (req.socket.destroyed) return
    const code = mayHaveRun ? 'PAGE_BROKE_OFF' : 'PAGE_UNAVAILABLE'
    const failure = error instanceof GatewayError ? error : new GatewayError(code, error)
    noteFailure(record, failure)
    answerError(req, res, failure, record)
  }

  function endSilent() {
    const before = performance.now() - timeouts.silence
    for (const { answered, movedAt, proxyReq } of pageRequests) {
      if (answered || movedAt > before) continue
      proxyReq?.destroy(new GatewayError('PAGE_BROKE_OFF', new Error(`silent for ${timeouts.silence} ms`)))
    }
  }

  function remove({ index }: PageRequest) {
    const last = pageRequests.pop()
    if (!last || last.index === index) return
    pageRequests[index] = last
    last.index = index
  }

  const watching = timeouts.silence > 0 ? setInterval(endSilent, timeouts.ping) : undefined
  return {
    handle(req, res, record) {
      const pageRequest: PageRequest = {
        req,
        res,
        record,
        mayHaveRun: false,
        movedAt: 0,
        answered: false,
        index: pageRequests.length,
      }
      pageRequests.push(pageRequest)
      res.once('close', () => {
        remove(pageRequest)
        if (!res.writableFinished) pageRequest.proxyReq?.destroy()
      })
      void send(pageRequest)
    },
    async upgrade(req, asking, record) {
      if (!pool.least()) await Promise.race([pool.change(), sleep(timeouts.wait, undefined, { ref: false })])
      const worker = pool.least()
      if (!worker) throw new GatewayError('PAGE_UNAVAILABLE')
      record.worker = worker.number
      worker.inFlight++
      asking.socket.once('close', () => {
        if (--worker.inFlight === 0) worker.onIdle?.()
      })
      await passHandshake(worker.port, req, asking, worker.maxHeader, record)
    },
    reload: pool.reload,
    state: pool.state,
    async close(ms) {
      clearInterval(watching)
      await pool.close(ms)
    },
  }
}
