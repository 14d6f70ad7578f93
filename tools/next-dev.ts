import tls from 'node:tls'
import { openBackends } from '../lib/backend/backends.ts'
import { mostConnections } from '../lib/front/descriptors.ts'
import { createEgress } from '../lib/front/egress.ts'
import { listen } from '../lib/front/listen.ts'
import { noProxy } from '../lib/front/no-proxy.ts'
import { openEgress, urlOf } from '../lib/front/open.ts'
import { GatewayError } from '../lib/http/errors.ts'
import { createLog } from '../lib/log.ts'
import { refuseCrossSite } from '../lib/login/cross-site.ts'
import type { Handler } from '../lib/login/login.ts'
import { createBounds } from '../lib/observe/bounds.ts'
import { logOutcomes } from '../lib/observe/log-line.ts'
import { openProxy } from '../lib/proxy/proxy.ts'
import { createTable, type FindRoute } from '../lib/routes/table.ts'
import { loadConfigFile } from '../lib/settings/config-file.ts'
import { inOrder, isAtOrBelow, type Place } from '../lib/settings/routes.ts'
import { readConfig } from '../lib/settings/settings.ts'
import { startDemoBackend } from '../testing/backend.ts'

/**
 * For a developer who knows nothing of server.ts and runs a plain `next dev`: an egress listener beside Next, in its
 * process, so that the same address cache, pool, errors and time limits hold there. Next's own rewrite to the API would pin a
 * connection to an old address, and answer 500 when that is gone.
 */
let started: ReturnType<typeof start> | undefined

type Rewrite = { source: string; destination: string }

/** The rewrites that send the routes' paths to the listener; none where server.ts already is in front of Next. */
export async function rewrites(): Promise<Rewrite[]> {
  if (started === undefined && process.env.BACKEND_URL) return []
  started ??= start()
  const { url, routes } = await started
  const except = routes.flatMap(each => each.except)
  return routes.toSorted(inOrder).flatMap(route =>
    rewritesOf(
      route,
      except.filter(({ path }) => isAtOrBelow(path, route.path)),
      url,
    ),
  )
}

/**
 * The longest path comes first; the listener finds the route anew, so only what stays with the pages matters here.
 * @param except whichever route says so
 */
function rewritesOf({ path, exact }: Place, except: readonly Place[], url: string): Rewrite[] {
  const source = escaped(path)
  const itself = { source, destination: `${url}${path}` }
  if (exact) return [itself]
  const others = except
    .filter(each => each.path !== path)
    .map(each => `${escaped(each.path.slice(path.length + 1))}${each.exact ? '$' : '(?:[/;]|$)'}`)
  const below = others.length > 0 ? `:below((?!${others.join('|')}).*)` : ':below*'
  return [
    ...(path === '' || others.length < except.length ? [] : [itself]),
    { source: `${source}/${below}`, destination: `${url}${path}/:below*` },
  ]
}

/** What path-to-regexp takes for more than the character. */
const escaped = (path: string) => path.replace(/[.+*?(){}:!$]/g, '\\$&')

async function start() {
  const env = { EGRESS_PORT: '0', LOG_LEVEL: 'warn', ...process.env }
  const file = await loadConfigFile(process.cwd())
  const config = readConfig({ ...env, ...(!file && (await demoEnv())) }, file)
  const log = createLog(config.LOG_LEVEL, process.stdout.isTTY)
  const backends = openBackends(config, log)
  await Promise.all(backends.all.map(each => each.cache.refresh()))
  const onOutcome = logOutcomes(log, config.LOG_REQUESTS)
  const { proxy } = openProxy({ config, backends, bounds: createBounds(config, mostConnections()), log })
  const { urls } = await openEgress({ config, log, send: proxy, onOutcome })
  Object.assign(process.env, urls, noProxy(process.env))
  const send: Handler = (req, res, record, asked) => {
    if (asked.route.checksSite) refuseCrossSite(req, config)
    record.route = 'api'
    return proxy(req, res, record, asked)
  }
  const listener = createEgress({
    ...{ config, log, send, onOutcome },
    most: mostConnections(),
    find: found(createTable(config.routes)),
  })
  return { url: urlOf(await listen(listener, 0, '127.0.0.1')), routes: config.routes }
}

/** Next has matched its own way; what no route has after all is nowhere. */
const found = (find: FindRoute) => (target: string) => {
  const route = find(target)
  if (!route) throw new GatewayError('NOT_FOUND')
  return route
}

/** The demo backend's environment where none names a backend. */
async function demoEnv(): Promise<Record<string, string | undefined>> {
  if (process.env.BACKEND_ORIGIN) return {}
  const demo = await startDemoBackend()
  // NODE_EXTRA_CA_CERTS is read when a process starts; this one runs already
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), demo.authority.ca])
  const { name, password } = demo.account
  process.stdout.write(
    `No BACKEND_ORIGIN: the demo backend is started along. Account: ${name} / ${password}\n`,
  )
  return demo.env
}
