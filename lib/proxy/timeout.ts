import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import type { Stream } from 'node:stream'
import { GatewayError } from '../http/errors.ts'

/**
 * Ends a request with BACKEND_TIMEOUT when for so long nothing of its body leaves and nothing of its answer comes: the
 * head as a whole, or a piece of the body. The socket's own timeout would not do: interim answers, a head byte by byte or
 * the extension of a chunk keep that from ending for ever, and the client has got nothing. While a client reads slowly
 * nothing is taken from the backend, which is no silence of its.
 * @param body absent where the request has none
 * @param res the client's: the listener's own timeout ends one that reads nothing
 * @param onSilence called before the request ends so
 */
export function endSilence(
  proxyReq: ClientRequest,
  body: Stream | undefined,
  res: ServerResponse,
  timeoutMs: number,
  onSilence: () => void,
): void {
  const timer = setTimeout(() => {
    if (res.writableNeedDrain) return moves()
    onSilence()
    proxyReq.destroy(new GatewayError('BACKEND_TIMEOUT'))
  }, timeoutMs)
  const moves = () => void timer.refresh()
  body?.on('data', moves)
  res.on('drain', moves)
  proxyReq.once('response', (answer: IncomingMessage) => {
    moves()
    // paused, or it would flow past whoever takes it later: one right behind the 100 waits until the request's body has left
    answer.pause().on('data', moves)
  })
  proxyReq.once('close', () => {
    clearTimeout(timer)
    // a tunnel's response stays, and a body is sent again: neither shall keep what is over
    body?.off('data', moves)
    res.off('drain', moves)
  })
}
