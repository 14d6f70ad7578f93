import about from '../../package.json' with { type: 'json' }
import type { Backend } from '../backend/backend.ts'
import { now } from '../clock.ts'
import { describeError } from '../http/errors.ts'
import type { Observed } from '../observe/observed.ts'
import { type Route, shownPlace } from '../settings/routes.ts'
import type { Config } from '../settings/settings.ts'
import type { Words } from '../settings/words.ts'
import { headlineOf } from './headline.ts'

export type State = ReturnType<typeof stateOf>

/** How the front is at the moment; it goes to clients as JSON. */
export function stateOf(observed: Observed) {
  const { config, lifecycle, backend, backends, tallies, limit, workers } = observed
  const { addresses } = backend.cache
  const others = backends.filter(each => each !== backend)
  const failing = backend.failing()
  const pages = workers?.()
  const expiring = backends.flatMap(each => each.certificate.endsSoon() ?? [])
  return {
    at: new Date(now()),
    phase: lifecycle.phase,
    version: about.version,
    node: process.version,
    uptimeSeconds: Math.round(process.uptime()),
    headline: headlineOf({ ...observed, addresses, others, failing, workers: pages, expiring }),
    backend: backendState(backend, config),
    otherBackends: others.map(each => backendState(each, config)),
    routes: config.routes.map(routeState),
    requests: tallies,
    loginLimit: limit,
    pages,
  }
}

function backendState(backend: Backend, { DNS_MAX_TTL, REPLAY }: Config) {
  const { listed, missing, departed, answer, stale } = backend.cache.addresses
  return {
    origin: backend.name,
    listed,
    missing,
    departed,
    failing: backend.failing().map(({ error, ...each }) => ({ ...each, error: describeError(error) })),
    // a literal address has no TTL, and JSON has no Infinity
    answer: answer && {
      at: answer.at,
      ttlSeconds: secondsOrNull(answer.ttlMs),
      believedSeconds: secondsOrNull(answer.ttlMs, DNS_MAX_TTL),
      file: answer.file,
      name: answer.name,
    },
    stale: stale && { since: stale.since, reason: describeError(stale.reason) },
    connections: backend.agent.state(),
    // by address: what it does with Expect: 100-continue
    expect: expectOf(REPLAY, backend),
  }
}

/** The values of headers may be secret. */
const routeState = (route: Route) => ({
  path: shownPlace(route),
  kind: route.kind,
  to: `${route.origin.origin}${route.base}`,
  except: route.except.map(shownPlace),
})

const secondsOrNull = (ms: number, most = ms) => (Number.isFinite(ms) ? Math.min(ms, most) / 1000 : null)

/** Absent where nothing is asked. */
function expectOf(replay: string, { agent, cache }: Backend): Record<string, Words> {
  if (replay === 'off') return {}
  const { listed, missing } = cache.addresses
  return Object.fromEntries([...listed, ...missing].map(each => [each, agent.expectations.describe(each)]))
}
