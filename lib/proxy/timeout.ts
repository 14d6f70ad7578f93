import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { GatewayError } from '../http/errors.ts'

/**
 * Ends a request with BACKEND_TIMEOUT when for so long nothing of its body leaves and nothing of its answer comes: the
 * head as a whole, or a piece of the body. The socket's own timeout would not do: interim answers, a head byte by byte or
 * the extension of a chunk keep that from ending for ever, and the client has got nothing.
 * @param body absent where the request has none
 */
export function endSilence(proxyReq: ClientRequest, body: Readable | undefined, patienceMs: number): void {
  const timer = setTimeout(() => proxyReq.destroy(new GatewayError('BACKEND_TIMEOUT')), patienceMs)
  const moves = () => void timer.refresh()
  body?.on('data', moves)
  proxyReq.once('response', (answer: IncomingMessage) => {
    moves()
    answer.on('data', moves)
  })
  proxyReq.once('close', () => {
    clearTimeout(timer)
    body?.off('data', moves)
  })
}
