import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WorkerState } from '../observe/lifecycle.ts'
import type { RequestRecord } from '../observe/outcome.ts'
import type { Asking } from '../proxy/handshake.ts'

/** Whatever serves the pages. */
export type Pages = {
  handle(req: IncomingMessage, res: ServerResponse, record: RequestRecord): void
  /**
   * Takes the handshake of a WebSocket that is no API's: Next passes on what a rewrite to another server takes, and answers the plain
   * request that each other one also is. Resolves when the tunnel stands, or the answer has begun.
   * @throws GatewayError where no answer can be passed on
   */
  upgrade?(req: IncomingMessage, asking: Asking, record: RequestRecord): Promise<void>
  /** Next's own WebSocket; absent but in development */
  hotReloader?(req: IncomingMessage, socket: Duplex, head: Buffer): void
  /** replaces every worker gracefully, one after the other; absent where there are none */
  reload?(): void
  /** for the status page; absent where there are no workers */
  state?(): readonly WorkerState[]
  /**
   * Call when no page is asked for any more.
   * @param ms what `after()` and the pages' own SIGTERM handlers have
   */
  close(ms: number): Promise<void>
}
