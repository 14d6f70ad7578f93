import http from 'node:http'
import type { Backend } from '../backend/backend.ts'
import type { Config } from '../config.ts'
import { inWords } from '../errors.ts'
import type { Life, WorkerState } from '../life.ts'
import type { LimitTally, Tally } from '../tally.ts'
import { answerHealth } from './health.ts'
import type { Metrics } from './metrics.ts'

type Parts = {
  readonly config: Config
  readonly life: Life
  readonly backend: Backend
  readonly tallies: { readonly login: Tally; readonly egress: Tally }
  readonly limit?: LimitTally | undefined
  readonly metrics: Metrics
  readonly workers?: () => readonly WorkerState[] | undefined
}

/** The admin listener: health, the state of the front as JSON at `/`, `/metrics`. It is not listening yet. */
export function createAdmin(parts: Parts): http.Server {
  return http.createServer(async (req, res) => {
    if (answerHealth(req, res, parts.life)) return
    const { type, text } = await find(parts, req)
    res.writeHead(text === '' ? 404 : 200, {
      'Content-Type': type,
      'Content-Length': Buffer.byteLength(text),
      'Cache-Control': 'no-store',
    })
    res.end(req.method === 'HEAD' ? undefined : text)
  })
}

async function find(
  parts: Parts,
  { method, url }: http.IncomingMessage,
): Promise<{ type: string; text: string }> {
  const isRead = method === 'GET' || method === 'HEAD'
  if (isRead && url === '/metrics') {
    return { type: parts.metrics.contentType, text: await parts.metrics.text() }
  }
  const type = 'application/json; charset=utf-8'
  return { type, text: isRead && url === '/' ? `${JSON.stringify(stateOf(parts), null, 2)}\n` : '' }
}

function stateOf({ config, life, backend, tallies, limit, workers }: Parts) {
  const { listed, missing, departed, answer, stale } = backend.book.addresses
  return {
    phase: life.phase,
    uptimeSeconds: Math.round(process.uptime()),
    backend: {
      origin: config.BACKEND_ORIGIN.origin,
      listed,
      missing,
      departed,
      // a literal address has no TTL, and JSON has no Infinity
      answer: answer && {
        at: answer.at,
        ttlSeconds: Number.isFinite(answer.ttlMs) ? answer.ttlMs / 1000 : null,
      },
      stale: stale && { since: stale.since, reason: inWords(stale.reason) },
      connections: backend.agent.state(),
    },
    requests: tallies,
    loginLimit: limit,
    pages: workers?.(),
  }
}
