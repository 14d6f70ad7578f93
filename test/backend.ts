import type http from 'node:http'
import tls from 'node:tls'
import { type Alb, startAlb } from '../testing/alb.ts'
import { createAuthority } from '../testing/certificates.ts'
import { type DnsServer, startDns } from '../testing/dns.ts'
import type { UpgradeListener } from '../testing/node.ts'

/** An authority for the whole test process, trusted by it as NODE_EXTRA_CA_CERTS would be. */
export const authority = await createAuthority()
tls.setDefaultCACertificates([authority.ca])

export type BackendOptions = {
  /** what the API answers; by default 200 without a body */
  handler?: http.RequestListener
  /** what it does with a WebSocket's handshake; without it that is a request like any other */
  upgrade?: UpgradeListener
  /** how many nodes the ALB has at first, and the TTL of its DNS answers in seconds */
  count?: number
  ttl?: number
  /** `false`: plain HTTP */
  secure?: boolean
}

export type TestBackend = { dns: DnsServer; alb: Alb; close(): Promise<void> }

const empty: http.RequestListener = (req, res) => void req.resume().on('end', () => res.end())

/** An ALB with a DNS of its own, on loopback. */
export async function startBackend(options: BackendOptions = {}): Promise<TestBackend> {
  const { handler = empty, secure = true, ...rest } = options
  const dns = await startDns()
  const alb = await startAlb({ handler, dns, ...rest, ...(secure && { authority }) })
  return {
    dns,
    alb,
    async close() {
      await alb.close()
      await dns.close()
    },
  }
}

/** The same, until the test ends. */
export async function withBackend(
  t: { after(end: () => Promise<void>): void },
  options?: BackendOptions,
): Promise<TestBackend> {
  const backend = await startBackend(options)
  t.after(backend.close)
  return backend
}
