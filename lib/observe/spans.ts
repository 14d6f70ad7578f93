import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Outcome } from './outcome.ts'

/**
 * Makes the spans of a request that is admitted; lib/observe/traces/ does, and where traces are off nobody. From then on the
 * request's headers have the context for whoever gets it next (W3C Trace Context).
 */
export type BeginSpans = (req: IncomingMessage) => Spans

/** The spans of one request: its own, and one for each attempt at sending it on. */
export type Spans = {
  readonly traceId: string
  /**
   * Call right before it is sent on: from then on its headers have the attempt's context.
   * @param origin the backend's; absent for a page worker
   */
  attempt(origin?: URL): AttemptSpan
  /** Call when it is over. */
  end(outcome: Outcome): void
}

export type AttemptSpan = {
  /** Runs what sends it: the connections that are dialled for it become its children. */
  run<T>(send: () => T): T
  /** Call when it is known where it goes. It ends with `proxyReq`. */
  sent(proxyReq: ClientRequest, to: Peer): void
}

type Peer = { readonly address: string; readonly port: number | undefined; readonly worker?: number }

/** Where a collector takes spans by OTLP/HTTP. @param endpoint its base URL, OTEL_EXPORTER_OTLP_ENDPOINT */
export const spansUrl = (endpoint: URL): string => `${endpoint.href.replace(/\/$/, '')}/v1/traces`
