import type http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** One request that reached a node. */
export type SeenRequest = {
  /** Its X-Request-Id: Gatehouse gives each request one, and keeps it when it sends the request again. */
  readonly id: string
  readonly method: string
  /** Without the query, which may hold a secret. */
  readonly path: string
  /** The address of the node. */
  readonly node: string
  /** When its head had arrived, in epoch milliseconds. */
  readonly at: number
  /** Its body arrived whole, so the API has executed it. */
  whole: boolean
  /** What was answered; absent before that, and where the connection was closed first. */
  status?: number
}

/** What the nodes of a balancer saw, without a word from what is tested. */
export type Seen = {
  /** The last 10,000 requests. */
  readonly requests: readonly SeenRequest[]
  /** How often a request was executed. */
  executed(id: string): number
  /** The ids of the requests that are not idempotent (POST, PATCH) and were executed more than once. */
  executedMoreThanOnce(): string[]
  /** How many requests each node got; nodes without any are left out. */
  byNode(): Record<string, number>
}

const KEPT = 10_000
const NOT_IDEMPOTENT = new Set(['POST', 'PATCH'])

/**
 * Notes each request that a handler gets.
 * @param wait milliseconds until the handler gets it
 */
export function watchRequests(
  handler: http.RequestListener,
  wait: () => number,
): { readonly seen: Seen; readonly handler: http.RequestListener } {
  const requests: SeenRequest[] = []
  const executed = (id: string) => requests.filter(each => each.id === id && each.whole).length

  async function onRequest(request: http.IncomingMessage, response: http.ServerResponse) {
    const one: SeenRequest = {
      id: String(request.headers['x-request-id'] ?? ''),
      method: request.method ?? '',
      path: request.url?.split('?', 1)[0] ?? '',
      node: request.socket.localAddress ?? '',
      at: Date.now(),
      whole: false,
    }
    requests.push(one)
    if (requests.length > KEPT) requests.shift()
    request.once('end', () => {
      one.whole = true
    })
    response.once('finish', () => {
      one.status = response.statusCode
    })
    const ms = wait()
    if (ms > 0) await sleep(ms, undefined, { ref: false })
    if (!response.destroyed) handler(request, response)
  }

  const seen: Seen = {
    requests,
    executed,
    executedMoreThanOnce() {
      const counts = new Map<string, number>()
      for (const { id, method, whole } of requests)
        if (whole && id !== '' && NOT_IDEMPOTENT.has(method)) counts.set(id, (counts.get(id) ?? 0) + 1)
      return [...counts].filter(([, count]) => count > 1).map(([id]) => id)
    },
    byNode() {
      const counts: Record<string, number> = {}
      for (const { node } of requests) counts[node] = (counts[node] ?? 0) + 1
      return counts
    },
  }
  return { seen, handler: (request, response) => void onRequest(request, response) }
}
