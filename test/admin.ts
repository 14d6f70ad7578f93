import type { TestContext } from 'node:test'
import { listen } from '../lib/front/listen.ts'
import type { WorkerState } from '../lib/life.ts'
import { createAdmin } from '../lib/ops/admin.ts'
import { createTally } from '../lib/tally.ts'
import { stage } from './stage.ts'

type Options = Parameters<typeof stage>[1] & { workers?: () => readonly WorkerState[] }

/** A stage with an admin listener. */
export async function withAdmin(t: TestContext, options: Options = {}) {
  const front = await stage(t, options)
  const { config, life, backend, tally, limit, metrics, history } = front
  const admin = createAdmin({
    config,
    life,
    backend,
    metrics,
    tallies: { login: tally, egress: createTally() },
    limit: limit?.tally,
    history,
    ...(options.workers && { workers: options.workers }),
  })
  t.after(() => void admin.close().closeAllConnections())
  return { ...front, admin, adminPort: await listen(admin, 0, '127.0.0.1') }
}
