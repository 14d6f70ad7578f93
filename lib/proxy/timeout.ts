import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { GatewayError } from '../http/errors.ts'

/** Informational answers (1xx) before the answer itself. A head of each costs as much as that of an answer; Go's client takes 5 of them. */
const MOST_INTERIM = 100

/**
 * Ends a request with BACKEND_TIMEOUT when for `timeoutMs` no piece of its body leaves, and neither the whole head nor a piece of the body of its answer
 * comes; with BACKEND_BAD_ANSWER when more than MOST_INTERIM informational answers have come. The socket's own timeout is not enough: interim answers, a head that comes byte by byte and chunk extensions reset it for ever, while the
 * client gets nothing.
 * The time during which a slow client reads does not count: nothing is taken from the backend then.
 * @param body where it is streamed
 * @param res the client's response; the listener has a timeout for a client that reads nothing
 * @param onSilence called before the request is ended
 * @returns call it when a body leaves that is not streamed
 */
export function endSilence(
  proxyReq: ClientRequest,
  body: Readable | undefined,
  res: ServerResponse,
  timeoutMs: number,
  onSilence: () => void,
): () => void {
  const timer = setTimeout(() => {
    if (res.writableNeedDrain) return moves()
    onSilence()
    proxyReq.destroy(new GatewayError('BACKEND_TIMEOUT'))
  }, timeoutMs)
  const moves = () => void timer.refresh()
  body?.on('data', moves)
  res.on('drain', moves)
  let interim = 0
  proxyReq.on('information', () => {
    if (++interim > MOST_INTERIM)
      proxyReq.destroy(new GatewayError('BACKEND_BAD_ANSWER', new Error(`${interim} informational answers`)))
  })
  proxyReq.once('response', (answer: IncomingMessage) => {
    moves()
    // paused: a `data` listener alone would start the flow before anybody reads. An answer right behind the 100 waits until the request's body has left
    answer.pause().on('data', moves)
  })
  proxyReq.once('close', () => {
    clearTimeout(timer)
    // a tunnel's response outlives this attempt, and must not keep it in memory
    res.off('drain', moves)
  })
  return moves
}
