import { pino } from 'pino'
import { createAdmin } from '../lib/admin/admin.ts'
import { listen } from '../lib/front/listen.ts'
import type { WorkerState } from '../lib/observe/life.ts'
import { createTally } from '../lib/observe/tally.ts'
import { request } from './raw.ts'
import { stage } from './stage.ts'

type Options = Parameters<typeof stage>[1] & { workers?: () => readonly WorkerState[] }

/** A request as text, by a name that the admin listener takes for its own. */
export const toAdmin = (line: string, headers: readonly string[] = []) =>
  request(line, ['Host: localhost:4001', ...headers])

/** A stage with an admin listener, which writes into the same log. */
export async function withAdmin(t: Parameters<typeof stage>[0], options: Options = {}) {
  const front = await stage(t, options)
  const { config, life, backend, tally, limit, metrics, history } = front
  const log = pino({ level: 'trace', base: null }, { write: line => void front.log.push(JSON.parse(line)) })
  const admin = createAdmin({
    config,
    life,
    backend,
    metrics,
    tallies: { login: tally, egress: createTally() },
    limit: limit?.tally,
    history,
    log,
    ...(options.workers && { workers: options.workers }),
  })
  t.after(async () => admin.close().closeAllConnections())
  return { ...front, admin, adminPort: await listen(admin, 0, '127.0.0.1') }
}
