import { setTimeout as sleep } from 'node:timers/promises'
import { answerError } from '../../http/error-answer.ts'
import { GatewayError, systemErrorCode } from '../../http/errors.ts'
import { IDEMPOTENT } from '../../http/methods.ts'
import { noteFailure } from '../../observe/outcome.ts'
import type { Pages } from '../pages.ts'
import { passHandshake } from '../pass-handshake.ts'
import { hasBody, type PageRequest, passOn } from './forward.ts'
import type { Pace } from './pace.ts'
import { openPool, type PoolOptions } from './pool.ts'
import type { PageWorker } from './process.ts'

/** So many requests wait for a worker at most. */
const MOST_WAITING = 1000
/** One more each time that a worker was killed from outside, or refused it, being about to end. */
const MOST_TRIES = 4

/**
 * Pages by processes of their own, so that a render never delays a login. Resolves when the first of them serves.
 * @throws where no process comes so far
 */
export async function openPageWorkers(options: PoolOptions, pace: Pace): Promise<Pages> {
  const pool = await openPool(options, pace)
  /** those under way, each of which knows its index here. Not a Set, which would keep them for longer: lib/proxy/attempt.ts */
  const pageRequests: PageRequest[] = []
  let waiting = 0

  function send(pageRequest: PageRequest) {
    const worker = pool.least(pageRequest.begun)
    if (!worker) return void waitForOne(pageRequest)
    pageRequest.movedAt = performance.now()
    try {
      passOn(worker, pageRequest, error => void again(pageRequest, worker, error))
    } catch (error) {
      // Node takes nothing that it does not send on, as far as is known; here nobody else would catch it
      fail(pageRequest, new GatewayError('BAD_REQUEST', error))
    }
  }

  async function waitForOne(pageRequest: PageRequest) {
    const until = performance.now() + pace.wait
    const isFull = waiting >= MOST_WAITING
    const left = new Promise<void>(resolve => pageRequest.res.once('close', resolve))
    waiting++
    while (
      !isFull &&
      !pageRequest.res.destroyed &&
      performance.now() < until &&
      !pool.least(pageRequest.begun)
    ) {
      await Promise.race([pool.change(), left, sleep(until - performance.now(), undefined, { ref: false })])
    }
    waiting--
    if (pageRequest.res.destroyed) return
    if (pool.least(pageRequest.begun)) send(pageRequest)
    else fail(pageRequest)
  }

  /**
   * Sends once more what no worker took, or one had that was killed from outside, and cannot do any harm; but not to the last worker that is left: it
   * may have ended this one. A worker that lives has executed what it does not answer: it closes no idle connection before the front does.
   */
  async function again(pageRequest: PageRequest, worker: PageWorker, error: unknown) {
    const { req, res, tries, begun } = pageRequest
    const refused = systemErrorCode(error) === 'ECONNREFUSED'
    const mayHarm = !refused && (begun || !IDEMPOTENT.has(req.method ?? ''))
    pageRequest.begun ||= !refused
    const isOver = res.destroyed || res.headersSent || error instanceof GatewayError || tries === MOST_TRIES
    if (isOver || mayHarm || hasBody(req)) return fail(pageRequest, error)
    // the end of a process is told a moment after that of its connections
    const ended = await Promise.race([worker.exited, sleep(pace.ping, undefined, { ref: false })])
    if (res.destroyed) return
    if (!refused && !ended?.fromOutside) return fail(pageRequest, error)
    send(pageRequest)
  }

  function fail({ req, res, record, begun }: PageRequest, error?: unknown) {
    if (req.socket.destroyed) return
    const code = begun ? 'PAGE_BROKE_OFF' : 'PAGE_UNAVAILABLE'
    const failure = error instanceof GatewayError ? error : new GatewayError(code, error)
    noteFailure(record, failure)
    answerError(req, res, failure, record)
  }

  function endSilent() {
    const before = performance.now() - pace.silence
    for (const { answered, movedAt, proxyReq } of pageRequests) {
      if (answered || movedAt > before) continue
      proxyReq?.destroy(new GatewayError('PAGE_BROKE_OFF', new Error(`silent for ${pace.silence} ms`)))
    }
  }

  function remove({ index }: PageRequest) {
    const last = pageRequests.pop()
    if (!last || last.index === index) return
    pageRequests[index] = last
    last.index = index
  }

  const watching = pace.silence > 0 ? setInterval(endSilent, pace.ping) : undefined
  return {
    handle(req, res, record) {
      const pageRequest: PageRequest = {
        req,
        res,
        record,
        tries: 0,
        begun: false,
        movedAt: 0,
        answered: false,
        index: pageRequests.length,
      }
      pageRequests.push(pageRequest)
      res.once('close', () => {
        remove(pageRequest)
        if (!res.writableFinished) pageRequest.proxyReq?.destroy()
      })
      send(pageRequest)
    },
    async upgrade(req, asking, record) {
      if (!pool.least()) await Promise.race([pool.change(), sleep(pace.wait, undefined, { ref: false })])
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
