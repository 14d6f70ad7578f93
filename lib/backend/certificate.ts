import type net from 'node:net'
import tls from 'node:tls'
import type { Log } from '../log.ts'

const DAY_MS = 86_400_000
/** ACM renews 60 days before the end, and ACME's clients when a third of the time is left: whoever gets here has a renewal that fails. */
const SOON_MS = 14 * DAY_MS
/** Of a certificate that is valid for a few days, so much of its time. */
const SOON_SHARE = 1 / 4
/** A certificate is parsed when it is asked for, which a burst of connections must not pay for. */
const READ_MS = 3_600_000

export type Expiring = { readonly name: string; readonly at: Date }

/**
 * Until when the certificate of a backend is valid: read from a connection, and so verified, once an hour. Warns once a day while that is soon.
 * @param backend its name
 */
export function watchCertificate(backend: string, log: Log) {
  let readAt = Number.NEGATIVE_INFINITY
  let warnedAt = Number.NEGATIVE_INFINITY
  let read: { readonly notAfter: Date; readonly soonMs: number } | undefined

  function endsSoon(): Expiring | undefined {
    if (!read || read.notAfter.getTime() - Date.now() >= read.soonMs) return undefined
    return { name: backend, at: read.notAfter }
  }

  /** Takes each new connection. */
  function look(socket: net.Socket) {
    const now = performance.now()
    if (now - readAt < READ_MS || !(socket instanceof tls.TLSSocket)) return
    const certificate = socket.getPeerX509Certificate()
    // the other side may have closed already
    if (!certificate) return
    readAt = now
    const { validFromDate, validToDate: notAfter } = certificate
    const validMs = notAfter.getTime() - validFromDate.getTime()
    read = { notAfter, soonMs: Math.min(SOON_MS, validMs * SOON_SHARE) }
    if (!endsSoon() || now - warnedAt < DAY_MS) return
    warnedAt = now
    const days = Math.floor((notAfter.getTime() - Date.now()) / DAY_MS)
    log.warn({ backend, notAfter, days }, 'the certificate of the API expires soon')
  }

  /** `notAfter`: undefined for plain `http:`, and before the first connection */
  return { look, notAfter: () => read?.notAfter, endsSoon }
}
