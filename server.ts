import { runArguments } from './command/arguments.ts'
import { cannotStart } from './command/cannot-start.ts'
import { noProxy } from './lib/front/no-proxy.ts'
import { openFront } from './lib/front/open.ts'
import { findFreePorts } from './lib/front/ports.ts'
import { endAtSignals, stopGracefully } from './lib/front/stopping.ts'
import { createLog } from './lib/log.ts'
import { openPages } from './lib/pages/open.ts'
import { loadConfigFile } from './lib/settings/config-file.ts'
import { type Config, readConfig } from './lib/settings/settings.ts'

async function main(dev: boolean) {
  endAtSignals()
  const asSet = readConfig(process.env, await loadConfigFile(process.cwd()))
  const log = createLog(asSet.LOG_LEVEL, dev && process.stdout.isTTY)
  const { config, taken } = dev ? await findFreePorts(asSet, process.env) : { config: asSet, taken: [] }
  for (const { setting, wished, port } of taken)
    log.warn(`${setting} ${wished} is taken: ${port} takes its place (set ${setting} to choose)`)
  const front = await openFront({
    config,
    log,
    openPages(urls, port) {
      Object.assign(process.env, urls, noProxy(process.env))
      return openPages(dev, { ...config, PORT: port }, log)
    },
  }).catch((error: unknown) => stop(error, config))
  stopGracefully({ config, log, front, pagesHere: dev || config.PAGE_WORKERS === 0 })
  const { ports } = front
  log.info(
    { host: config.HOST, ...ports, backend: front.backends.map(({ name }) => name).join(', ') },
    'ready',
  )
  // `gatehouse dev` prints them
  process.send?.({ ...ports, host: config.HOST, adminHost: config.ADMIN_HOST })
  // whoever started it is gone
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
}

function stop(error: unknown, config?: Config): never {
  process.stderr.write(`${cannotStart(error, config)}\n`)
  process.exit(1)
}

if (!(await runArguments(process.argv.slice(2))))
  main(process.env.NODE_ENV === 'development').catch((error: unknown) => stop(error))
