import http, { type ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Backend } from '../backend/backend.ts'
import type { RequestRecord } from '../observe/outcome.ts'
import type { Found } from '../routes/table.ts'
import type { Config } from '../settings/settings.ts'
import { type Asking, shakeHands } from './handshake.ts'
import type { Prepare } from './prepare.ts'
import { failureOf, isClosedOrReset } from './proof.ts'
import { setHeaders } from './request-head.ts'
import { passAnswer } from './response.ts'
import { endSilence } from './timeout.ts'
import { openTunnel } from './tunnel.ts'

/** A handshake is a GET: it may be sent once more where its connection closes without an answer. */
const MOST_TRIES = 2

export type Upgrade = ReturnType<typeof createUpgrade>

/**
 * Carries the handshake of an admitted request for a WebSocket to the API, and the connection after it. Resolves when the tunnel
 * stands, or the API's refusal has been passed on. Only a 101 with the right `Sec-WebSocket-Accept` opens a tunnel: whoever takes any
 * answer for one lets requests through unseen.
 * @param onOpen called where one opens
 * @throws GatewayError where no answer can be passed on; of the function that is returned
 */
export function createUpgrade(
  prepare: Prepare,
  { MAX_HEADER, REPLAY }: Pick<Config, 'MAX_HEADER' | 'REPLAY'>,
  onOpen: () => void,
) {
  const mostTries = REPLAY === 'on' ? MOST_TRIES : 1
  return async (req: IncomingMessage, asking: Asking, record: RequestRecord, found: Found): Promise<void> => {
    const { route } = found
    const { socket, res } = asking
    record.route = 'upgrade'
    const { backend, host = route.origin.host, changes, acquireSlot } = prepare(req, record, found)
    const head = {
      headers: { ...req.headers, host, connection: 'Upgrade', upgrade: 'websocket' },
      maxHeaderSize: MAX_HEADER,
    }
    const releaseSlot = acquireSlot()
    try {
      for (let tries = 1; ; tries++) {
        const { asked, address } = ask(backend, found, head, record, res)
        const said = await shakeHands(asked, socket).catch((error: unknown) => {
          const isClosed = isClosedOrReset(error)
          if (isClosed && !socket.destroyed && address()) backend.agent.demote(address(), 'closes')
          if (tries < mostTries && isClosed) return undefined
          throw failureOf(error, undefined, tries > 1)
        })
        if (said && address()) backend.agent.answered(address(), true)
        if (socket.destroyed) return void (said?.tunnel?.socket ?? said?.answer)?.destroy()
        if (said?.tunnel) {
          openTunnel(asking, said, { bad: 'BACKEND_BAD_ANSWER', idleMs: route.timeout, changes })
          record.answered = 101
          onOpen()
          return
        }
        if (said) {
          res.once('close', () => said.answer.destroy())
          return passAnswer(said, res, record, changes)
        }
        record.retries = tries
      }
    } finally {
      releaseSlot()
    }
  }
}

/**
 * Sends a handshake over a new connection, which no pool gets back.
 * @returns the request, and the address that it was sent to; empty as long as there is no connection
 */
function ask(
  { origin, agent }: Backend,
  { route, target }: Found,
  head: Pick<http.RequestOptions, 'headers' | 'maxHeaderSize'>,
  record: RequestRecord,
  res: ServerResponse,
): { asked: ClientRequest; address: () => string } {
  let address = ''
  const asked = http.request({
    agent: agent.agentFor('new'),
    protocol: origin.protocol,
    host: origin.hostname,
    path: target,
    ...head,
  })
  setHeaders(asked, route)
  asked.once('socket', other => {
    address = agent.connectionOf(other)?.address ?? ''
    record.address = address
    record.reused = false
    record.attempts = (record.attempts ?? 0) + 1
    const sentAt = performance.now()
    // dialling has a bound of its own: an API is silent only once it can be reached
    endSilence(asked, undefined, res, route.timeout, () => agent.giveUpOn(address, sentAt))
  })
  return { asked, address: () => address }
}
