import http, { type ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { GatewayError } from '../../http/errors.ts'
import { hopByHop } from '../../http/headers.ts'
import { behindAnswer, dropInTurns, pipeInTurns } from '../../http/in-turns.ts'
import { joinChunks, readWhole } from '../../http/join-chunks.ts'
import { passHead } from '../../http/pass-head.ts'
import type { RequestRecord } from '../../observe/outcome.ts'
import { requestHeaders } from '../request-headers.ts'
import type { PageWorker } from './process.ts'

/** One request for a page on its way. */
export type PageRequest = {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly record: RequestRecord
  /** whether a worker may have run it, and have ended by it */
  mayHaveRun: boolean
  proxyReq?: ClientRequest
  /** of performance.now(): when it was sent, or a byte of its body last came */
  movedAt: number
  /** whether a page has begun to answer */
  answered: boolean
  /** its index among those under way */
  index: number
}

export const hasBody = ({ headers }: IncomingMessage) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/** Sends a request's head that Node would hold back until there is a body. Not flushHeaders: it writes what a header has above 0x7f as UTF-8. */
const NOTHING = Buffer.alloc(0)

/**
 * Passes a request on to a worker and its answer back, piece by piece. By Node's own client: undici took 30-38 µs of CPU for a page, this 37-39, out of
 * some 1000 for the page itself (docs/decisions/0007).
 * @returns undefined after the whole answer; otherwise what went wrong, also where a part of the answer was sent
 */
export function passOn(worker: PageWorker, pageRequest: PageRequest): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>()
  try {
    begin(worker, pageRequest, resolve)
  } catch (error) {
    // Node takes nothing that it does not send on, as far as is known
    resolve(new GatewayError('BAD_REQUEST', error))
  }
  return promise
}

function begin(worker: PageWorker, pageRequest: PageRequest, end: (error?: unknown) => void) {
  const { req, res } = pageRequest
  const { agent, port, maxHeader } = worker
  const span = pageRequest.record.spans?.attempt()
  const withBody = hasBody(req)
  // A connection that has carried a body serves no other request: Next may answer (a limit of its own) and stop reading, and that everything was written
  // proves nothing, since the kernel buffers. The worker gets no `Connection: close`: it would close with unread bytes, and the reset could overtake the
  // answer (RFC 9112 §9.6).
  const proxyReq = http.request({
    agent: withBody ? false : agent,
    host: '127.0.0.1',
    port,
    method: req.method,
    path: req.url,
    headers: withBody ? { ...requestHeaders(req), connection: 'keep-alive' } : requestHeaders(req),
    maxHeaderSize: maxHeader,
  })
  // Node announces chunks for POST, PROPFIND and others, also where none come
  if (!withBody) proxyReq.useChunkedEncodingByDefault = false
  span?.sent(proxyReq, { address: '127.0.0.1', port, worker: worker.number })
  pageRequest.proxyReq = proxyReq
  pageRequest.record.worker = worker.number
  worker.inFlight++
  let failed = false
  let endBody = () => {}
  /** Behind a whole answer: a page may read on, as in after(). Node's client forgets to say that it may go on. */
  function passRest() {
    endBody()
    if (!req.readableEnded) endBody = pipeInTurns(req, proxyReq, behindAnswer)
    const drained = () => void proxyReq.emit('drain')
    proxyReq.socket?.on('drain', drained)
    if (proxyReq.writableLength === 0) drained()
  }
  const failOnce = (error: unknown) => {
    if (failed) return
    failed = true
    proxyReq.destroy()
    end(error)
  }
  function pass(answer: IncomingMessage) {
    if (failed) return
    if (res.destroyed) return void proxyReq.destroy()
    try {
      passHead(answer, res)
    } catch (error) {
      // with its connection, which Node would keep where the answer is whole
      answer.destroy()
      return failOnce(new GatewayError('INTERNAL', error))
    }
    // most are whole by now: one write costs less than a pipe and its listeners
    if (answer.complete) res.end(readWhole(answer))
    else pipeInTurns(answer, res)
  }
  proxyReq.on('response', answer => {
    pageRequest.answered = true
    joinChunks(answer)
    if (withBody) answer.once('end', passRest)
    answer.on('error', failOnce).on('close', end)
    // when all of the read is parsed that brought its head
    process.nextTick(pass, answer)
  })
  proxyReq.on('information', ({ statusCode, headers }) => {
    if (statusCode === 103) passHints(headers, req, res)
  })
  // nobody asked for another protocol; without a listener the client would wait
  proxyReq.on('upgrade', (_answer, socket) => {
    socket.destroy()
    failOnce(new GatewayError('INTERNAL', new Error('101 that nobody asked for')))
  })
  // once there is an answer, it is what says whether it is whole
  proxyReq.on('error', error => {
    if (!pageRequest.answered) failOnce(error)
  })
  proxyReq.on('close', () => {
    if (--worker.inFlight === 0) worker.onIdle?.()
    // behind its answer, or else whoever answers reads it
    if (withBody && pageRequest.answered) {
      endBody()
      if (req.complete) req.resume()
      else dropInTurns(req)
    }
    // no answer, no error: the connection was closed gracefully, without an answer
    if (!pageRequest.answered) failOnce(new Error('closed without an answer'))
  })
  if (!withBody) return void proxyReq.end()
  req.on('data', () => {
    pageRequest.movedAt = performance.now()
  })
  req.once('close', () => {
    if (!req.complete) proxyReq.destroy()
  })
  // the page may answer, or say that it wants none, before a byte of it has come
  proxyReq.write(NOTHING)
  endBody = pipeInTurns(req, proxyReq)
}

/** RFC 8297. Not to HTTP/1.0, and not behind another answer: Node would put it in the middle of that (lib/front/connections.ts, sayContinue). */
function passHints({ link, ...others }: http.IncomingHttpHeaders, req: IncomingMessage, res: ServerResponse) {
  if (link === undefined || req.httpVersion === '1.0' || !res.socket || res.headersSent) return
  const staysBehind = hopByHop(others.connection)
  const hints = Object.entries(others).filter(([name]) => !staysBehind(name))
  try {
    // of several links, or lines, Node gives one text that it does not take back
    res.writeEarlyHints({ ...Object.fromEntries(hints), link: String(link).split(/,\s*(?=<)/) })
  } catch {
    // a link that Node does not take, and a client can do without
  }
}
