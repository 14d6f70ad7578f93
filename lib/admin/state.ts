import about from '../../package.json' with { type: 'json' }
import { inWords } from '../http/errors.ts'
import type { Observed } from '../observe/observed.ts'
import { headlineOf } from './headline.ts'

export type State = ReturnType<typeof stateOf>

/** How the front is at the moment; it goes to clients as JSON. */
export function stateOf({ config, life, backend, tallies, limit, history, workers }: Observed) {
  const { addresses } = backend.book
  const { listed, missing, departed, answer, stale } = addresses
  const pages = workers?.()
  return {
    at: new Date(),
    phase: life.phase,
    version: about.version,
    node: process.version,
    uptimeSeconds: Math.round(process.uptime()),
    headline: headlineOf({ life, addresses, history, workers: pages, limit }),
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
      stale: stale && { since: stale.since, reason: inWords(stale.reason) },
      connections: backend.agent.state(),
      // by address: what it does with Expect: 100-continue
      expect: expectOf(config.REPLAY, backend),
    },
    requests: tallies,
    loginLimit: limit,
    pages,
  }
}

const secondsOrNull = (ms: number, most = ms) => (Number.isFinite(ms) ? Math.min(ms, most) / 1000 : null)

/** Absent where nothing is asked. */
function expectOf(replay: string, { agent, book }: Observed['backend']): Record<string, string> {
  if (replay === 'off') return {}
  const { listed, missing } = book.addresses
  return Object.fromEntries([...listed, ...missing].map(each => [each, agent.expectations.inWords(each)]))
}
