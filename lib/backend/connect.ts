import net from 'node:net'
import tls from 'node:tls'
import { setOwnTimeout } from './own-time.ts'
import { paceReads } from './paced-reads.ts'

/** Where the backend listens, beside its addresses. */
export type Target = {
  readonly port: number
  /** the name that the certificate must show, or the IP literal; absent for plain `http:` */
  readonly verify?: string
}

/**
 * Of an origin, `https://api.dev.jp:8443`; IPv6 literals stand in brackets there, and SNI has no dot at the end of a name (RFC 6066 §3).
 * @param serverName that the certificate must show, where it is not the origin's
 */
export function targetOf({ protocol, hostname, port }: URL, serverName = hostname): Target {
  const secure = protocol === 'https:'
  return {
    port: Number(port) || (secure ? 443 : 80),
    ...(secure && { verify: serverName.replace(/^\[|\]$|\.$/g, '') }),
  }
}

/** Of `localhost`, the one address that is a name: Node tries both families (RFC 8305). */
const loopback: net.LookupFunction = (_name, _options, callback) =>
  callback(null, [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ])

let context: tls.SecureContext | undefined
/** One for all connections: Node would make one for each, with its own list of ciphers. Made at the first, when the authorities are known. */
const sharedContext = () => (context ??= tls.createSecureContext())

export type Connection = {
  readonly socket: net.Socket
  readonly address: string
  /** what TCP took, the event loop's own delays included */
  readonly connectMs: number
  /** what TLS took after that; absent for plain `http:` */
  readonly tlsMs?: number
  /** set up ahead of its first request: its machine may be gone by then */
  readonly wasSpare?: true
}

/**
 * One connection to one address, an IP address or `localhost`: TCP, then TLS with the certificate checked against `target.verify`.
 * @param timeoutMs for both together, without the time that this process is late itself
 * @param signal ends the attempt
 * @throws whatever was wrong: refused, reset, timed out (ETIMEDOUT), a certificate that does not fit, an abort
 */
export function connect(address: string, target: Target, timeoutMs: number, signal?: AbortSignal) {
  return new Promise<Connection>((resolve, reject) => {
    const started = performance.now()
    let connectMs = 0
    const { port, verify } = target
    const socket =
      verify === undefined
        ? net.connect({ host: address, port, lookup: loopback })
        : tls.connect({
            host: address,
            port,
            lookup: loopback,
            // RFC 6066 §3 allows no literal in SNI; without a name Node checks the address it dialled
            servername: net.isIP(verify) ? '' : verify,
            ALPNProtocols: ['http/1.1'],
            secureContext: sharedContext(),
            // said here, NODE_TLS_REJECT_UNAUTHORIZED=0 does not change it (rule 5)
            rejectUnauthorized: true,
          })
    const clearOwnTimeout = setOwnTimeout(timeoutMs, () => {
      const step = connectMs > 0 ? 'TLS' : 'TCP'
      socket.destroy(Object.assign(new Error(`no ${step} within ${timeoutMs} ms`), { code: 'ETIMEDOUT' }))
    })
    const abort = () => socket.destroy(new Error('overtaken by another address'))
    const settle = () => {
      clearOwnTimeout()
      signal?.removeEventListener('abort', abort)
    }

    signal?.addEventListener('abort', abort)
    paceReads(socket)
    socket.setNoDelay(true)
    // Node's agent does it only as a connection comes back. A machine that is gone while it owes an answer is noticed after 11 s then
    socket.setKeepAlive(true, 1000)
    socket.once('connect', () => {
      connectMs = performance.now() - started
    })
    socket.once(verify === undefined ? 'connect' : 'secureConnect', () => {
      settle()
      socket.removeListener('error', fail)
      socket.removeListener('close', close)
      const tlsMs = performance.now() - started - connectMs
      resolve({ socket, address, connectMs, ...(verify !== undefined && { tlsMs }) })
    })
    const fail = (error: Error) => {
      settle()
      reject(error)
    }
    // a peer that ends the connection inside the handshake may leave no error behind
    const close = () => fail(Object.assign(new Error('closed before it was set up'), { code: 'ECONNRESET' }))
    socket.once('error', fail)
    socket.once('close', close)
  })
}
