import { setTimeout as sleep } from 'node:timers/promises'
import { openBackend } from './lib/backend/backend.ts'
import { ConfigError, readConfig, settingsTable } from './lib/config.ts'
import { createEgress } from './lib/front/egress.ts'
import { listen } from './lib/front/listen.ts'
import { createFront } from './lib/front/listener.ts'
import { cutOff, stopGracefully } from './lib/front/stopping.ts'
import type { Life } from './lib/life.ts'
import { createLog, logOutcomes } from './lib/log.ts'
import { createLoginLimit } from './lib/login/limit.ts'
import { createProxy } from './lib/login/proxy.ts'
import { createAdmin } from './lib/ops/admin.ts'
import { runDoctor } from './lib/ops/doctor/doctor.ts'
import { logMetrics } from './lib/ops/emf.ts'
import { createHistory } from './lib/ops/history.ts'
import { createMetrics } from './lib/ops/metrics.ts'
import { toAll } from './lib/outcome.ts'
import { openPages, type Pages } from './lib/pages/pages.ts'
import { createTally } from './lib/tally.ts'
import { openTraces } from './lib/traces/traces.ts'

/** The first answer of DNS is waited for so long; a front whose resolver is down listens all the same. */
const FIRST_ANSWER_MS = 3000

async function main() {
  const dev = process.env.NODE_ENV === 'development'
  const config = readConfig(process.env)
  const log = createLog(config.LOG_LEVEL, dev && process.stdout.isTTY)
  const life: Life = { phase: 'starting', turnedAway: 0 }
  const tallies = { login: createTally(), egress: createTally() }

  const backend = openBackend(config, log)
  const { LOGIN_LIMIT: perAddress, LOGIN_LIMIT_ACCOUNT: perAccount, LIMIT_STORE: store } = config
  const limit = await createLoginLimit({ perAddress, perAccount, store, log })
  let pages: Pages | undefined
  const workers = () => pages?.state?.()
  const state = { config, life, backend, tallies, limit: limit?.tally, workers, history: createHistory() }
  const metrics = createMetrics(state)
  const admin = createAdmin({ ...state, metrics, log })
  const countForCloudWatch = logMetrics(state, log)
  await Promise.race([backend.book.refresh(), sleep(FIRST_ANSWER_MS)])
  const traces = await openTraces(config, backend.dials, log)
  const tell = toAll(logOutcomes(log), metrics.count, state.history.count, countForCloudWatch, traces?.end)
  const parts = { config, agent: backend.agent, log }
  const login = createProxy({ ...parts, tally: tallies.login, limit })
  const call = createProxy({ ...parts, tally: tallies.egress })
  const egress = createEgress({ config, proxy: call, tell, spans: traces?.begin })
  const egressPort = await listen(egress, config.EGRESS_PORT, '127.0.0.1')
  process.env.BACKEND_URL = `http://127.0.0.1:${egressPort}`
  const adminPort = await listen(admin, config.ADMIN_PORT, config.ADMIN_HOST)

  pages = await openPages(dev, config, log)
  const front = createFront({ config, life, login, pages, tell, spans: traces?.begin })
  const close = async () => {
    await pages?.close()
    await cutOff(egress)
    await traces?.close()
    backend.close()
    limit?.close()
  }
  stopGracefully({ config, life, log, reload: pages.reload, front, close })
  const port = await listen(front, config.PORT, config.HOST)
  life.phase = 'ready'
  log.info({ host: config.HOST, port, adminPort, egressPort, backend: config.BACKEND_ORIGIN.origin }, 'ready')
  process.send?.({ port, adminPort }) // `gatehouse dev` prints it
}

if (process.argv.includes('--help')) {
  process.stdout.write(`Gatehouse is set up by environment variables:\n\n${settingsTable()}\n`)
} else if (process.argv[2] === 'doctor') {
  process.exitCode = await runDoctor(process.env, process.argv)
} else {
  main().catch((error: unknown) => {
    process.stderr.write(
      `${error instanceof ConfigError ? error.message : `Gatehouse cannot start: ${String(error)}`}\n`,
    )
    process.exit(1)
  })
}
