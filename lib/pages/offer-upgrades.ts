import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe } from 'node:diagnostics_channel'
import { ClientRequest, type IncomingMessage, type Server } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** In ms. Next waits for ever for a server that a rewrite names and that does not answer a handshake. */
const HANDSHAKE_MS = 60_000

/** What Next has made of an upgrade. */
type Offer = {
  /** the handshake that it has sent on */
  passedOn?: ClientRequest
  /** it has no use for it: it closes the connection, or leaves it open for ever */
  ended: boolean
}

type TakeUpgrade = (req: IncomingMessage, socket: Duplex, head: Buffer) => unknown

/**
 * Offers each upgrade that comes to `server` to Next, which passes it on where a rewrite leads to another server. Every other upgrade is answered as the
 * plain request that it also is (RFC 9110 §7.8): Next would close the connection or leave it open, both without an answer.
 * Exception: a page that listens for upgrades itself (Socket.IO on `res.socket.server`) gets those that Next does not take, as under `next start`.
 * @param next its promise is fulfilled when Next has decided
 * @param handshakeMs time limit for the other server's answer
 */
export function offerUpgrades(server: Server, next: TakeUpgrade, handshakeMs = HANDSHAKE_MS): void {
  const offers = new AsyncLocalStorage<Offer>()
  subscribe('http.client.request.created', message => {
    const offer = offers.getStore()
    if (!offer || typeof message !== 'object' || message === null || !('request' in message)) return
    const { request } = message
    if (request instanceof ClientRequest && request.hasHeader('upgrade')) offer.passedOn = request
  })

  async function take(req: IncomingMessage, socket: Duplex, head: Buffer) {
    const offer: Offer = { ended: false }
    const { end } = socket
    Object.assign(socket, {
      end(...args: unknown[]) {
        // a page's own listener, which refuses a handshake
        if (offers.getStore() !== offer) return Reflect.apply(end, socket, args)
        offer.ended = true
        return socket
      },
    })
    try {
      await offers.run(offer, () => next(req, socket, head))
    } catch {
      // as what it does not take
    }
    Reflect.deleteProperty(socket, 'end')
    const { passedOn, ended } = offer
    if (passedOn && ended) socket.destroy()
    else if (passedOn) limit(passedOn, handshakeMs)
    else if (isAnswered(socket)) return
    else if (ended || server.listenerCount('upgrade') === 1) askPlainly(server, req, socket)
    else limitSilence(socket, handshakeMs)
  }

  server.on('upgrade', (req, socket, head) => {
    socket.on('error', () => socket.destroy())
    void take(req, socket, head)
  })
}

function limit(handshake: ClientRequest, ms: number) {
  const timer = setTimeout(() => handshake.destroy(new Error('no answer to a handshake')), ms)
  for (const event of ['upgrade', 'response', 'close']) handshake.once(event, () => clearTimeout(timer))
}

const isAnswered = (socket: Duplex) =>
  socket.writableEnded || (socket instanceof Socket && socket.bytesWritten > 0)

/** For a page's own listener that leaves an upgrade alone. */
function limitSilence(socket: Duplex, ms: number) {
  const timer = setTimeout(() => {
    if (!isAnswered(socket)) socket.destroy()
  }, ms)
  socket.once('close', () => clearTimeout(timer))
}

/** Has the request read once more, as one that asks for no upgrade; it is the last of its connection. */
function askPlainly(server: Server, { method, url, rawHeaders }: IncomingMessage, socket: Duplex) {
  if (socket.destroyed) return
  const lines = [`${method} ${url} HTTP/1.1`]
  for (let i = 0; i + 1 < rawHeaders.length; i += 2)
    if (!/^(connection|upgrade)$/i.test(rawHeaders[i] ?? ''))
      lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`)
  lines.push('Connection: close')
  socket.unshift(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'))
  server.emit('connection', socket)
}
