import about from '../../package.json' with { type: 'json' }
import { describeError } from '../http/errors.ts'
import type { Observed } from '../observe/observed.ts'
import { headlineOf } from './headline.ts'

export type State = ReturnType<typeof stateOf>

/** How the front is at the moment; it goes to clients as JSON. */
export function stateOf({ config, lifecycle, backend, tallies, limit, history, workers }: Observed) {
  const { addresses } = backend.cache
  const { listed, missing, departed, answer, stale } = addresses
  const pages = workers?.()
  return {
    at: new Date(),
    phase: lifecycle.phase,
    version: about.version,
    node: process.version,
    uptimeSeconds: Math.round(process.uptime()),
    headline: headlineOf({ lifecycle, addresses, history, workers: pages, limit }),
    backend: {
      origin: config.BACKEND_ORIGIN.origin,
      listed,
      missing,
      departed,
      // a literal address has no TTL, and JSON has no Infinity
      answer: answer && {
        at: answer.at,
        ttlSeconds: secondsOrNull(answer.ttlMs),
        believedSeconds: secondsOrNull(answer.ttlMs, config.DNS_MAX_TTL),
      },
      stale: stale && { since: stale.since, reason: describeError(stale.reason) },
      connections: backend.agent.state(),
    },
    requests: tallies,
    loginLimit: limit,
    pages,
  }
}

const secondsOrNull = (ms: number, most = ms) => (Number.isFinite(ms) ? Math.min(ms, most) / 1000 : null)
