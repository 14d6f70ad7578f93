import tls from 'node:tls'
import { startDemoBackend } from '../demo/backend.ts'
import { openBackend } from '../lib/backend/backend.ts'
import { openEgress, urlOf } from '../lib/front/open.ts'
import { createLog } from '../lib/log.ts'
import { logOutcomes } from '../lib/observe/log-line.ts'
import { readConfig } from '../lib/settings/settings.ts'

/**
 * For a developer who knows nothing of server.ts and runs a plain `next dev`: an egress listener beside Next, in its
 * process, so that the same address cache, pool, errors and time limits hold there. Next's own rewrite to the API would pin a
 * connection to an old address, and answer 500 when that is gone.
 */
let started: ReturnType<typeof start> | undefined

/** The rewrites that send BACKEND_PATHS to the listener; none where server.ts already is in front of Next. */
export async function rewrites(): Promise<{ source: string; destination: string }[]> {
  if (started === undefined && process.env.BACKEND_URL) return []
  started ??= start()
  const { url, paths } = await started
  return paths.flatMap(path => [
    { source: path, destination: `${url}${path}` },
    { source: `${path}/:below*`, destination: `${url}${path}/:below*` },
  ])
}

async function start() {
  const config = readConfig({ EGRESS_PORT: '0', LOG_LEVEL: 'warn', ...(await backendEnv()) })
  const log = createLog(config.LOG_LEVEL, process.stdout.isTTY)
  const backend = openBackend(config, log)
  await backend.cache.refresh()
  const { egressPort } = await openEgress({ config, log, backend, onOutcome: logOutcomes(log) })
  const url = urlOf(egressPort)
  process.env.BACKEND_URL = url
  return { url, paths: config.BACKEND_PATHS }
}

/** The environment as it is, or the demo backend's where it names no backend. */
async function backendEnv(): Promise<Record<string, string | undefined>> {
  if (process.env.BACKEND_ORIGIN) return process.env
  const demo = await startDemoBackend()
  // NODE_EXTRA_CA_CERTS is read when a process starts; this one runs already
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), demo.authority.ca])
  const { name, password } = demo.account
  process.stdout.write(
    `No BACKEND_ORIGIN: the demo backend is started along. Account: ${name} / ${password}\n`,
  )
  return { ...process.env, ...demo.env }
}
