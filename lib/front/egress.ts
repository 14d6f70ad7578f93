import http from 'node:http'
import proxyAddr from 'proxy-addr'
import { answerError } from '../answer.ts'
import type { Config } from '../config.ts'
import { GatewayError } from '../errors.ts'
import { refuseBrowser } from '../login/cross-site.ts'
import type { BackendProxy } from '../login/proxy.ts'
import { noteFailure, type OnOutcome, type Trace, watch } from '../outcome.ts'
import { admit } from './admission.ts'

/** Names that only this machine's own processes call the listener by; a page in a browser cannot (DNS rebinding). */
const HOST = /^(127\.0\.0\.1|localhost)(:\d+)?$/i
const PEER = /^(::ffff:)?127\./
/** A page's client is told so, and closes first; in Node's own 5 s one that does not listen would meet the close. */
const KEEP_ALIVE_MS = 75_000

type Parts = {
  readonly config: Pick<Config, 'TRUSTED_PROXIES' | 'ALLOWED_ORIGINS'>
  readonly proxy: BackendProxy
  readonly tell: OnOutcome
}

/**
 * The listener by which pages reach the backend from the server side, with the book, the pool and the failover of
 * the logins. It passes every path; bind it to loopback only. It is not listening yet.
 */
export function createEgress({ config, proxy, tell }: Parts): http.Server {
  const isProxy = proxyAddr.compile([...config.TRUSTED_PROXIES])
  // the peer is a page, so what it says of its visitor is believed; of what the visitor said no more than the front believes
  const trust = (address: string, hop: number) => hop === 0 || isProxy(address, hop)
  const server = http.createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (req, res) => {
    const trace: Trace = { route: 'egress' }
    watch(req, res, trace, tell)
    try {
      admit(req, trust)
      if (!HOST.test(req.headers.host ?? '')) throw new GatewayError('NOT_FOUND')
      refuseBrowser(req, config.ALLOWED_ORIGINS)
      proxy(req, res, trace)
    } catch (error) {
      const failure = error instanceof GatewayError ? error : new GatewayError('INTERNAL', error)
      noteFailure(trace, failure)
      answerError(req, res, failure)
    }
  })
  // where a host has net.ipv4.conf.*.route_localnet=1, its neighbours reach 127.0.0.1 as well (CVE-2020-8558)
  server.on('connection', socket => {
    if (!PEER.test(socket.remoteAddress ?? '')) socket.destroy()
  })
  return server
}
