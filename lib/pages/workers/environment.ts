import { HAVE_SECRETS } from '../../settings/settings.ts'
import type { Self } from '../self.ts'
import { PASSED_ENV } from './passed-env.ts'

/** Next closes an idle connection after so long; the front has done so before (./process.ts). */
const KEEP_ALIVE_MS = 75_000

/** A page worker's: the front's own without secrets, and what Next is told by it. */
export function environment({ hostname, port }: Self): NodeJS.ProcessEnv {
  const own = {
    NODE_ENV: 'production',
    // as Next's own command says it: to what is not built, such as a cache handler, and for "Ready in"
    NEXT_RUNTIME: 'nodejs',
    NEXT_PRIVATE_START_TIME: String(Date.now()),
    // what Next's server.js reads; preload.ts binds a free port of 127.0.0.1 instead
    PORT: String(port),
    [PASSED_ENV.HOSTNAME]: hostname,
    [PASSED_ENV.KEEP_ALIVE_TIMEOUT]: String(KEEP_ALIVE_MS),
  } as const
  const env: NodeJS.ProcessEnv = { ...process.env, ...own }
  for (const name of HAVE_SECRETS) delete env[name]
  return env
}
