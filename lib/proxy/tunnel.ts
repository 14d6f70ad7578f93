import { Socket } from 'node:net'
import { type ErrorCode, GatewayError } from '../http/errors.ts'
import { pipeInTurns } from '../http/in-turns.ts'
import { type HeadChanges, passHead } from '../http/pass-head.ts'
import { keepLoggedHeaders } from '../observe/outcome.ts'
import { type Asking, joins, type Switched } from './handshake.ts'

/** Without a byte in either direction for so long a tunnel is closed; load balancers do so after a minute (ALB: 60 s by default). */
const IDLE_MS = 3_600_000
/**
 * A side that takes nothing of what is to be sent to it for so long is given up, as by Nginx's send_timeout: nothing more is read from the other side
 * then, and so it is not seen that this has left.
 */
const STALLED_MS = 90_000
/** Where one side has closed, what is left has this long to reach the other, in ms; and for as long again while some of it still waits to be sent. */
const LAST_MS = 2000
/** A peer that is gone without a word is found by TCP itself. */
const KEEP_ALIVE_MS = 30_000

/**
 * Passes the other side's 101 on, and then bytes both ways.
 * @param bad the code of a 101 that answers another handshake, or cannot be passed on
 * @throws GatewayError of that code
 */
export function openTunnel(
  { socket, head, res }: Asking,
  { answer, tunnel: other }: Switched,
  { bad, idleMs = 0, changes }: { bad: ErrorCode; idleMs?: number; changes?: HeadChanges },
): void {
  try {
    if (!joins(answer, String(res.req.headers['sec-websocket-key'])))
      throw new Error('101 that does not answer the handshake')
    passHead(answer, res, { ...changes, switches: true })
  } catch (error) {
    other.socket.destroy()
    throw new GatewayError(bad, error)
  }
  res.end()
  keepLoggedHeaders(res.req)
  tunnel({ socket, head }, other, idleMs)
}

/**
 * Passes bytes on between two connections, each as fast as the other takes them, until one of them ends.
 * @param idleMs the least silence of both that is borne while nothing is to be sent
 */
function tunnel(client: Switched['tunnel'], api: Switched['tunnel'], idleMs: number): void {
  // what stays for as long as the tunnel stands has no head: an empty one holds the 64 KB of the read that it is cut from
  const sockets = [client.socket, api.socket]
  for (const { socket, head } of [client, api]) if (head.length > 0) socket.unshift(head)
  const close = () => {
    for (const socket of sockets) socket.destroy()
  }
  let silentMs = 0
  const look = () => {
    silentMs += STALLED_MS
    if (silentMs >= Math.max(idleMs, IDLE_MS) || sockets.some(each => each.writableLength > 0)) close()
    else idle.refresh()
  }
  const idle = setTimeout(look, STALLED_MS)
  let last: NodeJS.Timeout | undefined
  const endSoon = () => {
    last ??= setTimeout(() => {
      if (sockets.some(each => !each.destroyed && each.writableLength > 0)) last?.refresh()
      else close()
    }, LAST_MS)
  }
  for (const socket of sockets) {
    if (socket instanceof Socket) socket.setTimeout(0).setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS)
    socket.on('data', () => {
      silentMs = 0
      idle.refresh()
    })
    socket.once('end', endSoon)
    socket.once('error', close)
    socket.once('close', () => {
      // what it has sent is still on its way to the other
      endSoon()
      if (!sockets.every(each => each.destroyed)) return
      clearTimeout(idle)
      clearTimeout(last)
    })
  }
  pipeInTurns(client.socket, api.socket)
  pipeInTurns(api.socket, client.socket)
}
