import { rmSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import type http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Alb, startAlb } from './alb.ts'
import { type Api, createApi } from './api.ts'
import { type Authority, createAuthority } from './certificates.ts'
import { type DnsServer, startDns } from './dns.ts'
import { answerSockets } from './sockets.ts'

export type DemoBackend = {
  alb: Alb
  /** what answers at its nodes */
  handler: Api['handler']
  dns: DnsServer
  authority: Authority
  /** How often each login was executed, by X-Login-Id. */
  logins: Api['logins']
  /** The one account there is. */
  account: { name: string; password: string }
  /** What the front needs to reach it: BACKEND_ORIGIN, DNS_SERVERS, DNS_FAMILY, NODE_EXTRA_CA_CERTS. */
  env: Record<string, string>
  /** Never waits for a client; may be called again. */
  close(): Promise<void>
}

const ACCOUNT = { name: 'taro', password: 'himitsu-no-tobira' }

export type DemoBackendOptions = {
  scryptCost?: number
  nodes?: number
  cookieDomain?: string
  /** Of the DNS answers, in seconds. */
  ttl?: number
  /** The loopback addresses that nodes may have. */
  addresses?: readonly string[]
  /** The port of the nodes; a free one if left out. */
  port?: number
  /** What answers in place of the demo API; it is given that one. */
  wrap?: (api: http.RequestListener) => http.RequestListener
}

/** The whole backend on loopback: DNS, an ALB with TLS, and the API with one account. */
export async function startDemoBackend(options: DemoBackendOptions = {}): Promise<DemoBackend> {
  const { scryptCost = 2 ** 14, nodes = 2, ttl, addresses, port, wrap = api => api } = options
  const authority = await createAuthority()
  const handler = wrap((request, response) => api.handler(request, response))
  const dns = await startDns()
  const alb = await startAlb({
    dns,
    authority,
    handler,
    count: nodes,
    upgrade: answerSockets,
    ...(ttl !== undefined && { ttl }),
    ...(addresses && { addresses }),
    ...(port !== undefined && { port }),
  }).catch(async error => {
    await dns.close()
    throw error
  })
  const api = createApi({
    scryptCost,
    origin: alb.origin,
    ...(options.cookieDomain !== undefined && { cookieDomain: options.cookieDomain }),
    accounts: [{ ...ACCOUNT, displayName: '山田 太郎' }],
  })
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-demo-'))
  const caFile = join(folder, 'ca.pem')
  await writeFile(caFile, authority.ca)

  // also where a process ends without closing, as `next dev` does
  const removeFolder = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', removeFolder)

  let closing: Promise<void> | undefined
  async function close() {
    await alb.close()
    await dns.close()
    process.off('exit', removeFolder)
    removeFolder()
  }

  return {
    alb,
    handler: api.handler,
    dns,
    authority,
    logins: api.logins,
    account: ACCOUNT,
    env: {
      BACKEND_ORIGIN: alb.origin,
      DNS_SERVERS: dns.address,
      // where the loopback has two addresses only, one of them is ::1
      DNS_FAMILY: alb.loopback.family,
      NODE_EXTRA_CA_CERTS: caFile,
    },
    close() {
      closing ??= close()
      return closing
    },
  }
}
