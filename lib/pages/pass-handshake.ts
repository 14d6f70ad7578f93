import http, { type IncomingMessage } from 'node:http'
import { GatewayError, systemErrorCode } from '../http/errors.ts'
import { pipeInTurns } from '../http/in-turns.ts'
import { passHead } from '../http/pass-head.ts'
import { noteFailure, type RequestRecord } from '../observe/outcome.ts'
import { type Asking, shakeHands } from '../proxy/handshake.ts'
import { openTunnel } from '../proxy/tunnel.ts'
import { requestHeaders } from './request-headers.ts'

/**
 * Passes an admitted handshake on to the Next that listens on loopback, and the connection after its 101. Any other answer is that to
 * the plain request that a handshake also is.
 * @param maxHeader bytes, the largest head of an answer
 * @throws GatewayError PAGE_UNAVAILABLE, PAGE_BROKE_OFF
 */
export async function passHandshake(
  port: number,
  req: IncomingMessage,
  asking: Asking,
  maxHeader: number,
  record: RequestRecord,
): Promise<void> {
  const { socket, res } = asking
  const asked = http.request({
    agent: false,
    host: '127.0.0.1',
    port,
    path: req.url,
    headers: { ...requestHeaders(req), connection: 'Upgrade', upgrade: 'websocket' },
    maxHeaderSize: maxHeader,
  })
  const said = await shakeHands(asked, socket).catch((error: unknown) => {
    const refused = systemErrorCode(error) === 'ECONNREFUSED'
    throw new GatewayError(refused ? 'PAGE_UNAVAILABLE' : 'PAGE_BROKE_OFF', error)
  })
  const { answer } = said
  if (socket.destroyed) return void (said.tunnel?.socket ?? answer).destroy()
  if (said.tunnel) return openTunnel(asking, said, { bad: 'PAGE_BROKE_OFF' })
  try {
    passHead(answer, res)
  } catch (error) {
    answer.destroy()
    throw new GatewayError('INTERNAL', error)
  }
  res.once('close', () => answer.destroy())
  answer.once('error', error => {
    noteFailure(record, new GatewayError('PAGE_BROKE_OFF', error))
    res.destroy()
  })
  pipeInTurns(answer, res)
}
